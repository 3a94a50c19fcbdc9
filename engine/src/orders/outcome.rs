//! How a settled campaign ended for each bidder.

use crate::{
    catalog::CampaignRecord,
    error::Result,
    metrics::time_database,
    ranking::{FinalStandings, Rankings},
    store::database::Database,
};
use domain::{CampaignId, UserId, websocket::CampaignEnded};
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;

/// The outcomes of a settled campaign for some bidders.
pub(crate) struct Outcomes {
    campaign: CampaignId,
    winners: HashSet<UserId>,
    standings: Arc<FinalStandings>,
}

impl Outcomes {
    /// Reads the outcomes for `users`: the orders decide who has won.
    pub async fn load(
        database: &Database,
        rankings: &Rankings,
        campaign: &CampaignRecord,
        users: &[UserId],
    ) -> Result<Self> {
        let standings = rankings.final_standings(campaign).await?;
        let bidders: Vec<Uuid> =
            users.iter().filter(|user| standings.of(**user).is_some()).map(|user| user.0).collect();
        let campaign = campaign.campaign_id;
        let winners = if bidders.is_empty() { HashSet::new() } else { winners(database, campaign, &bidders).await? };
        Ok(Self { campaign, winners, standings })
    }

    /// The outcome for one bidder, or for a spectator.
    pub fn of(&self, user: Option<UserId>) -> CampaignEnded {
        let standing = user.and_then(|user| self.standings.of(user));
        CampaignEnded {
            campaign_id: self.campaign,
            is_winner: user.is_some_and(|user| self.winners.contains(&user)),
            final_rank: standing.map(|standing| standing.rank),
            final_score: standing.map(|standing| standing.score),
            final_price: standing.map(|standing| standing.price),
            min_winning_score: self.standings.min_winning_score,
        }
    }
}

async fn winners(database: &Database, campaign: CampaignId, bidders: &[Uuid]) -> Result<HashSet<UserId>> {
    let _timer = time_database("results");
    let winners = sqlx::query_scalar!(
        "SELECT user_id FROM orders WHERE campaign_id = $1 AND user_id = ANY($2)",
        campaign.0,
        bidders,
    );
    Ok(winners.fetch_all(database).await?.into_iter().map(UserId).collect())
}
