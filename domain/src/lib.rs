//! Gavel's rules and the language of its wire.
//!
//! Everything here is pure: no IO, no clock, no randomness. The crate compiles to WASM for the
//! browser and natively for the server, so that both ends validate, score and order bids with the
//! very same code.
//!
//! - [`rules`]: what a campaign demands of a bid, and the phases it goes through.
//! - [`schedule`]: when a campaign may be held.
//! - [`score`]: the score of a bid and the total order of standing bids.
//! - [`forecast`]: what a bid would achieve, before it is placed.
//! - [`money`], [`validated`], [`ids`], [`timestamp`]: values that are valid by construction.
//! - [`api`] and [`ws`]: the JSON of the HTTP API and of the websocket.
//! - [`error`]: the stable error codes and the error body.

pub mod api;
mod characters;
pub mod error;
pub mod forecast;
pub mod ids;
pub mod limits;
pub mod money;
mod number;
pub mod rules;
pub mod schedule;
pub mod score;
pub mod timestamp;
pub mod validated;
pub mod ws;

pub use error::{ApiError, ErrorCode, FieldError};
pub use ids::{BidId, CampaignId, OrderId, ProductId, UserId};
pub use money::Money;
pub use rules::{BidRejection, CampaignRules, CampaignStatus};
pub use score::{Coefficients, Score, Standing, Weight};
pub use timestamp::Timestamp;
