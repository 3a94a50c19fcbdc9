//! The error type of the whole benchmark.

/// Every failure ends the benchmark with a message; nothing distinguishes errors by kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result whose error is a message by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;
