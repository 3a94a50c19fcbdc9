//! The engine on real PostgreSQL and Redis; one binary, so that it links once.

mod accounts;
mod bids;
mod campaigns;
mod feed;
mod ranking;
mod seed;
mod sessions;
mod settlement;
