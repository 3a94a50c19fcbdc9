//! The messages of `/ws/{campaign_id}`.

use crate::{
    BidId, CampaignId, CampaignStatus, Money, Score, Timestamp, UserId, Weight,
    api::{campaigns::CampaignDetail, rankings::RankingRow},
};
use serde::{Deserialize, Serialize};

/// A frame from the server: `{"event": ..., "data": ...}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ServerEvent {
    /// The ranking as it is now.
    RankingUpdate(RankingUpdate),
    /// A bid of mine was accepted.
    BidAccepted(BidAccepted),
    /// My rank changed.
    RankChanged(RankChanged),
    /// My bid was declared void.
    BidVoided(BidVoided),
    /// The campaign, its product or its rules were edited, or it was extended or cancelled.
    CampaignUpdated(Box<CampaignUpdated>),
    /// My account was edited.
    AccountUpdated(AccountUpdated),
    /// The campaign was settled.
    CampaignEnded(CampaignEnded),
    /// Answer to [`ClientEvent::Ping`].
    Pong(Pong),
}

/// A frame from a client. The bare text `ping` is understood too and answered with `pong`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ClientEvent {
    /// Requests a [`ServerEvent::Pong`] with the server's time.
    Ping,
}

/// Data of `ranking_update`, sent on connect, on change and at least every two seconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RankingUpdate {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The first K rows, or as many as [`crate::limits::FEED_ROWS_MAX`].
    pub top_k: Vec<RankingRow>,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// The K-th score; null while there are fewer than K participants.
    pub min_winning_score: Option<Score>,
    /// The first score; null without bids.
    pub max_score: Option<Score>,
    /// When this was read.
    pub timestamp: Timestamp,
    /// Grows with every bid that the ranking takes in, by more than one, never falls, and names one ranking. So of two
    /// messages the one with the higher version is newer.
    pub version: u64,
    /// The version of the campaign. A client that knows an older one has missed an edit.
    #[serde(default)]
    pub campaign_version: i64,
}

/// Data of `bid_accepted`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BidAccepted {
    /// The standing bid.
    pub bid_id: BidId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The standing price.
    pub price: Money,
    /// The standing score.
    pub score: Score,
    /// The rank after it.
    pub rank: u64,
    /// Whole milliseconds from the start to its receipt.
    pub time_elapsed_ms: u64,
    /// When it was received.
    pub timestamp: Timestamp,
    /// The version of the ranking in which it has this rank, see [`RankingUpdate::version`].
    #[serde(default)]
    pub version: u64,
}

/// Data of `rank_changed`, sent when a bidder's standing differs from what the socket was last sent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RankChanged {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The rank now.
    pub rank: u64,
    /// The standing score.
    pub score: Score,
    /// The standing price.
    pub price: Money,
    /// Whether the rank is within the quota.
    pub is_winning: bool,
    /// The rank that this socket was last sent; null if none was.
    pub previous_rank: Option<u64>,
    /// The version of the ranking in which this is the rank, see [`RankingUpdate::version`].
    pub version: u64,
}

/// Data of `bid_voided`: a bidder's standing bid is void.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BidVoided {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Why an admin has declared the bid void.
    pub reason: Option<String>,
    /// The version of the ranking that it is not in, see [`RankingUpdate::version`].
    pub version: u64,
}

/// Data of `campaign_updated`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CampaignUpdated {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its status now.
    pub status: CampaignStatus,
    /// Its start now.
    pub start_time: Timestamp,
    /// Its end now.
    pub end_time: Timestamp,
    /// The reason, if it was cancelled.
    pub reason: Option<String>,
    /// The whole campaign, as in `GET /api/v1/campaigns/{id}`.
    pub campaign: CampaignDetail,
}

/// Data of `account_updated`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct AccountUpdated {
    /// Whose account.
    pub user_id: UserId,
    /// The weight of bids from now on.
    pub weight: Weight,
}

/// Data of `campaign_ended`; the personal fields are null without a bid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CampaignEnded {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Whether I won.
    pub is_winner: bool,
    /// My final rank.
    pub final_rank: Option<u64>,
    /// My final score.
    pub final_score: Option<Score>,
    /// My final price: what I pay if I won.
    pub final_price: Option<Money>,
    /// The last winning score; null if fewer than K bid.
    pub min_winning_score: Option<Score>,
}

/// Data of `pong`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pong {
    /// The server's clock.
    pub server_time: Timestamp,
}
