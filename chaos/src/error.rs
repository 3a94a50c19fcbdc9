//! Errors of the harness itself: for the reader, not for programs.

/// Anything that goes wrong, as text.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result whose error is for the reader.
pub type Result<T> = std::result::Result<T, Error>;
