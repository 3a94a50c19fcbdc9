//! A bidder's standing bids in all campaigns.

use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{
    BidId, CampaignId, Money, Score, Timestamp, UserId,
    api::{bids::BidRecord, campaigns::Campaign},
    validated::Page,
};
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

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

/// A standing bid as PostgreSQL has it: a [`MyBid`] without its campaign.
pub(super) struct MyBidRecord {
    pub campaign_id: CampaignId,
    row: MyBidRow,
    price: Money,
    accepted_at: Timestamp,
    rank: u64,
    participants: u64,
    history: Vec<BidRecord>,
}

impl MyBidRecord {
    fn new(row: MyBidRow, history: Vec<BidRecord>) -> Result<Self> {
        Ok(Self {
            campaign_id: CampaignId(row.campaign_id),
            price: columns::money(row.price_cents)?,
            accepted_at: columns::timestamp(row.accepted_at)?,
            rank: columns::count(row.rank)?,
            participants: columns::count(row.participants)?,
            row,
            history,
        })
    }

    /// Adds the campaign.
    pub fn into_bid(self, campaign: Campaign) -> MyBid {
        MyBid {
            campaign,
            price: self.price,
            score: Score::from_stored(self.row.score),
            rank: self.rank,
            participants: self.participants,
            won: self.row.won,
            accepted_at: self.accepted_at,
            history: self.history,
        }
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
    let rows: Vec<MyBidRow> = sqlx::query_as(
        "WITH mine AS (
                 SELECT bid_id, campaign_id, price, score, accepted_seq, accepted_at
                 -- The index on campaign and user is searched once per campaign. An index on the user would make every
                 -- bid slower, and bidders read this list less often than they bid.
                 FROM campaigns JOIN bids USING (campaign_id)
                 WHERE user_id = $1 AND (campaigns.status = 'open' AND campaigns.end_time > $2) = $3
                 ORDER BY accepted_seq DESC OFFSET $4 LIMIT $5
             )
             SELECT bid_id, campaign_id, (price * 100)::bigint AS price_cents, score, accepted_at,
                 -- Ranks of running campaigns come from Redis. The others are counted, because their rankings in Redis
                 -- expire after a day.
                 1 + (SELECT count(*) FROM bids AS other
                      WHERE NOT $3 AND other.campaign_id = mine.campaign_id AND other.score >= mine.score
                        AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)) AS rank,
                 (SELECT coalesce(sum(participants), 0)::bigint FROM campaign_totals
                  WHERE campaign_totals.campaign_id = mine.campaign_id) AS participants,
                 EXISTS (SELECT FROM orders WHERE orders.campaign_id = mine.campaign_id AND user_id = $1) AS won
             FROM mine ORDER BY accepted_seq DESC",
    )
    .bind(user.0)
    .bind(now.as_datetime())
    .bind(running)
    .bind(i64::from(page.skip))
    .bind(i64::from(page.limit))
    .fetch_all(&mut *snapshot)
    .await?;
    let total: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM campaigns JOIN bids USING (campaign_id)
             WHERE user_id = $1 AND (campaigns.status = 'open' AND campaigns.end_time > $2) = $3",
    )
    .bind(user.0)
    .bind(now.as_datetime())
    .bind(running)
    .fetch_one(&mut *snapshot)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.bid_id).collect();
    let events: Vec<BidEventRow> = sqlx::query_as(
        "SELECT event.* FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
                 SELECT bid_id, campaign_id, (price * 100)::bigint AS price_cents, score, time_elapsed_ms, bid_number,
                     accepted_at
                 FROM bid_events WHERE bid_id = id ORDER BY bid_number DESC LIMIT $2
             ) AS event",
    )
    .bind(&ids)
    .bind(HISTORY_MAX)
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.commit().await?;

    let mut histories: HashMap<Uuid, Vec<BidRecord>> = HashMap::new();
    for event in events {
        histories.entry(event.bid_id).or_default().push(event.try_into()?);
    }
    let records = rows
        .into_iter()
        .map(|row| {
            let history = histories.remove(&row.bid_id).unwrap_or_default();
            MyBidRecord::new(row, history)
        })
        .collect::<Result<_>>()?;
    Ok(MyBidPage { records, total })
}

#[derive(sqlx::FromRow)]
struct MyBidRow {
    bid_id: Uuid,
    campaign_id: Uuid,
    price_cents: i64,
    score: f64,
    accepted_at: OffsetDateTime,
    rank: i64,
    participants: i64,
    won: bool,
}

#[derive(sqlx::FromRow)]
struct BidEventRow {
    bid_id: Uuid,
    campaign_id: Uuid,
    price_cents: i64,
    score: f64,
    time_elapsed_ms: i64,
    bid_number: i32,
    accepted_at: OffsetDateTime,
}

impl TryFrom<BidEventRow> for BidRecord {
    type Error = Error;

    fn try_from(row: BidEventRow) -> Result<Self> {
        Ok(Self {
            bid_id: BidId(row.bid_id),
            campaign_id: CampaignId(row.campaign_id),
            price: columns::money(row.price_cents)?,
            score: Score::from_stored(row.score),
            time_elapsed_ms: columns::count(row.time_elapsed_ms)?,
            bid_number: row.bid_number.unsigned_abs(),
            accepted_at: columns::timestamp(row.accepted_at)?,
        })
    }
}
