//! The standings of campaigns that take no more bids. They never change, so each process reads them once and keeps them.

use super::{
    postgres_ranking,
    snapshot::{Standing, Standings},
};
use crate::{
    error::Result,
    metrics::time_database,
    store::{
        cache::unshare_error,
        columns::Column,
        database::{Database, within},
    },
};
use domain::{CampaignId, Money, Score, UserId};
use futures_util::TryStreamExt;
use moka::{future::Cache, policy::EvictionPolicy};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Bidders whose final standings are kept, in all campaigns together; each takes 40 bytes.
const BIDDERS_MAX: u64 = 3_000_000;
/// How long they are kept after the last access. Most are asked for in the minutes after the end.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// How long reading them may take.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The final standings of a campaign.
#[derive(Debug)]
pub(crate) struct FinalStandings {
    version: u64,
    /// By user.
    standings: Vec<FinalStanding>,
    /// The K-th score of the ranking, as everywhere, not the score of the last winner.
    pub min_winning_score: Option<Score>,
}

#[derive(Debug)]
struct FinalStanding {
    user: UserId,
    score: Score,
    price: Money,
    rank: u32,
}

impl FinalStandings {
    /// A bidder's standing; `None` without a bid.
    pub fn of(&self, user: UserId) -> Option<Standing> {
        let at = self.standings.binary_search_by_key(&user, |standing| standing.user).ok()?;
        let FinalStanding { score, price, rank, .. } = *self.standings.get(at)?;
        Some(Standing { rank: u64::from(rank), score, price, version: self.version })
    }

    /// How much they take of a cache that is bounded by bidders.
    pub fn weight(&self) -> u32 {
        u32::try_from(self.standings.len()).unwrap_or(u32::MAX).max(1)
    }

    /// The standings of some users.
    pub fn of_all(&self, users: &[UserId]) -> Standings {
        Standings {
            version: self.version,
            total_participants: self.standings.len() as u64,
            by_user: users.iter().filter_map(|user| Some((*user, self.of(*user)?))).collect(),
            // Of a campaign that is over nobody is told.
            void: HashSet::new(),
        }
    }
}

/// The final standings that this process keeps.
pub(super) struct FinalStandingsCache {
    database: Database,
    campaigns: Cache<CampaignId, Arc<FinalStandings>>,
}

impl FinalStandingsCache {
    pub fn new(database: Database) -> Self {
        let bidders = |_: &CampaignId, standings: &Arc<FinalStandings>| standings.weight();
        let campaigns = Cache::builder().weigher(bidders).max_capacity(BIDDERS_MAX);
        // The default policy may turn a new entry away.
        let campaigns = campaigns.eviction_policy(EvictionPolicy::lru()).time_to_idle(KEPT_FOR).build();
        Self { database, campaigns }
    }

    /// The final standings of a closed campaign. Those who ask at the same time share one read.
    pub async fn get(&self, campaign: CampaignId, quota: u64) -> Result<Arc<FinalStandings>> {
        // Boxed, because a read is rare, and its large future would be moved with every request.
        let load = Box::pin(async { Ok(Arc::new(within(LOAD_TIMEOUT, load(&self.database, campaign, quota)).await?)) });
        self.campaigns.try_get_with(campaign, load).await.map_err(unshare_error)
    }
}

async fn load(database: &Database, campaign: CampaignId, quota: u64) -> Result<FinalStandings> {
    let _timer = time_database("final_standings");
    let mut snapshot = database.snapshot().await?;
    let version = postgres_ranking::totals(&mut *snapshot, campaign).await?.counts.version();
    let bids = sqlx::query!(
        r#"SELECT user_id AS "user: Column<UserId>", score AS "score: Column<Score>",
               (price * 100)::bigint AS "price!: Column<Money>"
           FROM bids WHERE campaign_id = $1 AND void_cause IS NULL ORDER BY score DESC, accepted_seq ASC"#,
        campaign.0,
    );
    let bids = bids.map(|bid| (bid.user.into_inner(), bid.score.into_inner(), bid.price.into_inner()));
    let mut bids = bids.fetch(&mut *snapshot);
    let (mut standings, mut min_winning_score) = (Vec::new(), None);
    let mut rank = 0;
    while let Some((user, score, price)) = bids.try_next().await? {
        rank += 1;
        if u64::from(rank) == quota {
            min_winning_score = Some(score);
        }
        standings.push(FinalStanding { user, score, price, rank });
    }
    standings.sort_unstable_by_key(|standing| standing.user);
    Ok(FinalStandings { version, standings, min_winning_score })
}
