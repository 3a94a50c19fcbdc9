//! A campaign as the server rendered it: the initial state of the live island.
//!
//! The page carries it as JSON. Times are milliseconds since the Unix epoch.

use super::versioned_standing::VersionedStanding;
use crate::lang::Lang;
use domain::{
    ApiError, CampaignId, CampaignStatus, Coefficients, ErrorCode, Money, Score, Timestamp, UserId, Weight,
    api::{
        campaigns::Campaign,
        rankings::{Ranking, RankingRow},
    },
    websocket_events::{CampaignEnded, RankingUpdate},
};
use serde::{Deserialize, Serialize};

/// Everything the live island shows, at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampaignSnapshot {
    /// The page's language, which the island's host carries in an attribute of its own.
    #[serde(skip)]
    pub lang: Lang,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The product's name.
    pub name: String,
    /// The minimum price, the quota and the score's weights.
    pub terms: Terms,
    /// The reader, if signed in.
    pub me: Option<Me>,
    /// The start, the end and the status.
    pub schedule: Schedule,
    /// Whether the end was put off during the campaign.
    pub was_extended: bool,
    /// The server's clock at this moment.
    pub server_ms: i64,
    /// The ranking.
    pub ranking: RankingView,
    /// The reader's standing bid.
    pub standing: Option<VersionedStanding>,
    /// The result, once the campaign is settled.
    pub result: Option<Outcome>,
    /// The state of the bid form; after a plain form post, the outcome of that bid.
    pub bid: BidState,
}

/// A campaign's rules for bids. An admin may edit them while the page is open.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// The minimum price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: u64,
    /// The weights of the score.
    pub coefficients: Coefficients,
    /// Incremented by every edit.
    pub version: i64,
}

/// The signed-in reader as a bidder.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Me {
    /// The reader's id.
    pub user_id: UserId,
    /// The reader's weight in the score.
    pub weight: Weight,
}

/// A campaign's start, end and status.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// The first instant bids are accepted.
    pub start_ms: i64,
    /// The first instant bids are no longer accepted.
    pub end_ms: i64,
    /// The last known status.
    pub status: CampaignStatus,
    /// The reason for a cancellation.
    pub reason: Option<String>,
}

/// The first rows of a ranking, and its size.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RankingView {
    /// The first K rows, or as many as a frame holds.
    pub rows: Vec<RankingRow>,
    /// The number of bidders with a standing bid.
    pub total: u64,
    /// The K-th score; none while there are fewer than K bidders.
    pub min_winning_score: Option<Score>,
    /// Grows with every change; a version identifies one ranking.
    pub version: u64,
}

/// The reader's result of a settled campaign.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether the reader won.
    pub is_winner: bool,
    /// The reader's final rank, score and price; none without a bid.
    pub place: Option<FinalPlace>,
    /// The last winning score; none if fewer than K bid.
    pub min_winning_score: Option<Score>,
}

/// A bidder's final rank.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct FinalPlace {
    /// From 1.
    pub rank: u64,
    /// The score.
    pub score: Score,
    /// The price, which a winner pays.
    pub price: Money,
}

/// The state of the reader's bid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum BidState {
    /// No bid was sent.
    Idle,
    /// It will be sent at the start.
    #[serde(skip)]
    Armed {
        /// Its price.
        price: Money,
    },
    /// It was to be sent at the start, which was no longer possible.
    #[serde(skip)]
    Dropped {
        /// Its price.
        price: Money,
    },
    /// Sent; no response yet.
    Sending,
    /// No response, so it is unknown whether the bid stands. The same bid is being sent again.
    Retrying,
    /// No response until the end of the campaign; the ranking will show whether the bid stands.
    Unknown,
    /// The bid became the standing bid.
    Accepted {
        /// Its price.
        price: Money,
        /// When the server received it; unknown after a plain form, because the page may be reloaded later.
        received_ms: Option<i64>,
    },
    /// The earlier bid was better and remains the standing bid.
    Kept {
        /// The price of the earlier bid.
        price: Money,
    },
    /// The server refused it.
    Refused(Refusal),
}

/// Why a bid was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The error's code.
    pub code: ErrorCode,
    /// The minimum price, if the bid was below it.
    pub min_price: Option<Money>,
    /// When the server received the bid, if it was too early or too late.
    pub received_ms: Option<i64>,
}

impl BidState {
    /// The state's name in `data-bid`, for style sheets and tests.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Armed { .. } => "armed",
            Self::Dropped { .. } => "dropped",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Unknown => "unknown",
            Self::Accepted { .. } => "accepted",
            Self::Kept { .. } => "kept",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether it was refused because the session had ended or changed.
    pub fn is_about_the_session(&self) -> bool {
        matches!(
            self,
            Self::Refused(Refusal {
                code: ErrorCode::NotAuthenticated | ErrorCode::InvalidToken | ErrorCode::SessionChanged,
                ..
            })
        )
    }

    /// Whether it is not known if the bid counts.
    pub fn is_unconfirmed(&self) -> bool {
        matches!(self, Self::Sending | Self::Retrying | Self::Unknown)
    }

    /// Whether a response is awaited.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Sending | Self::Retrying)
    }
}

impl From<&Campaign> for Terms {
    fn from(campaign: &Campaign) -> Self {
        Self {
            min_price: campaign.product.min_price,
            quota: u64::from(campaign.quota.get().unsigned_abs()),
            coefficients: Coefficients { alpha: campaign.alpha, beta: campaign.beta, gamma: campaign.gamma },
            version: campaign.version,
        }
    }
}

impl From<&Campaign> for Schedule {
    fn from(campaign: &Campaign) -> Self {
        Self {
            start_ms: campaign.start_time.unix_millis(),
            end_ms: campaign.end_time.unix_millis(),
            status: campaign.status,
            reason: campaign.cancel_reason.clone(),
        }
    }
}

impl From<Ranking> for RankingView {
    fn from(ranking: Ranking) -> Self {
        Self {
            rows: ranking.rankings,
            total: ranking.total_participants,
            min_winning_score: ranking.min_winning_score,
            version: ranking.version,
        }
    }
}

impl From<RankingUpdate> for RankingView {
    fn from(update: RankingUpdate) -> Self {
        Self {
            rows: update.top_k,
            total: update.total_participants,
            min_winning_score: update.min_winning_score,
            version: update.version,
        }
    }
}

impl From<&CampaignEnded> for Outcome {
    fn from(ended: &CampaignEnded) -> Self {
        let place = ended.final_rank.zip(ended.final_score).zip(ended.final_price);
        Self {
            is_winner: ended.is_winner,
            place: place.map(|((rank, score), price)| FinalPlace { rank, score, price }),
            min_winning_score: ended.min_winning_score,
        }
    }
}

impl From<&ApiError> for Refusal {
    fn from(error: &ApiError) -> Self {
        Self {
            code: error.code,
            min_price: error.min_price,
            received_ms: error.server_time.map(Timestamp::unix_millis),
        }
    }
}
