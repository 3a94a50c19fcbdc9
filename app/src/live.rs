//! What the live campaign knows, free of any browser.

#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod backoff;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod clock;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod frame;
pub mod phase;
pub mod snapshot;
pub mod standing;
