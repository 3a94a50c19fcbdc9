//! Bidding: a bid from receipt to answer, and a bidder's own bids.

mod batch_statement;
mod bids_of_user;
mod commit_runtime;
mod committer;
mod history;
mod merge_bids;
mod void_bids;

pub use bids_of_user::{MyBid, MyBids};
pub use void_bids::{OpenBid, VoidBids};

pub(crate) use batch_statement::{NewBid, write};
pub(crate) use commit_runtime::CommitRuntime;
pub(crate) use committer::Committer;
pub(crate) use void_bids::{ChangedBids, follow_accounts};

use crate::{
    catalog::Campaigns,
    clock::Clock,
    error::{Error, Result},
    metrics,
    new_id::new_id,
    ranking::Rankings,
    store::database::Database,
};
use committer::SubmitResult;
use domain::{
    BidRejection, CampaignId, UserId,
    api::{
        accounts::User,
        bids::{BidHistory, BidOutcome, PlaceBid},
    },
    campaign_status::Closing,
    validated::Page,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// How many times a bid is scored because the campaign is edited meanwhile. Admins edit rarely, so several edits in a
/// row mean that something is wrong.
const EDITS_MAX: usize = 5;

/// Campaigns whose rankings are asked for a bidder's standing at the same time.
const STANDINGS_AT_A_TIME: usize = 4;

/// Places bids and reads those of a bidder.
pub struct Bidding {
    database: Database,
    clock: Clock,
    campaigns: Arc<Campaigns>,
    rankings: Arc<Rankings>,
    committer: Arc<Committer>,
}

impl Bidding {
    pub(crate) fn new(
        database: Database,
        clock: Clock,
        campaigns: Arc<Campaigns>,
        rankings: Arc<Rankings>,
        committer: Committer,
    ) -> Self {
        Self { database, clock, campaigns, rankings, committer: Arc::new(committer) }
    }

    /// Places a bid and returns the bidder's standing bid, improved or unchanged, once it is durable.
    ///
    /// As long as the campaign is cached in memory, no store is accessed before the commit.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`; `CAMPAIGN_NOT_STARTED`, `CAMPAIGN_ENDED`, `CAMPAIGN_CANCELLED` or `PRICE_TOO_LOW` if the
    /// rules refuse the bid; `OVERLOADED` if the queue is full or the wait too long, in which case nothing was written;
    /// `UNAVAILABLE` if the process is shutting down, or if PostgreSQL does not answer, in which case the bid may have
    /// been written. Sending a bid again is always safe.
    pub async fn place(&self, bidder: &User, bid: PlaceBid) -> Result<BidOutcome> {
        let timer = metrics::BID_SECONDS.start_timer();
        let result = self.try_place(bidder, bid).await;
        timer.observe_duration();
        let status = match &result {
            Ok(outcome) if outcome.improved => "accepted",
            Ok(_) => "kept",
            Err(error) => error.code().as_str(),
        };
        metrics::BIDS.with_label_values(&[status]).inc();
        result
    }

    async fn try_place(&self, bidder: &User, bid: PlaceBid) -> Result<BidOutcome> {
        let received_at = self.clock.now();
        let mut campaign = self.campaigns.get(bid.campaign_id).await?;
        for _ in 0..EDITS_MAX {
            let elapsed_ms = match campaign.rules.check_bid(bid.price, received_at) {
                Ok(elapsed_ms) => elapsed_ms,
                Err(rejection) => {
                    // An accepted bid is checked again when it is written, a refused one only here, so a refusal must
                    // not rest on a stale copy.
                    let fresh = self.campaigns.get_fresh(bid.campaign_id).await?;
                    if fresh.version == campaign.version {
                        return Err(Error::BidRejected(rejection, received_at));
                    }
                    campaign = fresh;
                    continue;
                }
            };
            let new = NewBid {
                bid_id: new_id(),
                user_id: bidder.user_id,
                username: bidder.username.clone(),
                price: bid.price,
                score: campaign.rules.coefficients.score(bid.price, elapsed_ms, bidder.weight),
                elapsed_ms,
                received_at,
            };
            match self.committer.submit(&campaign, new).await? {
                SubmitResult::Committed(ranked) => {
                    let outcome = BidOutcome {
                        bid_id: ranked.bid_id,
                        campaign_id: bid.campaign_id,
                        user_id: bidder.user_id,
                        price: ranked.price,
                        score: ranked.score,
                        rank: ranked.rank,
                        time_elapsed_ms: ranked.elapsed_ms,
                        bid_number: ranked.bid_number,
                        improved: ranked.improved,
                        is_winning: ranked.rank <= campaign.quota(),
                        version: ranked.version,
                        created_at: ranked.created_at,
                        accepted_at: ranked.accepted_at,
                    };
                    return Ok(outcome);
                }
                // The winners have been determined, whatever the clock says.
                SubmitResult::NotWritten(Closing::Settled) => {
                    return Err(Error::BidRejected(BidRejection::Ended, received_at));
                }
                SubmitResult::NotWritten(Closing::Cancelled) => {
                    return Err(Error::BidRejected(BidRejection::Cancelled, received_at));
                }
                // The campaign was edited meanwhile: score the bid by its new rules, which another bid may have read.
                SubmitResult::NotWritten(Closing::Open) => {
                    let scored_by = campaign.version;
                    campaign = self.campaigns.get(bid.campaign_id).await?;
                    if campaign.version == scored_by {
                        campaign = self.campaigns.reload(bid.campaign_id).await?;
                    }
                }
            }
        }
        Err(Error::Overloaded)
    }

    /// Returns a page of a user's accepted bids in a campaign, newest first.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn history(&self, user: UserId, campaign: CampaignId, page: Page) -> Result<BidHistory> {
        self.campaigns.get(campaign).await?;
        history::read(&self.database, user, campaign, page).await
    }

    /// Returns a page of a user's standing bids, newest first: in campaigns that take bids now if `running`, else in
    /// all others.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn my_bids(&self, user: UserId, running: bool, page: Page) -> Result<MyBids> {
        let now = self.clock.now();
        let page = bids_of_user::read(&self.database, user, running, now, page).await?;
        let ids: Vec<CampaignId> = page.records.iter().map(bids_of_user::MyBidRecord::campaign_id).collect();
        let campaigns = self.campaigns.get_all(&ids).await?;
        let bids = page.records.into_iter().map(async |record| {
            // Demo campaigns may have been deleted meanwhile.
            let Some(campaign) = campaigns.get(&record.campaign_id()) else { return Ok(None) };
            let mut bid = record.into_bid(campaign.to_api(now));
            if running {
                // Read later than the record. Price, score and rank must be of the same instant.
                let standings = self.rankings.standings(campaign, &[user]).await?;
                // It has been made void meanwhile.
                let Some(current) = standings.by_user.get(&user) else { return Ok(None) };
                (bid.price, bid.score, bid.rank) = (current.price, current.score, current.rank);
            }
            Ok::<_, Error>(Some(bid))
        });
        let bids: Vec<Option<MyBid>> = stream::iter(bids).buffered(STANDINGS_AT_A_TIME).try_collect().await?;
        Ok(MyBids { bids: bids.into_iter().flatten().collect(), total: page.total })
    }

    /// Takes no more bids and waits until all that were taken are answered.
    pub(crate) async fn drain(&self) {
        self.committer.drain().await;
    }
}
