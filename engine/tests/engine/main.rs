//! The engine on real PostgreSQL and Redis; one binary, so that it links once.

mod accounts;
mod admin;
mod bids;
mod campaign_lists;
mod campaigns;
mod feed;
mod forms;
mod my_bids;
mod ranking;
mod seed;
mod sessions;
mod settlement;
