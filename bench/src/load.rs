//! The load generator: threads that bid over many connections, and websockets that watch.

pub mod bid_schedule;
pub mod bid_stats;
pub mod bidders;
pub mod closed_loop;
pub mod latency;
pub mod open_loop;
pub mod threads;
pub mod viewers;
pub mod websocket_client;
pub mod window;
pub mod worker;
