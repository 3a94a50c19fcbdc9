//! The ranking in PostgreSQL: it decides every result, but ranks must be counted.

use super::{
    snapshot::{Ranks, Snapshot, Standing, Standings, Totals},
    standing_bid::StandingBid,
};
use crate::{
    catalog::CampaignRecord,
    error::Result,
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{CampaignId, Score, UserId, api::rankings::RankingRow};
use sqlx::{AssertSqlSafe, PgExecutor};
use uuid::Uuid;

/// Users whose ranks are counted one by one; more are found by numbering the whole campaign.
const COUNTED_MAX: usize = 8;

/// The first `limit` rows in the total order.
pub(super) async fn top(database: &Database, campaign: &CampaignRecord, limit: u32) -> Result<Snapshot> {
    let _timer = time_database("ranking_top");
    let id = campaign.campaign_id.0;
    let mut snapshot = database.snapshot().await?;
    let Totals { participants, bids, .. } = totals(&mut *snapshot, campaign.campaign_id).await?;
    let max_score: Option<f64> = sqlx::query_scalar(
        "SELECT score FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(&mut *snapshot)
    .await?;
    let kth: Option<f64> = sqlx::query_scalar(
        "SELECT score FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC OFFSET $2 LIMIT 1",
    )
    .bind(id)
    .bind(i64::from(campaign.rules.quota.get()) - 1)
    .fetch_optional(&mut *snapshot)
    .await?;
    let rows: Vec<(Uuid, String, f64, i64)> = sqlx::query_as(
        "SELECT user_id, username, score, (price * 100)::bigint
         FROM bids JOIN users USING (user_id)
         WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT $2",
    )
    .bind(id)
    .bind(i64::from(limit))
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.commit().await?;
    let row = |(rank, (user, username, score, cents)): (u64, (Uuid, String, f64, i64))| {
        Ok(RankingRow {
            rank,
            user_id: UserId(user),
            username,
            score: Score::from_stored(score),
            price: columns::money(cents)?,
        })
    };
    Ok(Snapshot {
        rows: (1..).zip(rows).map(row).collect::<Result<_>>()?,
        total_participants: participants,
        min_winning_score: kth.map(Score::from_stored),
        max_score: max_score.map(Score::from_stored),
        version: bids,
    })
}

/// Ranks of standing bids: one more than the bids ahead of each.
pub(super) async fn ranks<'a>(
    database: &Database,
    campaign: CampaignId,
    bids: impl Iterator<Item = &'a StandingBid>,
) -> Result<Ranks> {
    let users: Vec<UserId> = bids.map(|bid| bid.user_id).collect();
    let Standings { version, by_user, .. } = standings(database, campaign, &users).await?;
    Ok(Ranks { version, by_user: by_user.into_iter().map(|(user, standing)| (user, standing.rank)).collect() })
}

/// The standings of the given users; those without a bid are missing.
pub(super) async fn standings(database: &Database, campaign: CampaignId, users: &[UserId]) -> Result<Standings> {
    let _timer = time_database("places");
    // For a few users it is faster to count the bids ahead of each, for many to number all bids.
    let query = if users.len() <= COUNTED_MAX {
        "SELECT mine.user_id, ahead.bids + 1 AS rank, mine.score, (mine.price * 100)::bigint AS price_cents
         FROM bids AS mine, LATERAL (
             SELECT count(*) AS bids FROM bids AS other
             WHERE other.campaign_id = mine.campaign_id AND other.score >= mine.score
               AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
         ) AS ahead
         WHERE mine.campaign_id = $1 AND mine.user_id = ANY($2)"
    } else {
        "SELECT user_id, rank, score, (price * 100)::bigint AS price_cents FROM (
             SELECT user_id, score, price, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
             FROM bids WHERE campaign_id = $1
         ) AS ranked WHERE user_id = ANY($2)"
    };
    // One statement sees one instant, so the ranks belong to the version that is returned with them.
    let query = format!(
        "SELECT total.version, total.participants, standing.user_id, standing.rank, standing.score, standing.price_cents
         FROM (
             SELECT coalesce(sum(bids), 0)::bigint AS version, coalesce(sum(participants), 0)::bigint AS participants
             FROM campaign_totals WHERE campaign_id = $1
         ) AS total LEFT JOIN ({query}) AS standing ON TRUE"
    );
    let rows: Vec<StandingRow> = sqlx::query_as(AssertSqlSafe(query))
        .bind(campaign.0)
        .bind(users.iter().map(|user| user.0).collect::<Vec<_>>())
        .fetch_all(database)
        .await?;
    let mut standings = Standings::default();
    for row in rows {
        standings.version = columns::count(row.version)?;
        standings.total_participants = columns::count(row.participants)?;
        if let (Some(user), Some(rank), Some(score), Some(cents)) = (row.user_id, row.rank, row.score, row.price_cents)
        {
            let standing = Standing {
                rank: columns::count(rank)?,
                score: Score::from_stored(score),
                price: columns::money(cents)?,
                version: standings.version,
            };
            standings.by_user.insert(UserId(user), standing);
        }
    }
    Ok(standings)
}

/// The campaign's totals with one standing, or with none if no requested user has a bid.
#[derive(sqlx::FromRow)]
struct StandingRow {
    version: i64,
    participants: i64,
    user_id: Option<Uuid>,
    rank: Option<i64>,
    score: Option<f64>,
    price_cents: Option<i64>,
}

/// How many bidders and bids a campaign has: the sum of one row per writer.
pub(super) async fn totals(database: impl PgExecutor<'_>, campaign: CampaignId) -> Result<Totals> {
    let _timer = time_database("totals");
    let (participants, bids, max_price): (i64, i64, Option<i64>) = sqlx::query_as(
        "SELECT coalesce(sum(participants), 0)::bigint, coalesce(sum(bids), 0)::bigint, (max(max_price) * 100)::bigint
         FROM campaign_totals WHERE campaign_id = $1",
    )
    .bind(campaign.0)
    .fetch_one(database)
    .await?;
    Ok(Totals {
        participants: columns::count(participants)?,
        bids: columns::count(bids)?,
        max_price: max_price.map(columns::money).transpose()?,
    })
}
