//! What lives in the browser.

mod campaign;
mod turnover;

#[cfg(feature = "ssr")]
pub(crate) use campaign::Campaign;
#[cfg(feature = "ssr")]
pub(crate) use turnover::Turnover;
