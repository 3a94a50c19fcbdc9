//! The whole server on real PostgreSQL and Redis, over TCP; one binary, so that it links once.

mod accounts;
mod admin;
mod bids;
mod binary;
mod campaigns;
mod inputs;
mod lifecycle;
mod lists;
mod orders;
mod overload;
mod pages;
mod products;
mod rankings;
mod security;
mod support;
mod truth;
mod websocket;
