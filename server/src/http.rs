//! What every request passes through, and how every answer looks.

pub mod admission;
pub mod client;
pub mod extract;
pub mod failure;
pub mod headers;
pub mod metrics;
pub mod origin;
pub mod rate_limit;
