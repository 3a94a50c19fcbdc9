//! Campaigns.

use super::products::Product;
use crate::{
    CampaignId, CampaignStatus, Money, ProductId, Score, Timestamp,
    score::Coefficient,
    validated::{Quota, Reason},
};
use serde::{Deserialize, Serialize};

/// A campaign with the product it sells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Campaign {
    /// Its id.
    pub campaign_id: CampaignId,
    /// The product it sells.
    pub product_id: ProductId,
    /// The first instant at which it takes bids.
    pub start_time: Timestamp,
    /// The first instant at which it no longer takes bids.
    pub end_time: Timestamp,
    /// Points per currency unit of price.
    pub alpha: Coefficient,
    /// Points for speed.
    pub beta: Coefficient,
    /// Points per unit of the user's weight.
    pub gamma: Coefficient,
    /// K: how many bids win.
    pub quota: Quota,
    /// Its status by the server's clock.
    pub status: CampaignStatus,
    /// Why it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cancel_reason: Option<String>,
    /// When it was settled; null until then.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub settled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows with every edit of the campaign and of its product.
    #[serde(default)]
    pub version: i64,
    /// The product it sells.
    pub product: Product,
}

/// The statistics of a campaign's ranking.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignStats {
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// Accepted bids.
    pub total_bids: u64,
    /// The highest price accepted so far; null without bids.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub max_price: Option<Money>,
    /// The K-th score; null while there are fewer than K participants.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub min_winning_score: Option<Score>,
    /// The first score; null without bids.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub max_score: Option<Score>,
}

/// Response of `GET /api/v1/campaigns/{id}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignDetail {
    /// The campaign and its product.
    #[serde(flatten)]
    pub campaign: Campaign,
    /// The statistics of its ranking.
    pub stats: CampaignStats,
    /// The server's time of the response.
    pub server_time: Timestamp,
}

/// Response of `GET /api/v1/campaigns`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignList {
    /// The page, by start, latest first.
    pub campaigns: Vec<Campaign>,
    /// How many there are in all.
    pub total: i64,
}

/// Body of `POST /api/v1/campaigns`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateCampaign {
    /// What it sells.
    pub product_id: ProductId,
    /// The first instant at which it takes bids. It may be in the past; the campaign is then active at once.
    pub start_time: Timestamp,
    /// The first instant at which it no longer takes bids; after the start and in the future.
    pub end_time: Timestamp,
    /// Points per currency unit of price; 1 by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub alpha: Option<Coefficient>,
    /// Points for speed; 1000 by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub beta: Option<Coefficient>,
    /// Points per unit of the user's weight; 100 by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub gamma: Option<Coefficient>,
    /// K; the available stock by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::QuotaOrText>))]
    pub quota: Option<Quota>,
}

/// Body of `PATCH /api/v1/campaigns/{id}`: absent fields stay as they are. Before the start everything may change;
/// while the campaign is active only `end_time`, and only to a later instant.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateCampaign {
    /// Another product, from whose stock the quota is then promised.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// A new start.
    #[serde(default)]
    pub start_time: Option<Timestamp>,
    /// A new end.
    #[serde(default)]
    pub end_time: Option<Timestamp>,
    /// A new alpha.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub alpha: Option<Coefficient>,
    /// A new beta.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub beta: Option<Coefficient>,
    /// A new gamma.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::CoefficientOrText>))]
    pub gamma: Option<Coefficient>,
    /// A new quota.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::QuotaOrText>))]
    pub quota: Option<Quota>,
}

/// Body of `POST /api/v1/campaigns/{id}/cancel`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelCampaign {
    /// The reason, which is shown to the bidders.
    pub reason: Reason,
}
