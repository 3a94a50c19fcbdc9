//! The engine on real PostgreSQL and Redis; one binary, so that it links once.

mod accounts;
mod admin;
mod bids;
mod campaigns;
mod feed;
mod forms;
mod mine;
mod ranking;
mod seed;
mod sessions;
mod settlement;
mod shelf;
