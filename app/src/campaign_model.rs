//! The model of a live campaign: what its page knows, without a browser, so that it can be tested. The views are in
//! `islands/campaign`.

pub(crate) mod forecast_input;
pub mod leaderboard;
pub mod phase;
pub(crate) mod price_input;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod server_clock;
pub mod snapshot;
#[cfg(any(test, feature = "hydrate"))]
pub(crate) mod throttle;
pub mod versioned_standing;
pub(crate) mod visible_rows;
