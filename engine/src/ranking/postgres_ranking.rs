//! The ranking in PostgreSQL: it decides every result, but ranks must be counted.

use super::{
    snapshot::{Ranks, Snapshot, Standing, Standings, Totals},
    standing_bid::StandingBid,
};
use crate::{
    catalog::CampaignRecord,
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{CampaignId, Money, Score, UserId, api::rankings::RankingRow};
use sqlx::PgExecutor;
use uuid::Uuid;

/// Users whose ranks are counted one by one; more are found by numbering the whole campaign.
const COUNTED_MAX: usize = 8;

/// The first `limit` rows in the total order.
pub(super) async fn top(database: &Database, campaign: &CampaignRecord, limit: u32) -> Result<Snapshot> {
    let _timer = time_database("ranking_top");
    let id = campaign.campaign_id.0;
    let mut snapshot = database.snapshot().await?;
    let Totals { participants, bids, .. } = totals(&mut *snapshot, campaign.campaign_id).await?;
    let max_score = sqlx::query_scalar!(
        r#"SELECT score AS "score: Column<Score>" FROM bids
           WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT 1"#,
        id,
    );
    let max_score = max_score.fetch_optional(&mut *snapshot).await?;
    let min_winning_score = sqlx::query_scalar!(
        r#"SELECT score AS "score: Column<Score>" FROM bids
           WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC OFFSET $2 LIMIT 1"#,
        id,
        i64::from(campaign.rules.quota.get()) - 1,
    );
    let min_winning_score = min_winning_score.fetch_optional(&mut *snapshot).await?;
    let rows = sqlx::query!(
        r#"SELECT user_id, username, score AS "score: Column<Score>", (price * 100)::bigint AS "price!: Column<Money>"
           FROM bids JOIN users USING (user_id)
           WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT $2"#,
        id,
        i64::from(limit),
    );
    let rows = rows.fetch_all(&mut *snapshot).await?;
    snapshot.commit().await?;
    let rows = (1..).zip(rows).map(|(rank, row)| RankingRow {
        rank,
        user_id: UserId(row.user_id),
        username: row.username,
        score: row.score.into(),
        price: row.price.into(),
    });
    Ok(Snapshot {
        rows: rows.collect(),
        total_participants: participants,
        min_winning_score: min_winning_score.map(Column::into_inner),
        max_score: max_score.map(Column::into_inner),
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
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows = if ids.len() <= COUNTED_MAX {
        counted_standings(database, campaign, &ids).await?
    } else {
        numbered_standings(database, campaign, &ids).await?
    };
    let mut standings = Standings::default();
    for row in rows {
        standings.version = row.version;
        standings.total_participants = row.participants;
        standings.by_user.extend(row.standing());
    }
    Ok(standings)
}

/// The campaign's totals with one standing, or with none if no requested user has a bid.
struct StandingRow {
    version: u64,
    participants: u64,
    user_id: Option<Uuid>,
    rank: Option<Column<u64>>,
    score: Option<Column<Score>>,
    price: Option<Column<Money>>,
}

impl StandingRow {
    fn standing(&self) -> Option<(UserId, Standing)> {
        let standing = Standing {
            rank: self.rank?.into(),
            score: self.score?.into(),
            price: self.price?.into(),
            version: self.version,
        };
        Some((UserId(self.user_id?), standing))
    }
}

/// A query for [`StandingRow`]s; `$standings` selects the standings.
macro_rules! query_standings {
    ($standings:literal, $($parameter:expr),*) => {
        sqlx::query_as!(
            StandingRow,
            r#"-- One statement sees one instant, so the ranks belong to the version that is returned with them.
               SELECT total.version AS "version!: Column<u64>", total.participants AS "participants!: Column<u64>",
                   standing.user_id AS "user_id?", standing.rank AS "rank?: Column<u64>",
                   standing.score AS "score?: Column<Score>",
                   (standing.price * 100)::bigint AS "price?: Column<Money>"
               FROM (
                   SELECT coalesce(sum(bids), 0)::bigint AS version,
                       coalesce(sum(participants), 0)::bigint AS participants
                   FROM campaign_totals WHERE campaign_id = $1
               ) AS total LEFT JOIN ("# + $standings + ") AS standing ON TRUE",
            $($parameter),*
        )
    };
}

/// Counts the bids ahead of each user's, which is faster for a few users.
async fn counted_standings(database: &Database, campaign: CampaignId, users: &[Uuid]) -> Result<Vec<StandingRow>> {
    let standings = query_standings!(
        "SELECT mine.user_id, ahead.bids + 1 AS rank, mine.score, mine.price
         FROM bids AS mine, LATERAL (
             SELECT count(*) AS bids FROM bids AS other
             WHERE other.campaign_id = mine.campaign_id AND other.score >= mine.score
               AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
         ) AS ahead
         WHERE mine.campaign_id = $1 AND mine.user_id = ANY($2)",
        campaign.0,
        users
    );
    Ok(standings.fetch_all(database).await?)
}

/// Numbers all bids of the campaign, which is faster for many users.
async fn numbered_standings(database: &Database, campaign: CampaignId, users: &[Uuid]) -> Result<Vec<StandingRow>> {
    let standings = query_standings!(
        "SELECT user_id, rank, score, price FROM (
             SELECT user_id, score, price, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
             FROM bids WHERE campaign_id = $1
         ) AS ranked WHERE user_id = ANY($2)",
        campaign.0,
        users
    );
    Ok(standings.fetch_all(database).await?)
}

/// How many bidders and bids a campaign has: the sum of one row per writer.
pub(super) async fn totals(database: impl PgExecutor<'_>, campaign: CampaignId) -> Result<Totals> {
    let _timer = time_database("totals");
    let totals = sqlx::query_as!(
        Totals,
        r#"SELECT coalesce(sum(participants), 0)::bigint AS "participants!: Column<u64>",
               coalesce(sum(bids), 0)::bigint AS "bids!: Column<u64>",
               (max(max_price) * 100)::bigint AS "max_price!: Column<Option<Money>>"
           FROM campaign_totals WHERE campaign_id = $1"#,
        campaign.0,
    );
    Ok(totals.fetch_one(database).await?)
}
