//! The ranking in PostgreSQL: it decides every result, but ranks must be counted.

use super::{
    bid_counts::BidCounts,
    snapshot::{Snapshot, Standing, Standings, Totals},
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
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Users whose ranks are counted one by one; more are found by numbering the whole campaign.
pub(super) const COUNTED_MAX: usize = 8;

/// The first `limit` rows in the total order, and the bids that they are made of.
pub(super) async fn top(database: &Database, campaign: &CampaignRecord, limit: u32) -> Result<(Snapshot, BidCounts)> {
    let _timer = time_database("ranking_top");
    let id = campaign.campaign_id.0;
    let mut snapshot = database.snapshot().await?;
    let Totals { participants, counts, .. } = totals(&mut *snapshot, campaign.campaign_id).await?;
    let max_score = sqlx::query_scalar!(
        r#"SELECT score AS "score: Column<Score>" FROM bids
           WHERE campaign_id = $1 AND void_cause IS NULL ORDER BY score DESC, accepted_seq ASC LIMIT 1"#,
        id,
    );
    let max_score = max_score.fetch_optional(&mut *snapshot).await?;
    let min_winning_score = sqlx::query_scalar!(
        r#"SELECT score AS "score: Column<Score>" FROM bids
           WHERE campaign_id = $1 AND void_cause IS NULL ORDER BY score DESC, accepted_seq ASC OFFSET $2 LIMIT 1"#,
        id,
        i64::from(campaign.rules.quota.get()) - 1,
    );
    let min_winning_score = min_winning_score.fetch_optional(&mut *snapshot).await?;
    let rows = sqlx::query!(
        r#"SELECT user_id, username, score AS "score: Column<Score>", (price * 100)::bigint AS "price!: Column<Money>"
           FROM bids JOIN users USING (user_id)
           WHERE campaign_id = $1 AND void_cause IS NULL ORDER BY score DESC, accepted_seq ASC LIMIT $2"#,
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
    let top = Snapshot {
        rows: rows.collect(),
        total_participants: participants,
        min_winning_score: min_winning_score.map(Column::into_inner),
        max_score: max_score.map(Column::into_inner),
        bids: counts.accepted(),
        version: counts.version(),
        counts: counts.clone(),
    };
    Ok((top, counts))
}

/// The standings of the given users, and the bids that they are made of; users without a bid are missing.
pub(super) async fn standings(
    database: &Database,
    campaign: CampaignId,
    users: &[UserId],
) -> Result<(Standings, BidCounts)> {
    let _timer = time_database("places");
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let mut snapshot = database.snapshot().await?;
    let Totals { participants, counts, .. } = totals(&mut *snapshot, campaign).await?;
    let rows = if ids.len() <= COUNTED_MAX {
        counted_standings(&mut *snapshot, campaign, &ids).await?
    } else {
        numbered_standings(&mut *snapshot, campaign, &ids).await?
    };
    let void = void_users(&mut *snapshot, campaign, &ids).await?;
    snapshot.commit().await?;
    let version = counts.version();
    let standing = |row: StandingRow| {
        let (score, price) = (row.score.into(), row.price.into());
        (UserId(row.user_id), Standing { rank: row.rank.into(), score, price, version })
    };
    let by_user = rows.into_iter().map(standing).collect();
    Ok((Standings { version, total_participants: participants, by_user, void }, counts))
}

/// Those of the users whose bids are void.
async fn void_users(database: impl PgExecutor<'_>, campaign: CampaignId, users: &[Uuid]) -> Result<HashSet<UserId>> {
    let void = sqlx::query_scalar!(
        r#"SELECT user_id AS "user: Column<UserId>" FROM bids
           WHERE campaign_id = $1 AND void_cause IS NOT NULL AND user_id = ANY($2)"#,
        campaign.0,
        users,
    );
    Ok(void.fetch_all(database).await?.into_iter().map(Column::into_inner).collect())
}

struct StandingRow {
    user_id: Uuid,
    rank: Column<u64>,
    score: Column<Score>,
    price: Column<Money>,
}

/// Counts the bids ahead of each user's, which is faster for a few users.
async fn counted_standings(
    database: impl PgExecutor<'_>,
    campaign: CampaignId,
    users: &[Uuid],
) -> Result<Vec<StandingRow>> {
    let standings = sqlx::query_as!(
        StandingRow,
        r#"SELECT mine.user_id, ahead.bids + 1 AS "rank!: Column<u64>", mine.score AS "score: Column<Score>",
               (mine.price * 100)::bigint AS "price!: Column<Money>"
           FROM bids AS mine, LATERAL (
               SELECT count(*) AS bids FROM bids AS other
               WHERE other.campaign_id = mine.campaign_id AND other.void_cause IS NULL AND other.score >= mine.score
                 AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
           ) AS ahead
           WHERE mine.campaign_id = $1 AND mine.void_cause IS NULL AND mine.user_id = ANY($2)"#,
        campaign.0,
        users
    );
    Ok(standings.fetch_all(database).await?)
}

/// Why an admin has declared a user's standing bid void; `None` if it is not, or there is none.
pub(super) async fn void_reason(database: &Database, campaign: CampaignId, user: UserId) -> Result<Option<String>> {
    let _timer = time_database("void_reason");
    let reason = sqlx::query_scalar!(
        r#"SELECT void_reason AS "reason!" FROM bids WHERE campaign_id = $1 AND user_id = $2 AND void_cause = 'admin'"#,
        campaign.0,
        user.0,
    );
    Ok(reason.fetch_optional(database).await?)
}

/// The ranks of bids in place of their bidders' present ones.
pub(super) async fn ranks_in_place(
    database: &Database,
    campaign: CampaignId,
    bids: &[&StandingBid],
) -> Result<Vec<(UserId, u64)>> {
    let ranks = sqlx::query!(
        r#"SELECT mine.user_id AS "user_id!", ahead.bids + 1 AS "rank!: Column<u64>"
           FROM unnest($2::uuid[], $3::float8[], $4::bigint[]) AS mine (user_id, score, accepted_seq), LATERAL (
               SELECT count(*) AS bids FROM bids AS other
               WHERE other.campaign_id = $1 AND other.void_cause IS NULL AND other.user_id <> mine.user_id
                 AND other.score >= mine.score
                 AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
           ) AS ahead"#,
        campaign.0,
        &bids.iter().map(|bid| bid.user_id.0).collect::<Vec<Uuid>>(),
        &bids.iter().map(|bid| bid.score.get()).collect::<Vec<f64>>(),
        &bids.iter().map(|bid| bid.accepted_seq).collect::<Vec<i64>>(),
    );
    let ranks = ranks.fetch_all(database).await?;
    Ok(ranks.into_iter().map(|row| (UserId(row.user_id), row.rank.into_inner())).collect())
}

/// Numbers all bids of the campaign, which is faster for many users.
async fn numbered_standings(
    database: impl PgExecutor<'_>,
    campaign: CampaignId,
    users: &[Uuid],
) -> Result<Vec<StandingRow>> {
    let standings = sqlx::query_as!(
        StandingRow,
        r#"SELECT user_id, rank AS "rank!: Column<u64>", score AS "score: Column<Score>",
               (price * 100)::bigint AS "price!: Column<Money>"
           FROM (
               SELECT user_id, score, price, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
               FROM bids WHERE campaign_id = $1 AND void_cause IS NULL
           ) AS ranked WHERE user_id = ANY($2)"#,
        campaign.0,
        users
    );
    Ok(standings.fetch_all(database).await?)
}

/// How many bidders and bids a campaign has.
pub(super) async fn totals(database: impl PgExecutor<'_>, campaign: CampaignId) -> Result<Totals> {
    Ok(totals_of_all(database, &[campaign]).await?.remove(&campaign).unwrap_or_default())
}

/// The same of several campaigns at one instant; those without a bid are missing.
pub(super) async fn totals_of_all(
    database: impl PgExecutor<'_>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Totals>> {
    let _timer = time_database("totals");
    // A row per writer.
    let rows = sqlx::query!(
        r#"SELECT campaign_id, process_id AS writer,
               participants AS "participants: Column<u64>", campaign_totals.bids AS "bids: Column<u64>",
               (max_price * 100)::bigint AS "max_price!: Column<Money>", coalesce(void.bids, 0) AS "void!: Column<u64>"
           FROM campaign_totals LEFT JOIN (
               SELECT campaign_id, count(*) AS bids FROM bids
               WHERE campaign_id = ANY($1) AND void_cause IS NOT NULL GROUP BY campaign_id
           ) AS void USING (campaign_id)
           WHERE campaign_id = ANY($1)"#,
        &campaigns.iter().map(|campaign| campaign.0).collect::<Vec<Uuid>>(),
    );
    let mut all: HashMap<CampaignId, Totals> = HashMap::new();
    for row in rows.fetch_all(database).await? {
        let totals = all.entry(CampaignId(row.campaign_id)).or_default();
        totals.members += row.participants.into_inner();
        totals.participants = totals.members.saturating_sub(row.void.into_inner());
        totals.max_price = totals.max_price.max(Some(row.max_price.into_inner()));
        totals.counts.merge(&[(row.writer, row.bids.into_inner())].into_iter().collect());
    }
    for totals in all.values_mut() {
        totals.max_price = totals.max_price.filter(|_| totals.participants > 0);
    }
    Ok(all)
}
