//! A campaign as the server rendered it: what the live island starts from.

use super::standing::Standing;
use crate::i18n::Lang;
use domain::{
    ApiError, CampaignId, CampaignStatus, Money, Score, Timestamp, UserId, api::rankings::RankingRow, ws::CampaignEnded,
};
use serde::{Deserialize, Serialize};

/// Everything the live island shows, at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The reader's language.
    pub lang: Lang,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The least price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: u64,
    /// The first instant a bid counts.
    pub start_time: Timestamp,
    /// The first instant a bid no longer counts.
    pub end_time: Timestamp,
    /// The phase the server told.
    pub status: CampaignStatus,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// The server's clock when this was made.
    pub server_time: Timestamp,
    /// The ranking.
    pub ranking: RankingView,
    /// The reader, where signed in.
    pub me: Option<UserId>,
    /// The reader's standing bid.
    pub standing: Option<Standing>,
    /// The result, once the campaign is settled.
    pub result: Option<CampaignEnded>,
    /// How the bid form stands: after a plain form post it tells what became of the bid.
    pub bid: BidState,
}

/// The best rows of a ranking, and its size.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RankingView {
    /// The first K rows, or as many as a frame carries.
    pub rows: Vec<RankingRow>,
    /// Bidders with a standing bid.
    pub total: u64,
    /// The K-th score; none while there are fewer than K bidders.
    pub min_winning_score: Option<Score>,
}

/// What is happening to my bid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum BidState {
    /// Nothing was sent.
    Idle,
    /// It is on its way.
    Sending,
    /// It stands, as the server told.
    Accepted(Standing),
    /// My earlier bid was better and stands on.
    Kept(Standing),
    /// The server refused it.
    Refused(ApiError),
    /// No answer came: it may stand or not.
    Unanswered,
}
