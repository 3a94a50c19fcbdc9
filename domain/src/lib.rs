//! The rules of the auction and the types of the API.
//!
//! Everything here is pure: no IO, no clock, no randomness. The crate is compiled to WASM for the browser and natively
//! for the server, so that both validate, score and order bids with the same code.
//!
//! - [`campaign_status`]: the statuses a campaign goes through.
//! - [`bid_rules`]: when a campaign accepts a bid.
//! - [`campaign_schedule`]: when a campaign may be held.
//! - [`campaign_edits`]: how an active campaign may be edited.
//! - [`stock_rules`]: which quotas fit a product's stock.
//! - [`score`]: the score of a bid.
//! - [`ranking_order`]: who is ahead, of equal scores too.
//! - [`forecast`]: the rank a bid would get, and the prices that would win or lead.
//! - [`unusual_price`]: when a bid must be confirmed because its price may be a typing error.
//! - [`money`], [`validated`], [`ids`], [`timestamp`]: values that are valid by construction.
//! - [`limits`]: the limits of the API.
//! - [`api`] and [`websocket_events`]: the JSON of the HTTP API and of the websocket.
//! - [`error`]: the stable error codes and the error body.
//!
//! The feature `openapi` adds schemas of the API's types, from which the server describes itself.

pub mod api;
pub mod bid_rules;
pub mod campaign_edits;
pub mod campaign_schedule;
pub mod campaign_status;
pub mod error;
pub mod forecast;
pub mod ids;
mod json_number;
pub mod limits;
pub mod money;
mod name_characters;
#[cfg(feature = "openapi")]
mod openapi;
pub mod ranking_order;
pub mod score;
pub mod stock_rules;
pub mod timestamp;
pub mod unusual_price;
pub mod validated;
pub mod websocket_events;

pub use bid_rules::{BidRejection, CampaignRules};
pub use campaign_status::CampaignStatus;
pub use error::{ApiError, ErrorCode, FieldError};
pub use ids::{BidId, CampaignId, OrderId, ProductId, SessionId, UserId};
pub use money::Money;
pub use ranking_order::RankingKey;
pub use score::{Coefficients, Score, Weight};
pub use timestamp::Timestamp;
