//! What lives in the browser.

mod campaign;
mod list_refresh;

#[cfg(feature = "ssr")]
pub(crate) use campaign::Campaign;
#[cfg(feature = "ssr")]
pub(crate) use list_refresh::ListRefresh;
