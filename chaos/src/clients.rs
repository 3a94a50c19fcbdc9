//! The clients of a round.

pub mod admin;
pub mod api;
pub mod bidders;
pub mod never_reading;
pub mod watchers;
