//! Gavel's server: configuration, lifecycle, router and commands. A library, so that tests serve
//! the real router; `main.rs` is the binary around it.

mod api;
mod assets;
mod cached_health;
pub mod commands;
pub mod config;
mod exports;
mod http;
pub mod lifecycle;
pub mod listener;
mod pages;
pub mod router;
pub mod state;
pub mod telemetry;
mod websocket;
