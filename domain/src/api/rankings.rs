//! Rankings.

use crate::{CampaignId, Money, Score, Timestamp, UserId, Weight};
use serde::{Deserialize, Serialize};

/// One bidder's row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
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

/// Answer of `GET /api/v1/rankings/{id}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ranking {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// The best rows, in the total order.
    pub rankings: Vec<RankingRow>,
    /// The K-th score; null while there are fewer than K participants.
    pub min_winning_score: Option<Score>,
    /// The first score; null without bids.
    pub max_score: Option<Score>,
    /// When this was read.
    pub updated_at: Timestamp,
    /// See [`crate::websocket::RankingUpdate::version`].
    #[serde(default)]
    pub version: u64,
}

/// Answer of `GET /api/v1/rankings/{id}/me`; nulls without a bid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MyStanding {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The bidder.
    pub user_id: UserId,
    /// From 1.
    pub rank: Option<u64>,
    /// The standing score.
    pub score: Option<Score>,
    /// The standing price.
    pub price: Option<Money>,
    /// Whether the rank is within the quota.
    pub is_winning: Option<bool>,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// The bidder's weight: what their next bid is scored with.
    pub weight: Weight,
    /// Of the ranking in which this is so, see [`crate::websocket::RankingUpdate::version`].
    pub version: u64,
}
