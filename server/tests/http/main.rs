//! The whole server on real PostgreSQL and Redis, over TCP; one binary, so that it links once.

mod accounts;
mod admin;
mod bids;
mod binary;
mod campaigns;
mod lifecycle;
mod malformed_input;
mod orders;
mod overload;
mod pages;
mod pagination_and_search;
mod products;
mod rankings;
mod security;
mod support;
mod view_consistency;
mod websocket;
