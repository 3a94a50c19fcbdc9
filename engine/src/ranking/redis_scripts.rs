//! The Lua scripts on a ranking in Redis, as typed calls.
//!
//! Entering a bid is idempotent and independent of order: of two states of a bid the later one stays. A third key holds a flag that says
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
/// How long what a rebuild has filled in outlives its last page, in seconds; `finish_rebuild.lua` has it, too.
const REBUILT_TTL_S: i64 = 60;
/// Answers of `finish_rebuild.lua`: the ranking is complete, and there are more bids to take over.
const FINISHED: u8 = 1;
const UNFINISHED: u8 = 2;

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
    /// How many accepted bids it holds: the sum of the changes.
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
    renew_rebuild: Script,
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
            renew_rebuild: Script::new(include_str!("renew_rebuild.lua")),
            finish_rebuild: Script::new(include_str!("finish_rebuild.lua")),
        }
    }

    /// Enters standing bids, where the later state of a bid stays, and returns their ranks and those of the bids that are only
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

    /// Renews the claim of a rebuild; `false` if it is lost.
    pub async fn renew_rebuild(&self, campaign: CampaignId, token: &str) -> RedisResult<bool> {
        let mut call = self.renew_rebuild.key(self.keys.rebuild(campaign));
        self.redis.script("renew_rebuild", call.arg(token).arg(REBUILD_CLAIM_MS)).await
    }

    /// Fills a page into the rebuilt ranking, which nobody else touches, and renews the claim; `false` if the claim is
    /// lost. Plain commands, which take three fifths of the time of a script.
    pub async fn fill_rebuild(&self, campaign: CampaignId, token: &str, entries: &[Entry<'_>]) -> RedisResult<bool> {
        let [ranking, details] = self.keys.rebuilt(campaign, token);
        let (mut add, mut describe) = (redis::cmd("ZADD"), redis::cmd("HSET"));
        add.arg(&ranking);
        describe.arg(&details);
        for entry in entries {
            let (user, member, detail) = entry.user_member_detail();
            add.arg(entry.score_text()).arg(member);
            describe.arg(user).arg(detail);
        }
        let mut page = redis::pipe();
        page.atomic().add_command(add).ignore().add_command(describe).ignore();
        page.expire(&ranking, REBUILT_TTL_S).ignore().expire(&details, REBUILT_TTL_S).ignore();
        let () = self.redis.pipeline("fill_rebuild", &page).await?;
        self.renew_rebuild(campaign, token).await
    }

    /// Puts a rebuilt ranking in its place, with the bids that were entered meanwhile; `false` if the rebuild has lost the
    /// claim or has failed. It holds `users` with the sum `bids` of their bid numbers, and the `counts` were read with
    /// them.
    pub async fn finish_rebuild(
        &self,
        campaign: CampaignId,
        token: &str,
        mut users: u64,
        mut bids: u64,
        counts: &BidCounts,
    ) -> RedisResult<bool> {
        for step in 0_u64.. {
            let mut call = self.call(&self.finish_rebuild, campaign);
            call.key(self.keys.rebuild(campaign)).key(&self.keys.rebuilt(campaign, token)[..]);
            call.arg(token).arg(REBUILD_CLAIM_MS).arg(step).arg(users).arg(bids);
            for (writer, count) in counts.iter() {
                call.arg(writer.to_string()).arg(count);
            }
            match self.commit_redis.script("finish_rebuild", &call).await? {
                (FINISHED, _, _) => return Ok(true),
                (UNFINISHED, all_users, all_bids) => (users, bids) = (all_users, all_bids),
                (_, _, _) => break,
            }
        }
        Ok(false)
    }

    /// Deletes what an abandoned rebuild has filled in. Best effort: otherwise it expires.
    pub async fn abandon_rebuild(&self, campaign: CampaignId, token: &str) {
        let delete = redis::Cmd::unlink(self.keys.rebuilt(campaign, token).as_slice());
        let _: RedisResult<()> = self.redis.command("abandon_rebuild", &delete).await;
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
