//! A bidder's standing bids in all campaigns.

use super::history;
use crate::{
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{
    BidId, CampaignId, Money, Score, Timestamp, UserId,
    api::{bids::BidRecord, campaigns::Campaign},
    validated::Page,
};

/// Accepted bids listed with one standing bid; [`super::Bidding::history`] has the rest.
const HISTORY_MAX: i64 = 50;

/// A bidder's standing bid in a campaign, with its rank and history.
#[derive(Clone, PartialEq, Debug)]
pub struct MyBid {
    /// The campaign and its product.
    pub campaign: Campaign,
    /// The standing price.
    pub price: Money,
    /// The standing score.
    pub score: Score,
    /// The rank now, or the final one once the campaign is settled.
    pub rank: u64,
    /// Bidders with a standing bid.
    pub participants: u64,
    /// Whether it has won, that is, has an order.
    pub won: bool,
    /// When the standing bid was received.
    pub accepted_at: Timestamp,
    /// The accepted bids, newest first.
    pub history: Vec<BidRecord>,
}

/// A page of a bidder's standing bids.
#[derive(Clone, PartialEq, Debug)]
pub struct MyBids {
    /// The page, by the standing bid, newest first.
    pub bids: Vec<MyBid>,
    /// How many there are in all.
    pub total: i64,
}

/// A page of a bidder's standing bids, before their campaigns are read.
pub(super) struct MyBidPage {
    pub records: Vec<MyBidRecord>,
    /// How many there are in all.
    pub total: i64,
}

/// A [`MyBid`] without its campaign.
pub(super) struct MyBidRecord {
    standing: StandingRow,
    history: Vec<BidRecord>,
}

/// A standing bid as PostgreSQL has it.
struct StandingRow {
    bid_id: BidId,
    campaign_id: CampaignId,
    price: Money,
    score: Score,
    accepted_at: Timestamp,
    rank: u64,
    participants: u64,
    won: bool,
}

impl MyBidRecord {
    /// The campaign of the bid.
    pub fn campaign_id(&self) -> CampaignId {
        self.standing.campaign_id
    }

    /// Adds the campaign.
    pub fn into_bid(self, campaign: Campaign) -> MyBid {
        let StandingRow { price, score, accepted_at, rank, participants, won, .. } = self.standing;
        MyBid { campaign, price, score, rank, participants, won, accepted_at, history: self.history }
    }
}

/// Reads a page of standing bids: if `running`, in campaigns that take bids at `now`, else in all others.
pub(super) async fn read(
    database: &Database,
    user: UserId,
    running: bool,
    now: Timestamp,
    page: Page,
) -> Result<MyBidPage> {
    let _timer = time_database("my_bids");
    let mut snapshot = database.snapshot().await?;
    let standing = sqlx::query_as!(
        StandingRow,
        r#"WITH mine AS (
               SELECT bid_id, campaign_id, price, score, accepted_seq, accepted_at
               -- The index on campaign and user is searched once per campaign. An index on the user would make every
               -- bid slower, and bidders read this list less often than they bid.
               FROM campaigns JOIN bids USING (campaign_id)
               WHERE user_id = $1 AND void_cause IS NULL AND (campaigns.status = 'open' AND campaigns.end_time > $2) = $3
               ORDER BY accepted_seq DESC OFFSET $4 LIMIT $5
           )
           SELECT bid_id, campaign_id, (price * 100)::bigint AS "price!: Column<Money>",
               score AS "score: Column<Score>", accepted_at AS "accepted_at: Column<Timestamp>",
               -- Ranks of running campaigns come from Redis. The others are counted, because their rankings in Redis
               -- expire after a day.
               1 + (SELECT count(*) FROM bids AS other
                    WHERE NOT $3 AND other.campaign_id = mine.campaign_id AND other.void_cause IS NULL
                      AND other.score >= mine.score
                      AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
                   ) AS "rank!: Column<u64>",
               (SELECT coalesce(sum(participants), 0)::bigint FROM campaign_totals
                WHERE campaign_totals.campaign_id = mine.campaign_id)
               - (SELECT count(*) FROM bids AS void
                  WHERE void.campaign_id = mine.campaign_id AND void_cause IS NOT NULL) AS "participants!: Column<u64>",
               EXISTS (SELECT FROM orders WHERE orders.campaign_id = mine.campaign_id AND user_id = $1) AS "won!"
           FROM mine ORDER BY accepted_seq DESC"#,
        user.0,
        now.as_datetime(),
        running,
        i64::from(page.skip),
        i64::from(page.limit),
    );
    let standing = standing.fetch_all(&mut *snapshot).await?;
    let total = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM campaigns JOIN bids USING (campaign_id)
           WHERE user_id = $1 AND void_cause IS NULL AND (campaigns.status = 'open' AND campaigns.end_time > $2) = $3"#,
        user.0,
        now.as_datetime(),
        running,
    );
    let total = total.fetch_one(&mut *snapshot).await?;
    let mut histories =
        history::latest(&mut snapshot, standing.iter().map(|standing| standing.bid_id), HISTORY_MAX).await?;
    snapshot.commit().await?;
    let with_history = |standing: StandingRow| {
        let history = histories.remove(&standing.bid_id).unwrap_or_default();
        MyBidRecord { standing, history }
    };
    Ok(MyBidPage { records: standing.into_iter().map(with_history).collect(), total })
}
