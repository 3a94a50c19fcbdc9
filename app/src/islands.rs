//! The islands: the parts of pages that run in the browser.
//!
//! The server renders an island into a host, an element with the island's name in `data-island` and its initial state in
//! other `data-` attributes. In the browser, `shell/island_loader.js` passes an empty copy of the host to the island, which
//! mounts itself there, and then replaces the server's host with it (see `docs/adr/0002-islands.md`).

#[cfg(any(test, feature = "hydrate"))]
mod backoff;
#[cfg(feature = "hydrate")]
mod browser;
mod campaign;
mod list_refresh;

#[cfg(feature = "ssr")]
pub(crate) use campaign::{LiveCampaign, is_in_lobby};
#[cfg(feature = "hydrate")]
pub use campaign::{feed_event, mount as mount_campaign};
#[cfg(feature = "ssr")]
pub(crate) use list_refresh::ListRefresh;
#[cfg(feature = "hydrate")]
pub use list_refresh::mount as mount_list_refresh;
