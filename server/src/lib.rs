//! Gavel's server: command line, configuration, HTTP, websockets and graceful shutdown. It is a library, so that tests
//! run the real router; `main.rs` is the binary around it.

mod assets;
mod calendar_file;
mod campaign_chart;
pub mod cli;
pub mod config;
mod csv_exports;
mod demo_crowd;
mod http;
pub mod listener;
pub mod logging;
mod open_files;
pub mod openapi;
mod page_routes;
mod probes_and_metrics;
mod request_rate_limits;
mod rest_api;
pub mod router;
pub mod serve;
mod shutdown;
pub mod state;
mod store_health_cache;
pub mod subcommands;
mod websocket;
