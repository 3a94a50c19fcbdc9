//! The ranking in Redis: a projection of the `bids` table that answers in O(log N).
//!
//! It answers only if it is complete and, as far as this process knows, not stale. Otherwise the methods return `None`,
//! and the caller reads PostgreSQL.

use super::{
    bid_counts::{BatchCounts, BidCounts, WriterRange, Writers},
    rebuild::{RebuildReason, Rebuilds},
    redis_entry::{Entry, parse_detail},
    redis_scripts::{RankingMeta, RanksAnswer, RedisScripts, Unanswered},
    retire,
    snapshot::{Ranks, Snapshot, Standing, Standings},
    staleness::{CatchUp, StalenessTracker},
    standing_bid::NamedBid,
};
use crate::{catalog::CampaignRecord, metrics, store::database::Database, supervise::supervise};
use domain::{CampaignId, Score, UserId, api::rankings::RankingRow, campaign_status::Closing};
use std::{sync::Arc, time::Duration};

/// Users whose standings are asked for in one call: bids wait for Redis meanwhile.
const STANDINGS_PER_CALL: usize = 100;
/// Delay before failed entries are retried in the background; it doubles with every failure. A new bid retries them
/// sooner.
const RETRY: Duration = Duration::from_millis(300);
/// Delays before Redis is asked again if it lacks bids that are known to be committed: other processes enter theirs a
/// moment after they commit them. Then PostgreSQL answers, until Redis has caught up.
const WAIT_FOR_OTHERS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(4), Duration::from_millis(15)];
/// The longest delay between two retries.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Most winners that are compared with Redis at settlement.
const VERIFIED_MAX: usize = 1000;
/// Delays before each comparison.
const VERIFY_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(2)];

/// Reads and writes rankings in Redis. Clones share the staleness tracker.
#[derive(Clone)]
pub(super) struct RedisRanking {
    database: Database,
    scripts: Arc<RedisScripts>,
    rebuilds: Rebuilds,
    staleness: Arc<StalenessTracker>,
    writers: Writers,
}

impl RedisRanking {
    pub fn new(
        database: Database,
        scripts: Arc<RedisScripts>,
        rebuilds: Rebuilds,
        staleness: Arc<StalenessTracker>,
        writers: Writers,
    ) -> Self {
        Self { database, scripts, rebuilds, staleness, writers }
    }

    /// Enters the bids that a batch improved and returns their ranks and those of the unchanged ones; `None` if Redis does
    /// not answer, or its ranking is incomplete or suspect.
    ///
    /// An unchanged one may be of another writer's batch, which is on its way to Redis. That writer enters it, and counts
    /// it when it does: a ranking must hold the bids that it counts and no others, for its version to name it.
    pub async fn enter(
        &self,
        campaign: CampaignId,
        improved: &[NamedBid<'_>],
        unchanged: &[NamedBid<'_>],
        batch: &BatchCounts,
    ) -> Option<Ranks> {
        let range = batch.range;
        let entries: Vec<Entry<'_>> = improved.iter().map(|(bid, username)| Entry::of(bid, username)).collect();
        let asked: Vec<Entry<'_>> = unchanged.iter().map(|(bid, username)| Entry::of(bid, username)).collect();
        // Unconfirmed bids first: once they are entered the ranking is no longer suspect, and the range follows on from
        // what Redis has.
        while let CatchUp::Reenter(unconfirmed, ranges) = self.staleness.next_step(campaign) {
            if self.enter_entries(campaign, &unconfirmed, &[], &ranges).await.is_err() {
                self.keep_unconfirmed(campaign, entries, range);
                return None;
            }
        }
        let ranges: Vec<WriterRange> = range.into_iter().collect();
        // Of this process's own bids, those that were entered before: others may be committed and on their way here.
        let mut required = self.staleness.observed(campaign);
        required.merge(&batch.committed_before);
        let mut required = required.without(self.writers);
        required.merge(&self.staleness.entered(campaign));
        let (entries, asked, ranges) = (entries.as_slice(), asked.as_slice(), ranges.as_slice());
        let answer = self.ask(campaign, &required, || async move {
            let answer = self.enter_entries(campaign, entries, asked, ranges).await;
            let answer = answer.unwrap_or_else(|Unanswered| {
                self.keep_unconfirmed(campaign, entries.to_vec(), range);
                None
            });
            answer.map(|(meta, ranks)| EnterAnswer { meta, ranks, entered: entries.len() })
        });
        let EnterAnswer { meta, ranks, .. } = answer.await?;
        let is_ranked = |rank: &i64| *rank >= 0;
        if ranks.len() != entries.len() + asked.len() || !ranks.iter().all(is_ranked) {
            tracing::warn!(%campaign, "the ranking in Redis lacks standing bids");
            self.catch_up(campaign, self.staleness.request_rebuild(campaign));
            return None;
        }
        if self.staleness.is_suspect(campaign) {
            return None;
        }
        let rank_of = |(entry, rank): (&Entry<'_>, i64)| (entry.user, rank.unsigned_abs() + 1);
        Some(Ranks {
            version: meta.counts.version(),
            by_user: entries.iter().chain(asked).zip(ranks).map(rank_of).collect(),
        })
    }

    /// Asks until the answer is of a ranking with all `required` bids; `None` if it is not after a while, or if there is no
    /// answer. Nor are bids waited for that it only asks for: the batch that enters them may be next in this lane.
    async fn ask<T: RankingAnswer, F: Future<Output = Option<T>>>(
        &self,
        campaign: CampaignId,
        required: &BidCounts,
        question: impl Fn() -> F,
    ) -> Option<T> {
        let attempts = if self.staleness.is_behind(campaign) { 1 } else { WAIT_FOR_OTHERS.len() };
        for wait in &WAIT_FOR_OTHERS[..attempts] {
            if !wait.is_zero() {
                tokio::time::sleep(*wait).await;
            }
            let answer = question().await?;
            self.staleness.observe(campaign, &answer.meta().counts);
            if answer.meta().counts.include(required) {
                self.staleness.set_behind(campaign, false);
                return answer.has_all_asked().then_some(answer);
            }
        }
        self.staleness.set_behind(campaign, true);
        None
    }

    fn keep_unconfirmed(&self, campaign: CampaignId, entries: Vec<Entry<'_>>, range: Option<WriterRange>) {
        self.catch_up(campaign, self.staleness.add_unconfirmed(campaign, entries, range));
    }

    /// `None` if the ranking is incomplete; a rebuild is then started, which keeps these bids.
    async fn enter_entries(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
        asked: &[Entry<'_>],
        ranges: &[WriterRange],
    ) -> Result<Option<RanksAnswer>, Unanswered> {
        let answer = self.scripts.enter_bids(campaign, entries, asked, ranges).await?;
        self.staleness.confirm(campaign, entries, ranges);
        if answer.is_none() {
            self.rebuilds.start(campaign, RebuildReason::Incomplete);
        }
        Ok(answer)
    }

    /// Starts a background task that retries until the ranking is no longer suspect; with `is_needed` false one is
    /// running already.
    fn catch_up(&self, campaign: CampaignId, is_needed: bool) {
        if is_needed {
            let ranking = self.clone();
            tokio::spawn(supervise("ranking", move || ranking.clone().run_catch_up(campaign)));
        }
    }

    async fn run_catch_up(self, campaign: CampaignId) {
        let mut wait = RETRY;
        while !self.database.is_closed() {
            tokio::time::sleep(wait).await;
            wait = if wait.is_zero() { RETRY } else { RETRY_MAX.min(wait * 2) };
            match self.staleness.next_background_step(campaign) {
                CatchUp::Done => return,
                CatchUp::Rebuild => {
                    self.rebuilds.start(campaign, RebuildReason::Wrong);
                }
                CatchUp::Reenter(unconfirmed, ranges) => {
                    if self.enter_entries(campaign, &unconfirmed, &[], &ranges).await.is_ok() {
                        wait = Duration::ZERO;
                    }
                }
            }
        }
    }

    /// The first `limit` rows; `None` if Redis cannot be relied on.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Option<Snapshot> {
        let id = campaign.campaign_id;
        if self.staleness.is_suspect(id) {
            return None;
        }
        let observed = self.staleness.observed(id);
        let answer = self.ask(id, &observed, || async move {
            let answer = self.scripts.top_rows(id, limit, campaign.quota()).await.ok()?;
            if answer.is_none() {
                self.rebuild_if_open(campaign);
            }
            answer
        });
        let (meta, total_participants, kth, max, rows) = answer.await?;
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
            bids: meta.counts.accepted(),
            version: meta.counts.version(),
            counts: meta.counts,
        })
    }

    /// The standings of users; `None` if Redis cannot be relied on.
    pub async fn standings(&self, campaign: &CampaignRecord, users: &[UserId]) -> Option<Standings> {
        let id = campaign.campaign_id;
        if self.staleness.is_suspect(id) {
            return None;
        }
        let mut standings = Standings::default();
        let mut oldest = None;
        for users in users.chunks(STANDINGS_PER_CALL) {
            let observed = self.staleness.observed(id);
            let answer = self.ask(id, &observed, || async move {
                let answer = self.scripts.standings(id, users).await.ok()?;
                if answer.is_none() {
                    self.rebuild_if_open(campaign);
                }
                answer
            });
            let (meta, total_participants, answer) = answer.await?;
            let version = meta.counts.version();
            oldest.get_or_insert(version);
            standings.total_participants = total_participants;
            for (user, (rank, score, detail)) in
                users.iter().zip(answer).filter_map(|(user, found)| Some((user, found?)))
            {
                if score < 0.0 {
                    standings.void.insert(*user);
                } else if let Some((price, _)) = parse_detail(&detail) {
                    let standing = Standing { rank: rank + 1, score: Score::from_stored(score), price, version };
                    standings.by_user.insert(*user, standing);
                }
            }
        }
        standings.version = oldest.unwrap_or_default();
        Some(standings)
    }

    /// Compares the first rows with the winners that settlement read from PostgreSQL, and rebuilds the ranking if they
    /// differ.
    pub async fn verify(&self, campaign: &CampaignRecord, winners: &[UserId]) {
        let winners = &winners[..winners.len().min(VERIFIED_MAX)];
        let limit = u32::try_from(winners.len()).unwrap_or(u32::MAX);
        let mut has_answered = false;
        // The last bids are committed a moment before they are entered, so a difference counts only if it persists.
        for wait in VERIFY_AFTER {
            tokio::time::sleep(wait).await;
            // `None`: Redis is unreachable or the ranking is being rebuilt, so there is nothing to compare yet.
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
        self.rebuilds.start(campaign.campaign_id, RebuildReason::Wrong);
    }

    /// Whether a ranking of these bids lacks none that is known to be committed.
    pub fn has_all_observed(&self, campaign: CampaignId, counts: &BidCounts) -> bool {
        self.staleness.has_all_observed(campaign, counts)
    }

    /// Records bids that are known to be committed, so that a ranking in Redis without them is not used.
    pub fn observe(&self, campaign: CampaignId, counts: &BidCounts) {
        self.staleness.observe(campaign, counts);
    }

    /// Lets the ranking of a closed campaign expire after a day.
    pub async fn retire(&self, campaign: CampaignId) {
        retire::retire(&self.scripts, &self.staleness, campaign).await;
    }

    /// Deletes the ranking of a removed campaign.
    pub async fn remove(&self, campaign: CampaignId) {
        retire::remove(&self.scripts, &self.staleness, campaign).await;
    }

    /// The ranking of a closed campaign is allowed to expire, and is read from PostgreSQL from then on.
    fn rebuild_if_open(&self, campaign: &CampaignRecord) {
        if campaign.rules.closing == Closing::Open {
            self.rebuilds.start(campaign.campaign_id, RebuildReason::Incomplete);
        }
    }
}

/// The ranks after a batch was entered.
struct EnterAnswer {
    meta: RankingMeta,
    /// 0-based: those of the bids that were entered, then those of the others; -1 for one that is not in the ranking.
    ranks: Vec<i64>,
    /// How many were entered.
    entered: usize,
}

/// An answer that says which ranking it is from.
trait RankingAnswer {
    fn meta(&self) -> &RankingMeta;

    /// Whether nothing is missing that another writer may be about to enter.
    fn has_all_asked(&self) -> bool {
        true
    }
}

impl RankingAnswer for EnterAnswer {
    fn meta(&self) -> &RankingMeta {
        &self.meta
    }

    fn has_all_asked(&self) -> bool {
        self.ranks.iter().skip(self.entered).all(|rank| *rank >= 0)
    }
}

impl<A, B> RankingAnswer for (RankingMeta, A, B) {
    fn meta(&self) -> &RankingMeta {
        &self.0
    }
}

impl<A, B, C, D> RankingAnswer for (RankingMeta, A, B, C, D) {
    fn meta(&self) -> &RankingMeta {
        &self.0
    }
}
