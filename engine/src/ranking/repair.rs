//! Repair: every process checks once a second whether the rankings of running campaigns are whole and right,
//! and rebuilds those that are not, without waiting for a bid or a reader.
//!
//! PostgreSQL counts bidders and bids in the statement that writes them, Redis in the script that enters them. A
//! bid is in PostgreSQL first and in Redis a moment later, so at any instant Redis has at most what PostgreSQL
//! has now, and at least what PostgreSQL had a round ago. Less means members were lost, or a process died
//! between commit and projection; more means something foreign got in.

use super::{
    postgres_ranking,
    rebuild::Rebuilds,
    redis_scripts::{RedisScripts, State},
    snapshot::Totals,
    trust::Trust,
};
use crate::{clock::Clock, error::Result, metrics, store::executor::Database};
use domain::CampaignId;
use std::{collections::HashMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// How often every running campaign is checked. A fault is certain in the second check and repaired right after:
/// with up to a hundred thousand bidders within five seconds of its cause.
const ROUND: Duration = Duration::from_secs(1);

/// Compares Redis with PostgreSQL.
pub(super) struct Repair {
    database: Database,
    scripts: Arc<RedisScripts>,
    rebuilds: Rebuilds,
    trust: Arc<Trust>,
}

impl Repair {
    pub fn new(database: Database, scripts: Arc<RedisScripts>, rebuilds: Rebuilds, trust: Arc<Trust>) -> Self {
        Self { database, scripts, rebuilds, trust }
    }

    /// Checks, round after round, until dropped.
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

    /// Checks every running campaign once; returns what PostgreSQL has of each.
    async fn round(&self, clock: &Clock, known: &HashMap<CampaignId, Totals>) -> Result<HashMap<CampaignId, Totals>> {
        let running: Vec<Uuid> =
            sqlx::query_scalar("SELECT campaign_id FROM campaigns WHERE status = 'open' AND start_time <= $1")
                .bind(clock.now().as_datetime())
                .fetch_all(&self.database)
                .await?;
        let mut totals = HashMap::new();
        let mut gap = 0;
        for campaign in running.into_iter().map(CampaignId) {
            // Redis first: what it has by now, PostgreSQL must have afterwards.
            let state = self.scripts.state(campaign).await;
            let seen = self.trust.seen(campaign);
            let now = postgres_ranking::totals(&self.database, campaign).await?;
            self.trust.limit(campaign, seen, now.bids);
            if let Ok(state) = state {
                let before = known.get(&campaign).copied().unwrap_or_default();
                gap += now.bids.abs_diff(state.bids);
                if !is_right(state, before, now) && self.rebuilds.start(campaign) {
                    tracing::warn!(%campaign, ?state, ?before, ?now, "the ranking in Redis is not right");
                }
            }
            totals.insert(campaign, now);
        }
        metrics::PROJECTION_GAP.set(i64::try_from(gap).unwrap_or(i64::MAX));
        Ok(totals)
    }
}

/// Whether Redis has at least what PostgreSQL had `before`, and at most what it has `now`.
fn is_right(state: State, before: Totals, now: Totals) -> bool {
    state.is_whole
        && state.members == state.details
        && (before.participants..=now.participants).contains(&state.members)
        && (before.bids..=now.bids).contains(&state.bids)
}
