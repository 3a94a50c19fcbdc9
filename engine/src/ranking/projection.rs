//! The ranking in Redis: a projection of the `bids` table that answers in O(log N).
//!
//! A sorted set holds one member per bidder. Redis orders equal scores by the member's bytes, so a
//! member begins with the acceptance sequence counted down from the top: of equal scores, the bid
//! accepted earlier comes first in descending order. A hash finds a user's member.
//!
//! Entering a bid is idempotent and order-free: the higher score stays. A third key says whether the
//! ranking is whole, and every reader insists on it, so a ranking Redis has lost, or has only begun
//! to rebuild, is never mistaken for the real one.

use super::{
    Place, Places, Ranks, Snapshot,
    trust::{Due, Trust},
};
use crate::{
    bids::StandingBid,
    catalog::CampaignRecord,
    error::{Error, Result},
    metrics,
    store::{columns, database::Database, keys::Keys, redis::Redis},
};
use domain::{CampaignId, Money, Score, UserId, api::rankings::RankingRow, rules::Closing};
use redis::{Script, ScriptInvocation};
use sqlx::{AssertSqlSafe, Postgres, Transaction};
use std::{
    borrow::Cow,
    collections::HashSet,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Sequences are counted down from here: the largest integer a double holds exactly.
const SEQ_TOP: i64 = (1 << 53) - 1;
/// Digits of a counted-down sequence, zero-padded so that bytes order as numbers do.
const SEQ_DIGITS: usize = 16;
/// Standing bids per page of a rebuild.
const REBUILD_PAGE: usize = 1000;
/// Pages that are prepared or sent while Redis takes one in.
const PAGES_ON_THEIR_WAY: usize = 1;
/// Users whose places are asked for in one call: bids wait for Redis meanwhile.
const PLACES_AT_ONCE: usize = 100;
/// How long a claim lasts that is not renewed. A rebuild that broke off makes
/// way for the next after this time.
const REBUILD_CLAIM_MS: u64 = 2000;
/// How long after a failed entry it is tried again, where no new bid does that sooner; then twice as long.
const RETRY: Duration = Duration::from_millis(300);
/// The longest wait between two tries.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Winners that are compared with Redis at settlement.
const VERIFIED_MAX: usize = 1000;
/// Waits before each comparison.
const VERIFY_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(2)];
/// How long the ranking of a closed campaign stays in Redis.
const RETIRED_S: u64 = 24 * 3600;

/// Version and 0-based ranks.
type EnterAnswer = (u64, Vec<i64>);
/// Version, participants, and of each user the 0-based rank, score and detail.
type PlacesAnswer = (u64, u64, Vec<Option<(u64, f64, String)>>);
/// Version, participants, K-th score, first score, and rows of user, score and detail.
type TopAnswer = (u64, u64, Option<f64>, Option<f64>, Vec<(String, f64, String)>);

#[derive(Clone)]
pub(super) struct Projection {
    pub(super) database: Database,
    redis: Redis,
    keys: Keys,
    scripts: Arc<Scripts>,
    rebuilds: Arc<Rebuilds>,
    trust: Arc<Trust>,
}

/// The rebuilds of this process. They take turns: each holds a connection to PostgreSQL, and what
/// they all wait for is Redis.
#[derive(Default)]
struct Rebuilds {
    turn: tokio::sync::Mutex<()>,
    /// Campaigns whose turn has not ended.
    asked: Mutex<HashSet<CampaignId>>,
}

impl Rebuilds {
    fn asked(&self) -> MutexGuard<'_, HashSet<CampaignId>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Redis has of a campaign, in numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub is_whole: bool,
    pub members: u64,
    pub details: u64,
    /// Accepted bids the members stand for.
    pub bids: u64,
}

struct Scripts {
    enter: Script,
    top: Script,
    places: Script,
    state: Script,
    begin_rebuild: Script,
    fill_rebuild: Script,
    finish_rebuild: Script,
}

impl Projection {
    pub fn new(database: Database, redis: Redis, keys: Keys) -> Self {
        let scripts = Scripts {
            enter: Script::new(include_str!("enter.lua")),
            top: Script::new(include_str!("top.lua")),
            places: Script::new(include_str!("places.lua")),
            state: Script::new(include_str!("state.lua")),
            begin_rebuild: Script::new(include_str!("begin_rebuild.lua")),
            fill_rebuild: Script::new(include_str!("fill_rebuild.lua")),
            finish_rebuild: Script::new(include_str!("finish_rebuild.lua")),
        };
        Self { database, redis, keys, scripts: Arc::new(scripts), rebuilds: Arc::default(), trust: Arc::default() }
    }

    /// Enters bids and returns their ranks; `None` if Redis is away or has no whole ranking.
    pub async fn enter(&self, campaign: CampaignId, bids: &[(&StandingBid, &str)]) -> Option<Ranks> {
        let entries: Vec<Entry<'_>> = bids.iter().map(|(bid, username)| Entry::of(bid, username)).collect();
        // What Redis has missed goes first: with it the ranking is whole again.
        while let Due::Enter(missed) = self.trust.due(campaign) {
            if self.enter_entries(campaign, &missed).await.is_err() {
                break;
            }
        }
        let seen = self.trust.seen(campaign);
        match self.enter_entries(campaign, &entries).await {
            Ok(Some((version, ranks))) => {
                let is_known = |rank: &i64| *rank >= 0;
                if ranks.len() != entries.len() || !ranks.iter().all(is_known) {
                    tracing::warn!(%campaign, "the ranking in Redis misses standing bids");
                    self.distrust(campaign, self.trust.lost(campaign));
                    return None;
                }
                self.trust.learn(campaign, version);
                if self.trust.doubts(campaign) || version < seen {
                    return None;
                }
                let rank_of = |(entry, rank): (&Entry<'_>, i64)| (entry.user, rank.unsigned_abs() + 1);
                Some(Ranks { version, of: entries.iter().zip(ranks).map(rank_of).collect() })
            }
            Ok(None) => None,
            Err(Unanswered) => {
                self.distrust(campaign, self.trust.missed(campaign, entries));
                None
            }
        }
    }

    /// `None` if the ranking is not whole: then it is rebuilt, with these bids in it.
    async fn enter_entries(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
    ) -> std::result::Result<Option<EnterAnswer>, Unanswered> {
        let mut call = self.call(&self.scripts.enter, campaign);
        for entry in entries {
            entry.push_to(&mut call);
        }
        let answer: Option<EnterAnswer> = self.ask("enter_bids", &call).await.ok_or(Unanswered)?;
        self.trust.entered(campaign, entries);
        if answer.is_none() {
            self.rebuild_in_background(campaign);
        }
        Ok(answer)
    }

    /// PostgreSQL answers for a ranking until what it may lack is in it. `is_news`: nobody sees to that yet.
    fn distrust(&self, campaign: CampaignId, is_news: bool) {
        if !is_news {
            return;
        }
        let projection = self.clone();
        tokio::spawn(async move {
            let mut wait = RETRY;
            while !projection.database.is_closed() {
                tokio::time::sleep(wait).await;
                wait = RETRY_MAX.min(wait * 2);
                match projection.trust.next_retry(campaign) {
                    Due::Nothing => return,
                    Due::Rebuild => {
                        projection.rebuild_in_background(campaign);
                    }
                    Due::Enter(missed) => {
                        if projection.enter_entries(campaign, &missed).await.is_ok() {
                            wait = Duration::ZERO;
                        }
                    }
                }
            }
        });
    }

    /// Takes in the version of what PostgreSQL has shown: Redis must not show less.
    pub fn learn(&self, campaign: CampaignId, version: u64) {
        self.trust.learn(campaign, version);
    }

    /// The newest version seen so far.
    pub(super) fn seen(&self, campaign: CampaignId) -> u64 {
        self.trust.seen(campaign)
    }

    /// PostgreSQL has no more than `version` bids, asked for when `seen` was the newest.
    pub(super) fn limit(&self, campaign: CampaignId, seen: u64, version: u64) {
        self.trust.limit(campaign, seen, version);
    }

    /// The first `limit` rows, or `None` if Redis cannot tell.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Option<Snapshot> {
        if self.trust.doubts(campaign.campaign_id) {
            return None;
        }
        let seen = self.trust.seen(campaign.campaign_id);
        let mut call = self.call(&self.scripts.top, campaign.campaign_id);
        call.arg(limit).arg(campaign.quota());
        let answer: Option<TopAnswer> = self.ask("ranking_top", &call).await?;
        let Some((version, total_participants, kth, max, rows)) = answer else {
            self.rebuild_if_open(campaign);
            return None;
        };
        self.trust.learn(campaign.campaign_id, version);
        if version < seen {
            return None;
        }
        let rows = (1..).zip(rows).map(|(rank, (user, score, detail))| {
            let (price, username) = parse_detail(&detail)?;
            let user_id = user.parse().ok()?;
            Some(RankingRow { rank, user_id, username: username.to_owned(), score: Score::from_stored(score), price })
        });
        Some(Snapshot {
            rows: rows.collect::<Option<_>>()?,
            total_participants,
            min_winning_score: kth.map(Score::from_stored),
            max_score: max.map(Score::from_stored),
            version,
        })
    }

    /// Where users stand, or `None` if Redis cannot tell.
    pub async fn places(&self, campaign: &CampaignRecord, users: &[UserId]) -> Option<Places> {
        let id = campaign.campaign_id;
        if self.trust.doubts(id) {
            return None;
        }
        let seen = self.trust.seen(id);
        let mut places = Places::default();
        let mut oldest = None;
        for users in users.chunks(PLACES_AT_ONCE) {
            let mut call = self.call(&self.scripts.places, id);
            for user in users {
                call.arg(user.to_string());
            }
            let answer: Option<PlacesAnswer> = self.ask("places", &call).await?;
            let Some((version, total_participants, answer)) = answer else {
                self.rebuild_if_open(campaign);
                return None;
            };
            self.trust.learn(id, version);
            if version < seen {
                return None;
            }
            oldest.get_or_insert(version);
            places.total_participants = total_participants;
            places.of.extend(users.iter().zip(answer).filter_map(|(user, place)| {
                let (rank, score, detail) = place?;
                let (price, _) = parse_detail(&detail)?;
                Some((*user, Place { rank: rank + 1, score: Score::from_stored(score), price, version }))
            }));
        }
        places.version = oldest.unwrap_or_default();
        Some(places)
    }

    pub async fn verify(&self, campaign: &CampaignRecord, winners: &[UserId]) {
        let winners = &winners[..winners.len().min(VERIFIED_MAX)];
        let limit = u32::try_from(winners.len()).unwrap_or(u32::MAX);
        let mut has_answered = false;
        // The last bids are committed a moment before they are entered, so a difference counts
        // only if it stays.
        for wait in VERIFY_AFTER {
            tokio::time::sleep(wait).await;
            // Without an answer there is nothing to compare yet: Redis is away or being rebuilt.
            let Some(snapshot) = self.top(campaign, limit).await else { continue };
            has_answered = true;
            if snapshot.rows.iter().map(|row| row.user_id).eq(winners.iter().copied()) {
                return;
            }
        }
        if !has_answered {
            return;
        }
        metrics::PROJECTION_DRIFT.inc();
        tracing::error!(campaign = %campaign.campaign_id, "the ranking in Redis was wrong at settlement");
        self.rebuild_in_background(campaign.campaign_id);
    }

    pub async fn retire(&self, campaign: CampaignId) {
        let mut pipeline = redis::pipe();
        for key in self.keys_of(campaign) {
            pipeline.expire(key, RETIRED_S.cast_signed()).ignore();
        }
        // Nobody repairs the ranking of a closed campaign: one that may lack bids goes, and PostgreSQL answers.
        if self.trust.doubts(campaign) {
            return self.forget(campaign).await;
        }
        self.trust.forget(campaign);
        // Best effort: what stays costs memory, not correctness.
        let _: std::result::Result<(), _> = self.redis.pipeline("retire_ranking", &pipeline).await;
    }

    /// A rebuild makes the keys anew, without the end that `retire` gave them.
    async fn retire_if_closed(&self, campaign: CampaignId) -> Result<()> {
        let is_open: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM campaigns WHERE campaign_id = $1 AND status = 'open')")
                .bind(campaign.0)
                .fetch_one(&self.database)
                .await?;
        if !is_open {
            self.retire(campaign).await;
        }
        Ok(())
    }

    pub async fn forget(&self, campaign: CampaignId) {
        self.trust.forget(campaign);
        // Best effort, as in `retire`.
        let del = redis::Cmd::del(self.keys_of(campaign).as_slice());
        let _: std::result::Result<(), _> = self.redis.command("forget_ranking", &del).await;
    }

    /// What Redis has of a campaign; `None` if it does not answer.
    pub(super) async fn state(&self, campaign: CampaignId) -> Option<State> {
        let call = self.call(&self.scripts.state, campaign);
        let (is_whole, members, details, bids): (bool, u64, u64, u64) = self.ask("ranking_state", &call).await?;
        Some(State { is_whole, members, details, bids })
    }

    /// A closed campaign's ranking may leave Redis for good; PostgreSQL answers for it then.
    fn rebuild_if_open(&self, campaign: &CampaignRecord) {
        if campaign.rules.closing == Closing::Open {
            self.rebuild_in_background(campaign.campaign_id);
        }
    }

    /// `false` if it is being rebuilt already.
    pub(super) fn rebuild_in_background(&self, campaign: CampaignId) -> bool {
        if !self.rebuilds.asked().insert(campaign) {
            return false;
        }
        let projection = self.clone();
        tokio::spawn(async move {
            let turn = projection.rebuilds.turn.lock().await;
            let covered = projection.trust.begin_rebuild(campaign);
            let rebuilt = projection.rebuild(campaign).await;
            drop(turn);
            projection.rebuilds.asked().remove(&campaign);
            match rebuilt {
                Ok(true) => {
                    projection.trust.rebuilt(campaign, covered);
                    tracing::info!(%campaign, "rebuilt the ranking in Redis");
                }
                // Another rebuild is under way, or Redis was emptied once more: readers that still
                // miss the ranking start the next.
                Ok(false) => {}
                // Whoever comes next and misses it makes it anew.
                Err(_) if projection.database.is_closed() => {}
                Err(error) => tracing::warn!(%campaign, %error, "the ranking in Redis could not be rebuilt"),
            }
        });
        true
    }

    /// Makes the ranking anew from PostgreSQL; `false` if another rebuild has the claim or this
    /// one lost it.
    ///
    /// The claim and the deletion of the old ranking are one step, before PostgreSQL is read. So
    /// a bid is either committed before the read and found by it, or entered by its committer
    /// after the deletion. If Redis loses its memory meanwhile the claim is lost with it.
    async fn rebuild(&self, campaign: CampaignId) -> Result<bool> {
        let token = Uuid::new_v4().to_string();
        let mut begin = self.call(&self.scripts.begin_rebuild, campaign);
        begin.key(self.keys.rebuild(campaign)).arg(&token).arg(REBUILD_CLAIM_MS);
        if !self.redis.script::<bool>("begin_rebuild", &begin).await? {
            return Ok(false);
        }
        let open = self.renewing(campaign, &token, StandingPages::open(&self.database, campaign));
        let Some(mut standing) = open.await? else { return Ok(false) };
        let mut read = 0;
        let mut filling = JoinSet::new();
        // A process that is ending does not wait for it.
        while !self.database.is_closed() {
            let Some(page) = self.renewing(campaign, &token, standing.next()).await? else { return Ok(false) };
            let is_last = page.is_empty();
            // PostgreSQL reads and this process prepares the next pages while Redis takes these in.
            while filling.len() > if is_last { 0 } else { PAGES_ON_THEIR_WAY } {
                // A task that was ended has not brought its page there.
                if let Some(filled) = filling.join_next().await
                    && !filled.unwrap_or(Ok(false))?
                {
                    return Ok(false);
                }
            }
            if is_last {
                drop(standing);
                return self.finish(campaign, &token, read).await;
            }
            read += page.len();
            let (projection, token) = (self.clone(), token.clone());
            filling.spawn(async move { projection.fill(campaign, &token, &page).await });
        }
        Ok(false)
    }

    /// Declares a rebuilt ranking of `read` bidders or more whole; `false` if the claim is lost.
    async fn finish(&self, campaign: CampaignId, token: &str, read: usize) -> Result<bool> {
        let mut finish = self.call(&self.scripts.finish_rebuild, campaign);
        finish.key(self.keys.rebuild(campaign)).arg(token).arg(read);
        let finished: bool = self.redis.script("finish_rebuild", &finish).await?;
        if finished {
            metrics::PROJECTION_REBUILDS.inc();
            self.retire_if_closed(campaign).await?;
        }
        Ok(finished)
    }

    /// Works and renews the claim meanwhile; `None` if the claim is lost.
    async fn renewing<T>(
        &self,
        campaign: CampaignId,
        token: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        let mut work = pin!(work);
        loop {
            match tokio::time::timeout(Duration::from_millis(REBUILD_CLAIM_MS / 4), &mut work).await {
                Ok(done) => return done.map(Some),
                Err(_) if self.fill(campaign, token, &[]).await? => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// Enters a page into a ranking that is being rebuilt; `false` if the claim is lost.
    async fn fill(&self, campaign: CampaignId, token: &str, page: &[StandingRow]) -> Result<bool> {
        let entries = page.iter().map(Entry::from_row).collect::<Result<Vec<_>>>()?;
        let mut fill = self.call(&self.scripts.fill_rebuild, campaign);
        let bids: u64 = entries.iter().map(|entry| u64::from(entry.bid_number)).sum();
        fill.key(self.keys.rebuild(campaign)).arg(token).arg(REBUILD_CLAIM_MS);
        fill.arg(bids).arg(entries.len());
        for entry in &entries {
            fill.arg(entry.score.get().to_string()).arg(entry.member());
        }
        for entry in &entries {
            fill.arg(entry.user.to_string()).arg(entry.detail());
        }
        let Some(met) = self.redis.script::<Option<Vec<usize>>>("fill_rebuild", &fill).await? else {
            return Ok(false);
        };
        if !met.is_empty() {
            // Their committers were quicker; perhaps with an older bid.
            let mut enter = self.call(&self.scripts.enter, campaign);
            for entry in met.into_iter().filter_map(|at| entries.get(at)) {
                entry.push_to(&mut enter);
            }
            self.redis.script::<Option<EnterAnswer>>("fill_rebuild", &enter).await?;
        }
        Ok(true)
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

    /// Runs a script; `None` if Redis failed, which the log and the metrics have.
    async fn ask<T: redis::FromRedisValue>(&self, operation: &'static str, call: &ScriptInvocation<'_>) -> Option<T> {
        match self.redis.script(operation, call).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::debug!(operation, error = %Error::from(error), "Redis did not answer; PostgreSQL will");
                None
            }
        }
    }
}

/// Redis failed or did not answer: whether the call has run is unknown.
struct Unanswered;

/// A standing bid as the ranking keeps it.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    pub user: UserId,
    pub score: Score,
    pub accepted_seq: i64,
    pub price: Money,
    pub bid_number: u32,
    pub username: Cow<'a, str>,
}

impl<'a> Entry<'a> {
    fn of(bid: &StandingBid, username: &'a str) -> Self {
        Self {
            user: bid.user_id,
            score: bid.score,
            accepted_seq: bid.accepted_seq,
            price: bid.price,
            bid_number: bid.bid_number,
            username: Cow::Borrowed(username),
        }
    }

    /// The same, to be kept.
    pub fn into_owned(self) -> Entry<'static> {
        Entry { username: Cow::Owned(self.username.into_owned()), ..self }
    }

    fn from_row((user, score, accepted_seq, cents, bid_number, username): &'a StandingRow) -> Result<Self> {
        Ok(Self {
            user: UserId(*user),
            score: Score::from_stored(*score),
            accepted_seq: *accepted_seq,
            price: columns::money(*cents)?,
            bid_number: bid_number.unsigned_abs(),
            username: Cow::Borrowed(username),
        })
    }

    /// Adds what `enter.lua` expects of one bid.
    fn push_to(&self, call: &mut ScriptInvocation<'_>) {
        // Rust prints the shortest text that reads back as the same double, and so does Redis.
        call.arg(self.user.to_string()).arg(self.score.get().to_string()).arg(self.detail());
    }

    /// Digits that put the bid accepted earlier after the later one.
    fn order(&self) -> String {
        format!("{:0SEQ_DIGITS$}", SEQ_TOP - self.accepted_seq)
    }

    /// The member of the sorted set.
    fn member(&self) -> String {
        format!("{}{}", self.order(), self.user)
    }

    /// What the hash keeps of the user.
    fn detail(&self) -> String {
        let Self { price, bid_number, username, .. } = self;
        format!("{}|{bid_number}|{}|{username}", self.order(), price.cents())
    }
}

/// All standing bids of a campaign as of one moment, page by page.
struct StandingPages(Transaction<'static, Postgres>);

/// User, score, sequence, cents, bid number, name.
type StandingRow = (Uuid, f64, i64, i64, i32, String);

impl StandingPages {
    async fn open(database: &Database, campaign: CampaignId) -> Result<Self> {
        let mut snapshot = database.snapshot().await?;
        // Every row will be read: PostgreSQL need not hurry to the first, and may join in memory.
        sqlx::raw_sql("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL work_mem = '64MB'")
            .execute(&mut *snapshot)
            .await?;
        sqlx::query(
            // In order, because Redis adds to the end of a large sorted set faster than to its middle.
            "DECLARE standing NO SCROLL CURSOR FOR
             SELECT user_id, score, accepted_seq, (price * 100)::bigint, bid_number, username
             FROM bids JOIN users USING (user_id) WHERE campaign_id = $1 ORDER BY score",
        )
        .bind(campaign.0)
        .execute(&mut *snapshot)
        .await?;
        Ok(Self(snapshot))
    }

    /// Empty after the last.
    async fn next(&mut self) -> Result<Vec<StandingRow>> {
        // Not kept prepared: another transaction's cursor is another statement.
        let fetch = format!("FETCH {REBUILD_PAGE} FROM standing");
        Ok(sqlx::query_as(AssertSqlSafe(fetch)).persistent(false).fetch_all(&mut *self.0).await?)
    }
}

/// Price and name from a detail `order|number|cents|name`; the name may contain anything.
fn parse_detail(detail: &str) -> Option<(Money, &str)> {
    let mut parts = detail.splitn(4, '|').skip(2);
    let price = Money::from_cents(parts.next()?.parse().ok()?)?;
    Some((price, parts.next()?))
}
