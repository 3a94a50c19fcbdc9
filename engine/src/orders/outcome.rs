//! How a settled campaign ended for each bidder.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns, database::Database},
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
        let winners: Vec<Uuid> =
            sqlx::query_scalar("SELECT user_id FROM orders WHERE campaign_id = $1 AND user_id = ANY($2)")
                .bind(campaign.0)
                .bind(&ids)
                .fetch_all(database)
                .await?;
        let standings: Vec<(Uuid, i64, f64, i64)> = sqlx::query_as(
            "SELECT user_id, rank, score, (price * 100)::bigint FROM (
                 SELECT user_id, score, price, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
                 FROM bids WHERE campaign_id = $1
             ) AS ranked WHERE user_id = ANY($2)",
        )
        .bind(campaign.0)
        .bind(&ids)
        .fetch_all(database)
        .await?;
        // The K-th score of the ranking, as everywhere, not the score of the last winner.
        let min_winning_score: Option<f64> = sqlx::query_scalar(
            "SELECT score FROM bids JOIN campaigns USING (campaign_id)
             WHERE campaign_id = $1
             ORDER BY score DESC, accepted_seq ASC
             OFFSET (SELECT quota - 1 FROM campaigns WHERE campaign_id = $1) LIMIT 1",
        )
        .bind(campaign.0)
        .fetch_optional(database)
        .await?;
        let standing = |(user, rank, score, cents): (Uuid, i64, f64, i64)| {
            let (rank, price) = (columns::count(rank)?, columns::money(cents)?);
            Ok((UserId(user), FinalStanding { rank, score: Score::from_stored(score), price }))
        };
        Ok(Self {
            campaign,
            winners: winners.into_iter().map(UserId).collect(),
            standings: standings.into_iter().map(standing).collect::<Result<_>>()?,
            min_winning_score: min_winning_score.map(Score::from_stored),
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
