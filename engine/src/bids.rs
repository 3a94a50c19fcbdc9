//! Bids: the way of a bid from its receipt to its answer, and a bidder's history.

mod batch;
mod committer;
mod history;
mod mine;
mod runtime;

pub use mine::{MyBid, MyBids};

pub(crate) use batch::{NewBid, StandingBid, write};
pub(crate) use committer::{Committer, Stores};
pub(crate) use runtime::CommitRuntime;

use crate::{
    Engine,
    error::{Error, Result},
    metrics,
};
use committer::Verdict;
use domain::{
    BidRejection,
    api::{
        accounts::User,
        bids::{BidOutcome, PlaceBid},
    },
    rules::Closing,
};

/// How often a bid is scored anew because the campaign was edited under it. Edits are rare and
/// human, so more than one in a row means something is wrong.
const EDITS_MAX: usize = 5;

impl Engine {
    /// Places a bid and answers once it is durable.
    ///
    /// The standing bid after it comes back, improved or as it was. Up to the commit nothing of
    /// PostgreSQL or Redis is asked as long as the campaign is in memory.
    pub async fn place_bid(&self, bidder: &User, bid: PlaceBid) -> Result<BidOutcome> {
        let timer = metrics::BID_SECONDS.start_timer();
        let result = self.try_place_bid(bidder, bid).await;
        timer.observe_duration();
        let status = match &result {
            Ok(outcome) if outcome.improved => "accepted",
            Ok(_) => "kept",
            Err(error) => error.code().as_str(),
        };
        metrics::BIDS.with_label_values(&[status]).inc();
        result
    }

    async fn try_place_bid(&self, bidder: &User, bid: PlaceBid) -> Result<BidOutcome> {
        let received_at = self.now();
        let mut campaign = self.campaign_record(bid.campaign_id).await?;
        for _ in 0..EDITS_MAX {
            let elapsed_ms = match campaign.rules.check_bid(bid.price, received_at) {
                Ok(elapsed_ms) => elapsed_ms,
                Err(rejection) => {
                    // An acceptance is checked once more when it is written, a refusal only here:
                    // it must not rest on an old copy.
                    let fresh = self.campaign_cache().look(bid.campaign_id).await?;
                    if fresh.version == campaign.version {
                        return Err(Error::BidRejected(rejection, received_at));
                    }
                    campaign = fresh;
                    continue;
                }
            };
            let new = NewBid {
                bid_id: crate::new_id(),
                user_id: bidder.user_id,
                username: bidder.username.clone(),
                price: bid.price,
                score: campaign.rules.coefficients.score(bid.price, elapsed_ms, bidder.weight),
                elapsed_ms,
                received_at,
            };
            match self.committer().submit(&campaign, new).await? {
                Verdict::Standing(standing) => {
                    let outcome = BidOutcome {
                        bid_id: standing.bid_id,
                        campaign_id: bid.campaign_id,
                        user_id: bidder.user_id,
                        price: standing.price,
                        score: standing.score,
                        rank: standing.rank,
                        time_elapsed_ms: standing.elapsed_ms,
                        bid_number: standing.bid_number,
                        improved: standing.improved,
                        is_winning: standing.rank <= campaign.quota(),
                        version: standing.version,
                        created_at: standing.created_at,
                        accepted_at: standing.accepted_at,
                    };
                    return Ok(outcome);
                }
                // The winners are fixed, whatever the clock says: too late.
                Verdict::Closed(Closing::Settled) => {
                    return Err(Error::BidRejected(BidRejection::Ended, received_at));
                }
                Verdict::Closed(Closing::Cancelled) => {
                    return Err(Error::BidRejected(BidRejection::Cancelled, received_at));
                }
                // The campaign was edited since it was read: look again and score the bid anew.
                Verdict::Closed(Closing::Open) => {
                    campaign = self.campaign_cache().reload(bid.campaign_id).await?;
                }
            }
        }
        Err(Error::Overloaded)
    }
}
