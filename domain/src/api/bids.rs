//! Bids.

use crate::{ApiError, BidId, CampaignId, Money, Score, Timestamp, UserId, validated::Reason};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

/// Body of `POST /api/v1/bids`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceBid {
    /// The campaign to bid in.
    pub campaign_id: CampaignId,
    /// The price offered; it binds.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::MoneyOrText))]
    pub price: Money,
    /// The page user, if the bid is sent by a page.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "page_user")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Anything))]
    pub user_id: Option<UserId>,
}

/// Anything but an id is ignored, because clients from before this field may send anything under its name.
fn page_user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Id(UserId),
        Other(IgnoredAny),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::Id(user) => Some(user),
        Given::Other(_) => None,
    })
}

impl PlaceBid {
    /// Refuses a bid from a page that was rendered for another user than `bidder`, who has signed in meanwhile in
    /// another tab and never meant to place it.
    pub fn check_page(&self, bidder: UserId) -> Result<(), ApiError> {
        match self.user_id {
            Some(user) if user != bidder => Err(ApiError::session_changed()),
            _ => Ok(()),
        }
    }
}

/// Body of `PUT /api/v1/campaigns/{id}/bids/{user_id}/void`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoidBid {
    /// Why the bid is void; it is recorded, and shown to the bidder.
    pub reason: Reason,
}

/// Response of `POST /api/v1/bids`: the bidder's standing bid after it, which is on disk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BidOutcome {
    /// The standing bid's id; it stays the same when the bid is improved.
    pub bid_id: BidId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The bidder.
    pub user_id: UserId,
    /// The standing price.
    pub price: Money,
    /// The standing score.
    pub score: Score,
    /// The rank, from 1.
    pub rank: u64,
    /// T of the standing bid: whole milliseconds from the start to its receipt.
    pub time_elapsed_ms: u64,
    /// How many bids made or improved the standing bid.
    pub bid_number: u32,
    /// Whether this bid made or improved the standing bid (201) or left it unchanged (200).
    pub improved: bool,
    /// Whether the rank is within the quota.
    pub is_winning: bool,
    /// The version of the ranking in which it has this rank, see [`crate::websocket_events::RankingUpdate::version`].
    #[serde(default)]
    pub version: u64,
    /// When the bidder's first bid was accepted.
    pub created_at: Timestamp,
    /// When the standing bid was received.
    pub accepted_at: Timestamp,
}

/// One accepted bid of a bidder's history.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BidRecord {
    /// The standing bid it made or improved.
    pub bid_id: BidId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its price.
    pub price: Money,
    /// Its score.
    pub score: Score,
    /// Whole milliseconds from the start to its receipt.
    pub time_elapsed_ms: u64,
    /// Its number among the bidder's accepted bids in the campaign, from 1.
    pub bid_number: u32,
    /// When it was received.
    pub accepted_at: Timestamp,
}

/// Response of `GET /api/v1/bids/{campaign_id}/history`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BidHistory {
    /// The page, newest first.
    pub bids: Vec<BidRecord>,
    /// How many there are in all.
    pub total: i64,
}
