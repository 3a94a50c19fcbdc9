//! Tests of the whole server over TCP, with a real PostgreSQL and Redis. One binary, so that it links only once.

mod accounts;
mod admin;
mod bids;
mod campaigns;
mod connection_limit;
mod cross_origin;
mod demo_crowd;
mod malformed_input;
mod openapi;
mod orders;
mod overload;
mod pages;
mod pagination_and_search;
mod probes_and_metrics;
mod process;
mod products;
mod rankings;
mod rate_limits;
mod responses;
mod sessions;
mod shutdown;
mod support;
mod view_consistency;
mod websocket;
