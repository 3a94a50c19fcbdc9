//! How a settled campaign ended for each bidder. It never changes, so each process reads it once and keeps it.

use crate::{
    catalog::CampaignRecord,
    error::Result,
    metrics::time_database,
    ranking::{FinalStandings, Rankings},
    store::{cache::unshare_error, database::Database},
};
use domain::{CampaignId, UserId, websocket_events::CampaignEnded};
use moka::{future::Cache, policy::EvictionPolicy};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Bidders whose outcomes are kept, in all campaigns together.
const BIDDERS_MAX: u64 = 3_000_000;
/// How long they are kept after the last access.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// The outcomes of a settled campaign.
pub(crate) struct Outcomes {
    campaign: CampaignId,
    /// The orders decide who has won.
    winners: HashSet<UserId>,
    standings: Arc<FinalStandings>,
}

impl Outcomes {
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

/// The outcomes that this process keeps; clones share them.
#[derive(Clone)]
pub(crate) struct OutcomesCache {
    database: Database,
    rankings: Arc<Rankings>,
    campaigns: Cache<CampaignId, Arc<Outcomes>>,
}

impl OutcomesCache {
    pub fn new(database: &Database, rankings: &Arc<Rankings>) -> Self {
        let bidders = |_: &CampaignId, outcomes: &Arc<Outcomes>| outcomes.standings.weight();
        let campaigns = Cache::builder().weigher(bidders).max_capacity(BIDDERS_MAX);
        // The default policy may turn a new entry away.
        let campaigns = campaigns.eviction_policy(EvictionPolicy::lru()).time_to_idle(KEPT_FOR).build();
        Self { database: database.clone(), rankings: rankings.clone(), campaigns }
    }

    /// The outcomes of a settled campaign. Those who ask at the same time share one read.
    pub async fn get(&self, campaign: &CampaignRecord) -> Result<Arc<Outcomes>> {
        // Boxed, because a read is rare, and its large future would be moved with every request.
        let load = Box::pin(async { Ok(Arc::new(self.load(campaign).await?)) });
        self.campaigns.try_get_with(campaign.campaign_id, load).await.map_err(unshare_error)
    }

    async fn load(&self, campaign: &CampaignRecord) -> Result<Outcomes> {
        let standings = self.rankings.final_standings(campaign).await?;
        let _timer = time_database("winners");
        let id = campaign.campaign_id;
        let winners = sqlx::query_scalar!("SELECT user_id FROM orders WHERE campaign_id = $1", id.0);
        let winners = winners.fetch_all(&self.database).await?.into_iter().map(UserId).collect();
        Ok(Outcomes { campaign: id, winners, standings })
    }
}
