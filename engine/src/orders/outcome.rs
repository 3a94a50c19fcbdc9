//! How a settled campaign ended for each bidder.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{CampaignId, Money, Score, UserId, websocket::CampaignEnded};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The outcomes of a settled campaign for some bidders.
pub(crate) struct Outcomes {
    campaign: CampaignId,
    winners: HashSet<UserId>,
    standings: HashMap<UserId, FinalStanding>,
    min_winning_score: Option<Score>,
}

/// A bidder's final standing.
struct FinalStanding {
    rank: u64,
    score: Score,
    price: Money,
}

impl Outcomes {
    /// Reads the outcomes for `users` from PostgreSQL, which decides every result.
    pub async fn load(database: &Database, campaign: CampaignId, users: &[UserId]) -> Result<Self> {
        let _timer = time_database("results");
        let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
        let winners = sqlx::query_scalar!(
            "SELECT user_id FROM orders WHERE campaign_id = $1 AND user_id = ANY($2)",
            campaign.0,
            &ids,
        );
        let winners = winners.fetch_all(database).await?;
        let standings = sqlx::query!(
            r#"SELECT user_id, rank AS "rank!: Column<u64>", score AS "score: Column<Score>",
                   (price * 100)::bigint AS "price!: Column<Money>"
               FROM (
                   SELECT user_id, score, price, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
                   FROM bids WHERE campaign_id = $1
               ) AS ranked WHERE user_id = ANY($2)"#,
            campaign.0,
            &ids,
        );
        let standings = standings.fetch_all(database).await?.into_iter().map(|row| {
            let standing = FinalStanding { rank: row.rank.into(), score: row.score.into(), price: row.price.into() };
            (UserId(row.user_id), standing)
        });
        let min_winning_score = sqlx::query_scalar!(
            r#"-- The K-th score of the ranking, as everywhere, not the score of the last winner.
               SELECT score AS "score: Column<Score>" FROM bids JOIN campaigns USING (campaign_id)
               WHERE campaign_id = $1
               ORDER BY score DESC, accepted_seq ASC
               OFFSET (SELECT quota - 1 FROM campaigns WHERE campaign_id = $1) LIMIT 1"#,
            campaign.0,
        );
        Ok(Self {
            campaign,
            winners: winners.into_iter().map(UserId).collect(),
            standings: standings.collect(),
            min_winning_score: min_winning_score.fetch_optional(database).await?.map(Column::into_inner),
        })
    }

    /// The outcome for one bidder, or for a spectator.
    pub fn of(&self, user: Option<UserId>) -> CampaignEnded {
        let standing = user.and_then(|user| self.standings.get(&user));
        CampaignEnded {
            campaign_id: self.campaign,
            is_winner: user.is_some_and(|user| self.winners.contains(&user)),
            final_rank: standing.map(|standing| standing.rank),
            final_score: standing.map(|standing| standing.score),
            final_price: standing.map(|standing| standing.price),
            min_winning_score: self.min_winning_score,
        }
    }
}
