//! A bidder's accepted bids in one campaign.

use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{
    BidId, CampaignId, Score, UserId,
    api::bids::{BidHistory, BidRecord},
    validated::Page,
};
use time::OffsetDateTime;

/// Every accepted bid of a user in a campaign, newest first.
pub(super) async fn read(database: &Database, user: UserId, campaign: CampaignId, page: Page) -> Result<BidHistory> {
    let _timer = time_database("bid_history");
    let mut snapshot = database.snapshot().await?;
    let standing: Option<(uuid::Uuid, i32)> =
        sqlx::query_as("SELECT bid_id, bid_number FROM bids WHERE campaign_id = $1 AND user_id = $2")
            .bind(campaign.0)
            .bind(user.0)
            .fetch_optional(&mut *snapshot)
            .await?;
    let Some((bid_id, total)) = standing else { return Ok(BidHistory { bids: Vec::new(), total: 0 }) };
    let rows: Vec<HistoryRow> = sqlx::query_as(
        "SELECT (price * 100)::bigint AS price_cents, score, time_elapsed_ms, bid_number, accepted_at
             FROM bid_events WHERE bid_id = $1 ORDER BY bid_number DESC OFFSET $2 LIMIT $3",
    )
    .bind(bid_id)
    .bind(i64::from(page.skip))
    .bind(i64::from(page.limit))
    .fetch_all(&mut *snapshot)
    .await?;
    let record = |row: HistoryRow| {
        Ok::<_, Error>(BidRecord {
            bid_id: BidId(bid_id),
            campaign_id: campaign,
            price: columns::money(row.price_cents)?,
            score: Score::from_stored(row.score),
            time_elapsed_ms: columns::count(row.time_elapsed_ms)?,
            bid_number: row.bid_number.unsigned_abs(),
            accepted_at: columns::timestamp(row.accepted_at)?,
        })
    };
    Ok(BidHistory { bids: rows.into_iter().map(record).collect::<Result<_>>()?, total: i64::from(total) })
}

#[derive(sqlx::FromRow)]
struct HistoryRow {
    price_cents: i64,
    score: f64,
    time_elapsed_ms: i64,
    bid_number: i32,
    accepted_at: OffsetDateTime,
}
