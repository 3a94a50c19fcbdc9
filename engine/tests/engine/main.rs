//! The engine on real PostgreSQL and Redis; one binary, so that it links once.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod bids;
mod campaigns;
mod feed;
mod ranking;
mod seed;
mod settlement;
