//! What the live campaign knows, free of any browser, so that it can be tested.

#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod backoff;
pub mod board;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod clock;
pub(crate) mod forecast;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod pace;
pub mod phase;
pub(crate) mod price_input;
pub mod snapshot;
pub mod standing;
pub(crate) mod time;
