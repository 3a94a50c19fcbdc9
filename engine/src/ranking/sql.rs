//! The ranking as PostgreSQL has it: the truth, at the cost of counting.

use super::{Place, Snapshot, Totals};
use crate::{bids::StandingBid, catalog::CampaignRecord, error::Result, metrics::time_database, store::columns};
use domain::{CampaignId, Score, UserId, api::rankings::RankingRow};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

/// The first `limit` rows in the total order.
pub(super) async fn top(database: &PgPool, campaign: &CampaignRecord, limit: u32) -> Result<Snapshot> {
    let _timer = time_database("ranking_top");
    let id = campaign.campaign_id.0;
    let participants = totals(database, campaign.campaign_id).await?.participants;
    let (max_score, version): (Option<f64>, i64) = sqlx::query_as(
        // The newest sequence of all campaigns will do as a version: it never goes back.
        "SELECT (SELECT score FROM bids WHERE campaign_id = $1 ORDER BY score DESC LIMIT 1),
                coalesce((SELECT max(accepted_seq) FROM bid_events), 0)",
    )
    .bind(id)
    .fetch_one(database)
    .await?;
    let kth: Option<f64> = sqlx::query_scalar(
        "SELECT score FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC OFFSET $2 LIMIT 1",
    )
    .bind(id)
    .bind(i64::from(campaign.rules.quota.get()) - 1)
    .fetch_optional(database)
    .await?;
    let rows: Vec<(Uuid, String, f64, i64)> = sqlx::query_as(
        "SELECT user_id, username, score, (price * 100)::bigint
         FROM bids JOIN users USING (user_id)
         WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT $2",
    )
    .bind(id)
    .bind(i64::from(limit))
    .fetch_all(database)
    .await?;
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
        version: columns::count(version)?,
    })
}

/// Ranks of standing bids: one more than the bids ahead of each.
pub(super) async fn ranks<'a>(
    database: &PgPool,
    campaign: CampaignId,
    bids: impl Iterator<Item = &'a StandingBid>,
) -> Result<HashMap<UserId, u64>> {
    let users: Vec<UserId> = bids.map(|bid| bid.user_id).collect();
    Ok(places(database, campaign, &users).await?.into_iter().map(|(user, place)| (user, place.rank)).collect())
}

/// Where the given users stand; those without a bid are missing.
pub(super) async fn places(
    database: &PgPool,
    campaign: CampaignId,
    users: &[UserId],
) -> Result<HashMap<UserId, Place>> {
    let _timer = time_database("places");
    let rows: Vec<(Uuid, i64, f64, i64)> = sqlx::query_as(
        "SELECT mine.user_id, ahead.bids + 1, mine.score, (mine.price * 100)::bigint
         FROM bids AS mine, LATERAL (
             SELECT count(*) AS bids FROM bids AS other
             WHERE other.campaign_id = mine.campaign_id AND other.score >= mine.score
               AND (other.score > mine.score OR other.accepted_seq < mine.accepted_seq)
         ) AS ahead
         WHERE mine.campaign_id = $1 AND mine.user_id = ANY($2)",
    )
    .bind(campaign.0)
    .bind(users.iter().map(|user| user.0).collect::<Vec<_>>())
    .fetch_all(database)
    .await?;
    let place = |(user, rank, score, cents): (Uuid, i64, f64, i64)| {
        let place =
            Place { rank: columns::count(rank)?, score: Score::from_stored(score), price: columns::money(cents)? };
        Ok((UserId(user), place))
    };
    rows.into_iter().map(place).collect()
}

/// How many bidders and bids a campaign has: a sum of one row per process.
pub(super) async fn totals(database: &PgPool, campaign: CampaignId) -> Result<Totals> {
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
