//! Repair: every process checks once a second whether the Redis rankings of running campaigns are complete and agree
//! with PostgreSQL, and rebuilds those that do not, without waiting for a bid or a reader.
//!
//! PostgreSQL counts bidders and each writer's bids in the statement that writes them, Redis in the script that enters
//! them. A bid is in PostgreSQL first and in Redis a moment later, so at any instant Redis has at most what PostgreSQL has
//! now, and at least what PostgreSQL had a round ago. Less means that members were lost, or that a process died between
//! commit and projection; more means that something else wrote to the keys.

use super::{
    bid_counts::BidCounts,
    postgres_ranking,
    rebuild::{RebuildReason, Rebuilds},
    redis_scripts::{RankingState, RedisScripts},
    snapshot::Totals,
    staleness::StalenessTracker,
};
use crate::{clock::Clock, error::Result, metrics, store::database::Database};
use domain::CampaignId;
use futures_util::future::join_all;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// How often every running campaign is checked. The second check is certain to find a fault, and the rebuild starts at
/// once: up to a hundred thousand bidders are back within five seconds of the cause.
const ROUND: Duration = Duration::from_secs(1);

/// Compares Redis with PostgreSQL.
pub(super) struct Repair {
    database: Database,
    scripts: Arc<RedisScripts>,
    rebuilds: Rebuilds,
    staleness: Arc<StalenessTracker>,
}

impl Repair {
    pub fn new(
        database: Database,
        scripts: Arc<RedisScripts>,
        rebuilds: Rebuilds,
        staleness: Arc<StalenessTracker>,
    ) -> Self {
        Self { database, scripts, rebuilds, staleness }
    }

    /// Checks all running campaigns every [`ROUND`], until dropped.
    pub async fn run(&self, clock: &Clock) {
        let mut known: HashMap<CampaignId, Totals> = HashMap::new();
        loop {
            tokio::time::sleep(ROUND).await;
            match self.round(clock, &known).await {
                Ok(totals) => known = totals,
                Err(error) => tracing::warn!(%error, "the rankings could not be compared with PostgreSQL"),
            }
        }
    }

    /// Checks every running campaign once against `known`, the totals of the round before, and returns the new totals.
    async fn round(&self, clock: &Clock, known: &HashMap<CampaignId, Totals>) -> Result<HashMap<CampaignId, Totals>> {
        let running = sqlx::query_scalar!(
            "SELECT campaign_id FROM campaigns WHERE status = 'open' AND start_time <= $1",
            clock.now().as_datetime(),
        );
        let running = running.fetch_all(&self.database).await?;
        let running: Vec<CampaignId> = running.into_iter().map(CampaignId).collect();
        // Redis first: whatever it has now, PostgreSQL must have when it is read afterwards.
        let states = join_all(running.iter().map(|campaign| self.scripts.state(*campaign))).await;
        let observed: Vec<BidCounts> = running.iter().map(|campaign| self.staleness.observed(*campaign)).collect();
        let mut totals = postgres_ranking::totals_of_all(&self.database, &running).await?;
        let mut gap = 0;
        for ((&campaign, state), observed) in running.iter().zip(states).zip(observed) {
            let now = totals.entry(campaign).or_default();
            self.staleness.cap(campaign, &observed, &now.counts);
            if let Ok(state) = state {
                let before = known.get(&campaign).cloned().unwrap_or_default();
                // What is committed and on its way to Redis is not missing.
                let bids = state.meta.bids;
                gap += before.counts.total().saturating_sub(bids) + bids.saturating_sub(now.counts.total());
                let reason = if state.meta.is_complete { RebuildReason::Wrong } else { RebuildReason::Incomplete };
                if !agrees(&state, &before, now) && self.rebuilds.start(campaign, reason) {
                    tracing::warn!(%campaign, ?state, ?before, ?now, "the ranking in Redis differs from PostgreSQL");
                }
            }
        }
        metrics::PROJECTION_GAP.set(i64::try_from(gap).unwrap_or(i64::MAX));
        Ok(totals)
    }
}

/// Whether Redis has at least what PostgreSQL had `before`, and at most what it has `now`.
fn agrees(state: &RankingState, before: &Totals, now: &Totals) -> bool {
    let meta = &state.meta;
    meta.is_complete
        && state.members == state.details
        && (before.members..=now.members).contains(&state.members)
        && (before.counts.total()..=now.counts.total()).contains(&meta.bids)
        && meta.counts.include(&before.counts)
        && now.counts.include(&meta.counts)
}
