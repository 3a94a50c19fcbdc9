//! Accepted bids, newest first.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{
    BidId, CampaignId, Money, Score, Timestamp, UserId,
    api::bids::{BidHistory, BidRecord},
    validated::Page,
};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// A query for accepted bids; `$rest` is what follows `FROM`.
macro_rules! query_bids {
    ($rest:literal, $($parameter:expr),*) => {
        sqlx::query_as!(
            BidRecord,
            r#"SELECT bid_id, campaign_id, (price * 100)::bigint AS "price!: Column<Money>",
                   score AS "score: Column<Score>", time_elapsed_ms AS "time_elapsed_ms: Column<u64>",
                   bid_number AS "bid_number: Column<u32>", accepted_at AS "accepted_at: Column<Timestamp>"
               FROM "# + $rest,
            $($parameter),*
        )
    };
}

/// Every accepted bid of a user in a campaign.
pub(super) async fn read(database: &Database, user: UserId, campaign: CampaignId, page: Page) -> Result<BidHistory> {
    let _timer = time_database("bid_history");
    let mut snapshot = database.snapshot().await?;
    let standing = sqlx::query!(
        "SELECT bid_id, bid_number FROM bids WHERE campaign_id = $1 AND user_id = $2",
        campaign.0,
        user.0,
    );
    let Some(standing) = standing.fetch_optional(&mut *snapshot).await? else {
        return Ok(BidHistory { bids: Vec::new(), total: 0 });
    };
    let bids = query_bids!(
        "bid_events WHERE bid_id = $1 ORDER BY bid_number DESC OFFSET $2 LIMIT $3",
        standing.bid_id,
        i64::from(page.skip),
        i64::from(page.limit)
    );
    Ok(BidHistory { bids: bids.fetch_all(&mut *snapshot).await?, total: i64::from(standing.bid_number) })
}

/// The last `limit` accepted bids of each standing bid.
pub(super) async fn latest(
    connection: &mut PgConnection,
    standing: impl Iterator<Item = BidId>,
    limit: i64,
) -> Result<HashMap<BidId, Vec<BidRecord>>> {
    let ids: Vec<Uuid> = standing.map(|bid| bid.0).collect();
    let bids = query_bids!(
        "unnest($1::uuid[]) AS wanted (id), LATERAL (
             SELECT * FROM bid_events WHERE bid_id = id ORDER BY bid_number DESC LIMIT $2
         ) AS event",
        &ids,
        limit
    );
    let mut histories: HashMap<BidId, Vec<BidRecord>> = HashMap::new();
    for bid in bids.fetch_all(connection).await? {
        histories.entry(bid.bid_id).or_default().push(bid);
    }
    Ok(histories)
}
