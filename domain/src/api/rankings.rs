//! Rankings.

use crate::{CampaignId, Money, Score, Timestamp, UserId, Weight};
use serde::{Deserialize, Serialize};

/// One bidder's row in a ranking.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RankingRow {
    /// From 1, without gaps.
    pub rank: u64,
    /// The bidder.
    pub user_id: UserId,
    /// The bidder's name.
    pub username: String,
    /// The standing score.
    pub score: Score,
    /// The standing price.
    pub price: Money,
}

/// Response of `GET /api/v1/rankings/{id}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ranking {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// The first rows, in the total order.
    pub rankings: Vec<RankingRow>,
    /// The K-th score; null while there are fewer than K participants.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub min_winning_score: Option<Score>,
    /// The first score; null without bids.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub max_score: Option<Score>,
    /// When this was read.
    pub updated_at: Timestamp,
    /// The version of the ranking, see [`crate::websocket_events::RankingUpdate::version`].
    #[serde(default)]
    pub version: u64,
}

/// Response of `GET /api/v1/rankings/{id}/me`; the personal fields are null without a bid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyStanding {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The bidder.
    pub user_id: UserId,
    /// From 1.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub rank: Option<u64>,
    /// The standing score.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub score: Option<Score>,
    /// The standing price.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub price: Option<Money>,
    /// Whether the rank is within the quota.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub is_winning: Option<bool>,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// The bidder's weight, with which their next bid is scored.
    pub weight: Weight,
    /// The version of the ranking in which this is the standing, see [`crate::websocket_events::RankingUpdate::version`].
    pub version: u64,
}
