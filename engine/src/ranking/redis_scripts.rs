//! The Lua scripts on a ranking in Redis, as typed calls.
//!
//! Entering a bid is idempotent and independent of order: the higher score stays. A third key holds a flag that says
//! whether the ranking is complete, and every reader requires it, so a ranking that Redis has lost, or that is still
//! being rebuilt, is never mistaken for the real one.

use super::{
    bid_counts::{BidCounts, WriterRange},
    redis_entry::Entry,
};
use crate::{
    error::Error,
    store::{keys::Keys, redis::Redis},
};
use domain::{CampaignId, UserId};
use redis::{FromRedisValue, ParsingError, RedisResult, Script, ScriptInvocation, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// How long the ranking of a closed campaign stays in Redis, in seconds.
const CLOSED_TTL_S: i64 = 24 * 3600;
/// How long a claim lasts unless it is renewed, in milliseconds. After this time another rebuild can take over from one
/// that was interrupted.
pub(super) const REBUILD_CLAIM_MS: u64 = 2000;

/// Meta and 0-based ranks.
pub(super) type RanksAnswer = (RankingMeta, Vec<i64>);
/// Meta, participants, and of each user the 0-based rank, score and detail.
pub(super) type StandingsAnswer = (RankingMeta, u64, Vec<Option<(u64, f64, String)>>);
/// Meta, participants, K-th score, first score, and rows of user, score and detail.
pub(super) type TopAnswer = (RankingMeta, u64, Option<f64>, Option<f64>, Vec<(String, f64, String)>);

/// What a ranking in Redis says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RankingMeta {
    pub is_complete: bool,
    /// How many accepted bids it holds: the sum of the bid numbers.
    pub bids: u64,
    /// The same by writer. A bid that its bidder has raised is missing until its own writer has entered it.
    pub counts: BidCounts,
}

impl FromRedisValue for RankingMeta {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let fields: HashMap<String, String> = FromRedisValue::from_redis_value(value)?;
        let number = |value: &String| value.parse::<u64>().ok();
        let writer = |(field, value): (&String, &String)| {
            Some((field.strip_prefix("writer:")?.parse::<Uuid>().ok()?, number(value)?))
        };
        Ok(Self {
            is_complete: fields.contains_key("whole"),
            bids: fields.get("bids").and_then(number).unwrap_or_default(),
            counts: fields.iter().filter_map(writer).collect(),
        })
    }
}

/// Redis failed or did not answer. Whether the script ran is unknown.
pub(super) struct Unanswered;

/// Counts of what a ranking in Redis holds.
#[derive(Clone, Debug)]
pub(super) struct RankingState {
    pub members: u64,
    pub details: u64,
    pub meta: RankingMeta,
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

    /// Enters standing bids, where a higher score stays, and returns their ranks and those of the bids that are only
    /// `asked` for, -1 if they are not there; `None` if the ranking is incomplete. With these bids, the ranking holds all
    /// bids of the `ranges`, too.
    pub async fn enter_bids(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
        asked: &[Entry<'_>],
        ranges: &[WriterRange],
    ) -> Result<Option<RanksAnswer>, Unanswered> {
        run(&self.commit_redis, "enter_bids", &self.enter_call(campaign, entries, asked, ranges)).await
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
        let (members, details, meta): (u64, u64, RankingMeta) = run(&self.redis, "ranking_state", &call).await?;
        Ok(RankingState { members, details, meta })
    }

    /// Claims the rebuild of a ranking and empties it; `false` if another rebuild has the claim or, with `if_incomplete`,
    /// has just completed it.
    pub async fn begin_rebuild(&self, campaign: CampaignId, token: &str, if_incomplete: bool) -> RedisResult<bool> {
        let mut call = self.call(&self.begin_rebuild, campaign);
        call.key(self.keys.rebuild(campaign)).arg(token).arg(REBUILD_CLAIM_MS).arg(u8::from(if_incomplete));
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
            let met: Vec<Entry<'_>> = met.into_iter().filter_map(|at| entries.get(at).cloned()).collect();
            let enter = self.enter_call(campaign, &met, &[], &[]);
            self.redis.script::<Option<RanksAnswer>>("fill_rebuild", &enter).await?;
        }
        Ok(true)
    }

    /// Marks a rebuilt ranking of at least `read` bidders, with the `counts` that were read with them, as complete;
    /// `false` if the claim is lost.
    pub async fn finish_rebuild(
        &self,
        campaign: CampaignId,
        token: &str,
        read: usize,
        counts: &BidCounts,
    ) -> RedisResult<bool> {
        let mut call = self.call(&self.finish_rebuild, campaign);
        call.key(self.keys.rebuild(campaign)).arg(token).arg(read);
        for (writer, count) in counts.iter() {
            call.arg(writer.to_string()).arg(count);
        }
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
        let delete = redis::Cmd::unlink(self.keys_of(campaign).as_slice());
        let _: RedisResult<()> = self.redis.command("forget_ranking", &delete).await;
    }

    fn enter_call(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
        asked: &[Entry<'_>],
        ranges: &[WriterRange],
    ) -> ScriptInvocation<'_> {
        let mut call = self.call(&self.enter_bids, campaign);
        call.arg(ranges.len()).arg(entries.len());
        for range in ranges {
            call.arg(range.writer.to_string()).arg(range.after).arg(range.through);
        }
        for entry in entries.iter().chain(asked) {
            entry.push_to(&mut call);
        }
        call
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
async fn run<T: FromRedisValue>(
    redis: &Redis,
    operation: &'static str,
    call: &ScriptInvocation<'_>,
) -> Result<T, Unanswered> {
    redis.script(operation, call).await.map_err(|error| {
        tracing::debug!(operation, error = %Error::from(error), "Redis did not answer; PostgreSQL will");
        Unanswered
    })
}
