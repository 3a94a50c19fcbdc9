//! The ranking in Redis: a projection of the `bids` table that answers in O(log N).
//!
//! It answers only where it is whole and lacks nothing this process knows of; otherwise it says so, and
//! PostgreSQL answers.

use super::{
    entry::{Entry, parse_detail},
    rebuild::Rebuilds,
    redis_scripts::{RanksAnswer, RedisScripts, Unanswered},
    retire,
    snapshot::{Ranks, Snapshot, Standing, Standings},
    standing_bid::StandingBid,
    trust::{Due, Trust},
};
use crate::{catalog::CampaignRecord, metrics, store::executor::Database};
use domain::{CampaignId, Score, UserId, api::rankings::RankingRow, campaign_rules::Closing};
use std::{sync::Arc, time::Duration};

/// Users whose standings are asked for in one call: bids wait for Redis meanwhile.
const STANDINGS_PER_CALL: usize = 100;
/// How long after a failed entry it is tried again, where no new bid does that sooner; then twice as long.
const RETRY: Duration = Duration::from_millis(300);
/// The longest wait between two tries.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Winners that are compared with Redis at settlement.
const VERIFIED_MAX: usize = 1000;
/// Waits before each comparison.
const VERIFY_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(2)];

/// Reads and writes rankings in Redis; clones share what is known of them.
#[derive(Clone)]
pub(super) struct RedisRanking {
    database: Database,
    scripts: Arc<RedisScripts>,
    rebuilds: Rebuilds,
    trust: Arc<Trust>,
}

impl RedisRanking {
    pub fn new(database: Database, scripts: Arc<RedisScripts>, rebuilds: Rebuilds, trust: Arc<Trust>) -> Self {
        Self { database, scripts, rebuilds, trust }
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
                    self.catch_up(campaign, self.trust.lost(campaign));
                    return None;
                }
                self.trust.learn(campaign, version);
                if self.trust.doubts(campaign) || version < seen {
                    return None;
                }
                let rank_of = |(entry, rank): (&Entry<'_>, i64)| (entry.user, rank.unsigned_abs() + 1);
                Some(Ranks { version, by_user: entries.iter().zip(ranks).map(rank_of).collect() })
            }
            Ok(None) => None,
            Err(Unanswered) => {
                self.catch_up(campaign, self.trust.missed(campaign, entries));
                None
            }
        }
    }

    /// `None` if the ranking is not whole: then it is rebuilt, with these bids in it.
    async fn enter_entries(
        &self,
        campaign: CampaignId,
        entries: &[Entry<'_>],
    ) -> Result<Option<RanksAnswer>, Unanswered> {
        let answer = self.scripts.keep_best(campaign, entries).await?;
        self.trust.entered(campaign, entries);
        if answer.is_none() {
            self.rebuilds.start(campaign);
        }
        Ok(answer)
    }

    /// Enters in the background what Redis has missed, unless (`is_needed`) a task does so already.
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
                match ranking.trust.next_retry(campaign) {
                    Due::Nothing => return,
                    Due::Rebuild => {
                        ranking.rebuilds.start(campaign);
                    }
                    Due::Enter(missed) => {
                        if ranking.enter_entries(campaign, &missed).await.is_ok() {
                            wait = Duration::ZERO;
                        }
                    }
                }
            }
        });
    }

    /// The first `limit` rows, or `None` if Redis cannot tell.
    pub async fn top(&self, campaign: &CampaignRecord, limit: u32) -> Option<Snapshot> {
        let id = campaign.campaign_id;
        if self.trust.doubts(id) {
            return None;
        }
        let seen = self.trust.seen(id);
        let answer = self.scripts.top_rows(id, limit, campaign.quota()).await.ok()?;
        let Some((version, total_participants, kth, max, rows)) = answer else {
            self.rebuild_if_open(campaign);
            return None;
        };
        self.trust.learn(id, version);
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
    pub async fn standings(&self, campaign: &CampaignRecord, users: &[UserId]) -> Option<Standings> {
        let id = campaign.campaign_id;
        if self.trust.doubts(id) {
            return None;
        }
        let seen = self.trust.seen(id);
        let mut standings = Standings::default();
        let mut oldest = None;
        for users in users.chunks(STANDINGS_PER_CALL) {
            let answer = self.scripts.standings(id, users).await.ok()?;
            let Some((version, total_participants, answer)) = answer else {
                self.rebuild_if_open(campaign);
                return None;
            };
            self.trust.learn(id, version);
            if version < seen {
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

    /// Compares the order of the winners with the one PostgreSQL has settled, and rebuilds the ranking if they
    /// differ.
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
        self.rebuilds.start(campaign.campaign_id);
    }

    /// Takes in the version of what PostgreSQL has shown: Redis must not show less.
    pub fn learn(&self, campaign: CampaignId, version: u64) {
        self.trust.learn(campaign, version);
    }

    /// Lets the ranking of a closed campaign go from Redis after a day.
    pub async fn retire(&self, campaign: CampaignId) {
        retire::retire(&self.scripts, &self.trust, campaign).await;
    }

    /// Removes the ranking of a campaign that is gone.
    pub async fn remove(&self, campaign: CampaignId) {
        retire::remove(&self.scripts, &self.trust, campaign).await;
    }

    /// A closed campaign's ranking may leave Redis for good; PostgreSQL answers for it then.
    fn rebuild_if_open(&self, campaign: &CampaignRecord) {
        if campaign.rules.closing == Closing::Open {
            self.rebuilds.start(campaign.campaign_id);
        }
    }
}
