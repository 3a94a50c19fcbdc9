//! The engine on real PostgreSQL and Redis; one binary, so that it links once.

mod accounts;
mod audit_log;
mod authorization;
mod bids;
mod campaign_listing;
mod campaigns;
mod database_sessions;
mod demo_data;
mod exports;
mod live;
mod migrations;
mod monitoring;
mod my_bids;
mod personal_data;
mod product_stock;
mod ranking;
mod saved_forms;
mod search;
mod second_factor;
mod sessions;
mod settlement;
mod settlement_audit;
mod support;
mod void_bids;
