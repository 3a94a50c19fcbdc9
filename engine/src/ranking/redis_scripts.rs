//! The Lua scripts on a ranking in Redis, as typed calls.
//!
//! Entering a bid is idempotent and independent of order: the higher score stays. A third key holds a flag that says
//! whether the ranking is complete, and every reader requires it, so a ranking that Redis has lost, or that is still
//! being rebuilt, is never mistaken for the real one.

use super::redis_entry::Entry;
use crate::{
    error::Error,
    store::{keys::Keys, redis::Redis},
};
use domain::{CampaignId, UserId};
use redis::{RedisResult, Script, ScriptInvocation};

/// How long the ranking of a closed campaign stays in Redis, in seconds.
const CLOSED_TTL_S: i64 = 24 * 3600;
/// How long a claim lasts unless it is renewed, in milliseconds. After this time another rebuild can take over from one
/// that was interrupted.
pub(super) const REBUILD_CLAIM_MS: u64 = 2000;

/// Version and 0-based ranks.
pub(super) type RanksAnswer = (u64, Vec<i64>);
/// Version, participants, and of each user the 0-based rank, score and detail.
pub(super) type StandingsAnswer = (u64, u64, Vec<Option<(u64, f64, String)>>);
/// Version, participants, K-th score, first score, and rows of user, score and detail.
pub(super) type TopAnswer = (u64, u64, Option<f64>, Option<f64>, Vec<(String, f64, String)>);

/// Redis failed or did not answer. Whether the script ran is unknown.
pub(super) struct Unanswered;

/// Counts of what a ranking in Redis holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct RankingState {
    pub is_complete: bool,
    pub members: u64,
    pub details: u64,
    /// Accepted bids: the sum of the bid numbers.
    pub bids: u64,
}

/// Calls the scripts of rankings.
pub(super) struct RedisScripts {
    /// For entering bids, and for the beginning and the end of a rebuild: a process that cannot enter its bids after an
    /// outage must not rebuild a ranking that lacks them.
    commit_redis: Redis,
    /// For everything large.
    redis: Redis,
    keys: Keys,
    enter_bids: Script,
    top_rows: Script,
    standings: Script,
    ranking_counts: Script,
    begin_rebuild: Script,
    fill_rebuild: Script,
    finish_rebuild: Script,
}

impl RedisScripts {
    pub fn new(commit_redis: Redis, redis: Redis, keys: Keys) -> Self {
        Self {
            commit_redis,
            redis,
            keys,
            enter_bids: Script::new(include_str!("enter_bids.lua")),
            top_rows: Script::new(include_str!("top_rows.lua")),
            standings: Script::new(include_str!("standings.lua")),
            ranking_counts: Script::new(include_str!("ranking_counts.lua")),
            begin_rebuild: Script::new(include_str!("begin_rebuild.lua")),
            fill_rebuild: Script::new(include_str!("fill_rebuild.lua")),
            finish_rebuild: Script::new(include_str!("finish_rebuild.lua")),
        }
    }

    /// Enters standing bids, where a higher score stays, and returns the ranks; `None` if the ranking is incomplete.
    pub async fn enter_bids(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
    ) -> Result<Option<RanksAnswer>, Unanswered> {
        let mut call = self.call(&self.enter_bids, campaign);
        for entry in entries {
            entry.push_to(&mut call);
        }
        run(&self.commit_redis, "enter_bids", &call).await
    }

    /// The first `limit` rows and the score of rank `quota`; `None` if the ranking is incomplete.
    pub async fn top_rows(
        &self,
        campaign: CampaignId,
        limit: u32,
        quota: u64,
    ) -> Result<Option<TopAnswer>, Unanswered> {
        let mut call = self.call(&self.top_rows, campaign);
        call.arg(limit).arg(quota);
        run(&self.redis, "ranking_top", &call).await
    }

    /// The standings of users; `None` if the ranking is incomplete.
    pub async fn standings(
        &self,
        campaign: CampaignId,
        users: &[UserId],
    ) -> Result<Option<StandingsAnswer>, Unanswered> {
        let mut call = self.call(&self.standings, campaign);
        for user in users {
            call.arg(user.to_string());
        }
        run(&self.redis, "places", &call).await
    }

    /// The counts of a ranking.
    pub async fn state(&self, campaign: CampaignId) -> Result<RankingState, Unanswered> {
        let call = self.call(&self.ranking_counts, campaign);
        let (is_complete, members, details, bids): (bool, u64, u64, u64) =
            run(&self.redis, "ranking_state", &call).await?;
        Ok(RankingState { is_complete, members, details, bids })
    }

    /// Claims the rebuild of a ranking and empties it; `false` if another rebuild has the claim.
    pub async fn begin_rebuild(&self, campaign: CampaignId, token: &str) -> RedisResult<bool> {
        let mut call = self.call(&self.begin_rebuild, campaign);
        call.key(self.keys.rebuild(campaign)).arg(token).arg(REBUILD_CLAIM_MS);
        self.commit_redis.script("begin_rebuild", &call).await
    }

    /// Enters a page into a ranking that is being rebuilt, and renews the claim; `false` if the claim is lost.
    pub async fn fill_rebuild(&self, campaign: CampaignId, token: &str, entries: &[Entry<'_>]) -> RedisResult<bool> {
        let mut fill = self.call(&self.fill_rebuild, campaign);
        let bids: u64 = entries.iter().map(|entry| u64::from(entry.bid_number)).sum();
        fill.key(self.keys.rebuild(campaign)).arg(token).arg(REBUILD_CLAIM_MS);
        fill.arg(bids).arg(entries.len());
        for entry in entries {
            fill.arg(entry.score.get().to_string()).arg(entry.member());
        }
        for entry in entries {
            fill.arg(entry.user.to_string()).arg(entry.detail());
        }
        let Some(met) = self.redis.script::<Option<Vec<usize>>>("fill_rebuild", &fill).await? else {
            return Ok(false);
        };
        if !met.is_empty() {
            // These users have been entered by their committers meanwhile, perhaps with an older bid.
            let mut enter = self.call(&self.enter_bids, campaign);
            for entry in met.into_iter().filter_map(|at| entries.get(at)) {
                entry.push_to(&mut enter);
            }
            self.redis.script::<Option<RanksAnswer>>("fill_rebuild", &enter).await?;
        }
        Ok(true)
    }

    /// Marks a rebuilt ranking of at least `read` bidders as complete; `false` if the claim is lost.
    pub async fn finish_rebuild(&self, campaign: CampaignId, token: &str, read: usize) -> RedisResult<bool> {
        let mut call = self.call(&self.finish_rebuild, campaign);
        call.key(self.keys.rebuild(campaign)).arg(token).arg(read);
        self.commit_redis.script("finish_rebuild", &call).await
    }

    /// Lets a ranking expire after a day. Best effort: a failure costs memory, not correctness.
    pub async fn expire(&self, campaign: CampaignId) {
        let mut pipeline = redis::pipe();
        for key in self.keys_of(campaign) {
            pipeline.expire(key, CLOSED_TTL_S).ignore();
        }
        let _: RedisResult<()> = self.redis.pipeline("retire_ranking", &pipeline).await;
    }

    /// Deletes a ranking. Best effort, as in [`RedisScripts::expire`].
    pub async fn delete(&self, campaign: CampaignId) {
        let del = redis::Cmd::del(self.keys_of(campaign).as_slice());
        let _: RedisResult<()> = self.redis.command("forget_ranking", &del).await;
    }

    fn call<'a>(&self, script: &'a Script, campaign: CampaignId) -> ScriptInvocation<'a> {
        let mut call = script.prepare_invoke();
        for key in self.keys_of(campaign) {
            call.key(key);
        }
        call
    }

    fn keys_of(&self, campaign: CampaignId) -> [String; 3] {
        [self.keys.ranking(campaign), self.keys.details(campaign), self.keys.ranking_meta(campaign)]
    }
}

/// Runs a script; a failure is logged here and counted by [`Redis::script`].
async fn run<T: redis::FromRedisValue>(
    redis: &Redis,
    operation: &'static str,
    call: &ScriptInvocation<'_>,
) -> Result<T, Unanswered> {
    redis.script(operation, call).await.map_err(|error| {
        tracing::debug!(operation, error = %Error::from(error), "Redis did not answer; PostgreSQL will");
        Unanswered
    })
}
