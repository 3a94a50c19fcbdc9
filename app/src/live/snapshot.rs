//! A campaign as the server rendered it: what the live island starts from.
//!
//! The browser gets it as JSON in the page and reads it with the code that reads the feed (see
//! `islands::campaign::read`). Times are milliseconds since the Unix epoch.

use super::standing::Standing;
use crate::lang::Lang;
use domain::{
    CampaignId, CampaignStatus, Coefficients, ErrorCode, Money, Score, UserId, Weight, api::rankings::RankingRow,
};
use serde::Serialize;

/// Everything the live island shows, at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// The reader's language; the document tells it.
    #[serde(skip)]
    pub lang: Lang,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The product's name.
    pub name: String,
    /// What it demands and rewards.
    pub terms: Terms,
    /// The reader, where signed in.
    pub me: Option<Me>,
    /// Its dates and state.
    pub schedule: Schedule,
    /// The server's clock when this was made.
    pub server_ms: i64,
    /// The ranking.
    pub ranking: RankingView,
    /// The reader's standing bid.
    pub standing: Option<Standing>,
    /// The result, once the campaign is settled.
    pub result: Option<Outcome>,
    /// How the bid form stands: after a plain form post it tells what became of the bid.
    pub bid: BidState,
}

/// What a campaign demands and rewards. An admin may edit it while the page is open.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Terms {
    /// The least price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: u64,
    /// The weights of the score.
    pub coefficients: Coefficients,
    /// Grows with every edit.
    pub version: i64,
}

/// The reader as a bidder.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Me {
    /// Who it is.
    pub user_id: UserId,
    /// What the score adds for them.
    pub weight: Weight,
}

/// A campaign's dates and state.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Schedule {
    /// The first instant a bid counts.
    pub start_ms: i64,
    /// The first instant a bid no longer counts.
    pub end_ms: i64,
    /// The phase the server told.
    pub status: CampaignStatus,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

/// The best rows of a ranking, and its size.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RankingView {
    /// The first K rows, or as many as a frame carries.
    pub rows: Vec<RankingRow>,
    /// Bidders with a standing bid.
    pub total: u64,
    /// The K-th score; none while there are fewer than K bidders.
    pub min_winning_score: Option<Score>,
    /// Grows with every change; one version names one ranking.
    pub version: u64,
}

/// What came out for the reader.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Outcome {
    /// Whether the reader won.
    pub is_winner: bool,
    /// The reader's final place; none without a bid.
    pub place: Option<FinalPlace>,
    /// The last winning score; none if fewer than K bid.
    pub min_winning_score: Option<Score>,
}

/// Where a bidder came out.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct FinalPlace {
    /// From 1.
    pub rank: u64,
    /// The score.
    pub score: Score,
    /// The price: what is paid, if it won.
    pub price: Money,
}

/// What is happening to my bid.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum BidState {
    /// Nothing was sent.
    Idle,
    /// It is on its way.
    Sending,
    /// No answer came: it may stand or not. The same bid is being sent again.
    Retrying,
    /// No answer came until the end: the ranking will tell.
    Unknown,
    /// A plain form was accepted, or left my earlier bid as it was: what stands now, without a rank, for the
    /// page may be looked at later.
    Posted {
        /// Whether the form's bid is the one that stands.
        improved: bool,
        /// The price that stands.
        price: Money,
    },
    /// It stands, as the server told.
    Accepted(Standing),
    /// My earlier bid was better and stands on.
    Kept(Standing),
    /// The server refused it.
    Refused(Refusal),
}

/// Why a bid was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Refusal {
    /// The stable code.
    pub code: ErrorCode,
    /// The least price that counts, where that is the reason.
    pub min_price: Option<Money>,
    /// When the server received the bid, where time is the reason.
    pub received_ms: Option<i64>,
}

impl BidState {
    /// The state's name for style sheets and tests.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Unknown => "unknown",
            Self::Accepted(_) | Self::Posted { improved: true, .. } => "accepted",
            Self::Kept(_) | Self::Posted { improved: false, .. } => "kept",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether an answer is awaited.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Sending | Self::Retrying)
    }
}
