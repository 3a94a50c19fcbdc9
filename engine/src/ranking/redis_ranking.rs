//! The ranking in Redis: a projection of the `bids` table that answers in O(log N).
//!
//! It answers only if it is complete and, as far as this process knows, not stale. Otherwise the methods return `None`,
//! and the caller reads PostgreSQL.

use super::{
    rebuild::Rebuilds,
    redis_entry::{Entry, parse_detail},
    redis_scripts::{RanksAnswer, RedisScripts, Unanswered},
    retire,
    snapshot::{Ranks, Snapshot, Standing, Standings},
    staleness::{CatchUp, StalenessTracker},
    standing_bid::StandingBid,
};
use crate::{catalog::CampaignRecord, metrics, store::database::Database};
use domain::{CampaignId, Score, UserId, api::rankings::RankingRow, campaign_rules::Closing};
use std::{sync::Arc, time::Duration};

/// Users whose standings are asked for in one call: bids wait for Redis meanwhile.
const STANDINGS_PER_CALL: usize = 100;
/// Delay before failed entries are retried in the background; it doubles with every failure. A new bid retries them
/// sooner.
const RETRY: Duration = Duration::from_millis(300);
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
}

impl RedisRanking {
    pub fn new(
        database: Database,
        scripts: Arc<RedisScripts>,
        rebuilds: Rebuilds,
        staleness: Arc<StalenessTracker>,
    ) -> Self {
        Self { database, scripts, rebuilds, staleness }
    }

    /// Enters bids and returns their ranks; `None` if Redis does not answer, or its ranking is incomplete or suspect.
    pub async fn enter(&self, campaign: CampaignId, bids: &[(&StandingBid, &str)]) -> Option<Ranks> {
        let entries: Vec<Entry<'_>> = bids.iter().map(|(bid, username)| Entry::of(bid, username)).collect();
        // Unconfirmed bids first: once they are entered the ranking is no longer suspect.
        while let CatchUp::Reenter(unconfirmed) = self.staleness.next_step(campaign) {
            if self.enter_entries(campaign, &unconfirmed).await.is_err() {
                break;
            }
        }
        let observed = self.staleness.newest_version(campaign);
        match self.enter_entries(campaign, &entries).await {
            Ok(Some((version, ranks))) => {
                let is_ranked = |rank: &i64| *rank >= 0;
                if ranks.len() != entries.len() || !ranks.iter().all(is_ranked) {
                    tracing::warn!(%campaign, "the ranking in Redis lacks standing bids");
                    self.catch_up(campaign, self.staleness.request_rebuild(campaign));
                    return None;
                }
                self.staleness.observe_version(campaign, version);
                if self.staleness.is_suspect(campaign) || version < observed {
                    return None;
                }
                let rank_of = |(entry, rank): (&Entry<'_>, i64)| (entry.user, rank.unsigned_abs() + 1);
                Some(Ranks { version, by_user: entries.iter().zip(ranks).map(rank_of).collect() })
            }
            Ok(None) => None,
            Err(Unanswered) => {
                self.catch_up(campaign, self.staleness.add_unconfirmed(campaign, entries));
                None
            }
        }
    }

    /// `None` if the ranking is incomplete; a rebuild is then started, which keeps these bids.
    async fn enter_entries(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
    ) -> Result<Option<RanksAnswer>, Unanswered> {
        let answer = self.scripts.enter_bids(campaign, entries).await?;
        self.staleness.confirm(campaign, entries);
        if answer.is_none() {
            self.rebuilds.start(campaign);
        }
        Ok(answer)
    }

    /// Starts a background task that retries until the ranking is no longer suspect; with `is_needed` false one is
    /// running already.
    fn catch_up(&self, campaign: CampaignId, is_needed: bool) {
        if !is_needed {
            return;
        }
        let ranking = self.clone();
        tokio::spawn(async move {
            let mut wait = RETRY;
            while !ranking.database.is_closed() {
                tokio::time::sleep(wait).await;
                wait = RETRY_MAX.min(wait * 2);
                match ranking.staleness.next_background_step(campaign) {
                    CatchUp::Done => return,
                    CatchUp::Rebuild => {
                        ranking.rebuilds.start(campaign);
                    }
                    CatchUp::Reenter(unconfirmed) => {
                        if ranking.enter_entries(campaign, &unconfirmed).await.is_ok() {
                            wait = Duration::ZERO;
                        }
                    }
                }
            }
        });
    }

    /// The first `limit` rows; `None` if Redis cannot be relied on.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Option<Snapshot> {
        let id = campaign.campaign_id;
        if self.staleness.is_suspect(id) {
            return None;
        }
        let observed = self.staleness.newest_version(id);
        let answer = self.scripts.top_rows(id, limit, campaign.quota()).await.ok()?;
        let Some((version, total_participants, kth, max, rows)) = answer else {
            self.rebuild_if_open(campaign);
            return None;
        };
        self.staleness.observe_version(id, version);
        if version < observed {
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

    /// The standings of users; `None` if Redis cannot be relied on.
    pub async fn standings(&self, campaign: &CampaignRecord, users: &[UserId]) -> Option<Standings> {
        let id = campaign.campaign_id;
        if self.staleness.is_suspect(id) {
            return None;
        }
        let observed = self.staleness.newest_version(id);
        let mut standings = Standings::default();
        let mut oldest = None;
        for users in users.chunks(STANDINGS_PER_CALL) {
            let answer = self.scripts.standings(id, users).await.ok()?;
            let Some((version, total_participants, answer)) = answer else {
                self.rebuild_if_open(campaign);
                return None;
            };
            self.staleness.observe_version(id, version);
            if version < observed {
                return None;
            }
            oldest.get_or_insert(version);
            standings.total_participants = total_participants;
            standings.by_user.extend(users.iter().zip(answer).filter_map(|(user, standing)| {
                let (rank, score, detail) = standing?;
                let (price, _) = parse_detail(&detail)?;
                Some((*user, Standing { rank: rank + 1, score: Score::from_stored(score), price, version }))
            }));
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
        self.rebuilds.start(campaign.campaign_id);
    }

    /// Records the version of a ranking read from PostgreSQL, so that an older one from Redis is not used.
    pub fn observe_version(&self, campaign: CampaignId, version: u64) {
        self.staleness.observe_version(campaign, version);
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
            self.rebuilds.start(campaign.campaign_id);
        }
    }
}
