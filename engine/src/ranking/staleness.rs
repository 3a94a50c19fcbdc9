//! Which rankings in Redis may be stale: they may lack bids that this process has committed or seen.
//!
//! Redis can fail to enter a batch, or not answer, and go on as if nothing had happened. So bids whose entry Redis has
//! not confirmed are kept here and entered again before any others, and PostgreSQL answers until that has succeeded. A
//! ranking with a lower version than this process has observed, in either store, has lost bids.

use super::redis_entry::Entry;
use domain::{CampaignId, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most unconfirmed bids kept for one campaign; with more, its ranking is rebuilt instead.
const UNCONFIRMED_MAX: usize = 10_000;
/// Unconfirmed bids that are entered again in one call.
const REENTERED_PER_CALL: usize = 500;
/// Campaigns that are tracked; beyond this, those whose rankings are not suspect are dropped.
const CAMPAIGNS_MAX: usize = 10_000;

/// What this process knows about the state of each campaign's ranking in Redis.
#[derive(Default)]
pub(super) struct StalenessTracker(Mutex<HashMap<CampaignId, TrackedRanking>>);

#[derive(Default)]
struct TrackedRanking {
    /// The newest version observed, in either store.
    newest_version: u64,
    /// Standing bids whose entry Redis has not confirmed, one per bidder.
    unconfirmed: HashMap<UserId, Entry<'static>>,
    /// How often a rebuild was requested since the last one that succeeded.
    rebuild_requests: u64,
    /// Whether a background task is catching up.
    is_catching_up: bool,
}

/// What a rebuild makes good: the unconfirmed bids and the requests from before it began.
pub(super) struct RebuildScope {
    unconfirmed: Vec<(UserId, i64)>,
    rebuild_requests: u64,
}

/// The next step until a ranking is no longer suspect.
pub(super) enum CatchUp {
    Done,
    Reenter(Vec<Entry<'static>>),
    Rebuild,
}

impl StalenessTracker {
    /// Whether Redis may lack something this process has committed.
    pub fn is_suspect(&self, campaign: CampaignId) -> bool {
        self.rankings().get(&campaign).is_some_and(TrackedRanking::is_suspect)
    }

    /// The newest version observed so far. A later read returns no older one unless the ranking has lost bids.
    pub fn newest_version(&self, campaign: CampaignId) -> u64 {
        self.rankings().get(&campaign).map_or(0, |ranking| ranking.newest_version)
    }

    /// Records the version of a ranking that was read.
    pub fn observe_version(&self, campaign: CampaignId, version: u64) {
        let mut rankings = self.rankings();
        if rankings.len() >= CAMPAIGNS_MAX && !rankings.contains_key(&campaign) {
            rankings.retain(|_, ranking| ranking.is_suspect());
        }
        let ranking = rankings.entry(campaign).or_default();
        ranking.newest_version = ranking.newest_version.max(version);
    }

    /// Lowers the newest version to PostgreSQL's if it cannot have been right: PostgreSQL was found to have `version`
    /// bids after `observed` had been the newest version, and bids are never removed.
    pub fn cap_version(&self, campaign: CampaignId, observed: u64, version: u64) {
        if let Some(ranking) = self.rankings().get_mut(&campaign)
            && observed > version
        {
            ranking.newest_version = ranking.newest_version.min(version);
        }
    }

    /// Keeps bids whose entry failed or was not answered; `true` if the caller must start catching up.
    #[must_use]
    pub fn add_unconfirmed(&self, campaign: CampaignId, entries: Vec<Entry<'_>>) -> bool {
        let mut rankings = self.rankings();
        let ranking = rankings.entry(campaign).or_default();
        for entry in entries {
            match ranking.unconfirmed.get(&entry.user) {
                Some(present) if present.score >= entry.score => {}
                _ => {
                    ranking.unconfirmed.insert(entry.user, entry.into_owned());
                }
            }
        }
        if ranking.unconfirmed.len() > UNCONFIRMED_MAX {
            ranking.unconfirmed.clear();
            ranking.rebuild_requests += 1;
        }
        !std::mem::replace(&mut ranking.is_catching_up, true)
    }

    /// Requests a rebuild, because Redis answered without bids it should have; `true` if the caller must start
    /// catching up.
    #[must_use]
    pub fn request_rebuild(&self, campaign: CampaignId) -> bool {
        let mut rankings = self.rankings();
        let ranking = rankings.entry(campaign).or_default();
        ranking.rebuild_requests += 1;
        !std::mem::replace(&mut ranking.is_catching_up, true)
    }

    /// The next step until the ranking is no longer suspect.
    pub fn next_step(&self, campaign: CampaignId) -> CatchUp {
        match self.rankings().get(&campaign) {
            Some(ranking) if ranking.rebuild_requests > 0 => CatchUp::Rebuild,
            Some(ranking) if !ranking.unconfirmed.is_empty() => CatchUp::Reenter(ranking.some_unconfirmed()),
            _ => CatchUp::Done,
        }
    }

    /// The same for the background task, which ends when it gets [`CatchUp::Done`].
    pub fn next_background_step(&self, campaign: CampaignId) -> CatchUp {
        let step = self.next_step(campaign);
        if let (CatchUp::Done, Some(ranking)) = (&step, self.rankings().get_mut(&campaign)) {
            // Checked again under this lock: bids may have been added since the first check released it.
            ranking.is_catching_up = ranking.is_suspect();
            if ranking.is_catching_up {
                return CatchUp::Reenter(ranking.some_unconfirmed());
            }
        }
        step
    }

    /// Drops bids whose entry Redis has confirmed.
    pub fn confirm(&self, campaign: CampaignId, entries: &[Entry<'_>]) {
        if let Some(ranking) = self.rankings().get_mut(&campaign) {
            ranking.confirm(entries.iter().map(|entry| (entry.user, entry.accepted_seq)));
        }
    }

    /// What a rebuild that begins now makes good. It must be called before the rebuild reads PostgreSQL.
    pub fn begin_rebuild(&self, campaign: CampaignId) -> RebuildScope {
        let rankings = self.rankings();
        let ranking = rankings.get(&campaign);
        let unconfirmed = ranking
            .map(|ranking| ranking.unconfirmed.values().map(|entry| (entry.user, entry.accepted_seq)).collect())
            .unwrap_or_default();
        RebuildScope { unconfirmed, rebuild_requests: ranking.map_or(0, |ranking| ranking.rebuild_requests) }
    }

    /// Drops what a successful rebuild of this process has made good.
    pub fn finish_rebuild(&self, campaign: CampaignId, scope: RebuildScope) {
        if let Some(ranking) = self.rankings().get_mut(&campaign) {
            ranking.confirm(scope.unconfirmed.into_iter());
            ranking.rebuild_requests -= scope.rebuild_requests.min(ranking.rebuild_requests);
        }
    }

    /// Stops tracking a campaign that is closed or removed.
    pub fn forget(&self, campaign: CampaignId) {
        self.rankings().remove(&campaign);
    }

    fn rankings(&self) -> MutexGuard<'_, HashMap<CampaignId, TrackedRanking>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TrackedRanking {
    fn is_suspect(&self) -> bool {
        self.rebuild_requests > 0 || !self.unconfirmed.is_empty()
    }

    fn some_unconfirmed(&self) -> Vec<Entry<'static>> {
        self.unconfirmed.values().take(REENTERED_PER_CALL).cloned().collect()
    }

    /// Keeps a bidder's later bid, which was added after these were sent.
    fn confirm(&mut self, entries: impl Iterator<Item = (UserId, i64)>) {
        for (user, accepted_seq) in entries {
            if self.unconfirmed.get(&user).is_some_and(|present| present.accepted_seq <= accepted_seq) {
                self.unconfirmed.remove(&user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Money, Score};

    fn campaign() -> CampaignId {
        "01a20406-9e66-70cc-8ca5-698c727e7d00".parse().expect("an id")
    }

    fn entry(user: u128, score: f64, accepted_seq: i64) -> Entry<'static> {
        Entry {
            user: UserId(uuid::Uuid::from_u128(user)),
            score: Score::from_stored(score),
            accepted_seq,
            price: Money::MIN,
            bid_number: 1,
            username: "".into(),
        }
    }

    #[test]
    fn a_ranking_is_suspect_until_every_unconfirmed_bid_is_entered() {
        let tracker = StalenessTracker::default();
        assert!(!tracker.is_suspect(campaign()));
        assert!(tracker.add_unconfirmed(campaign(), vec![entry(1, 10.0, 1)]), "a task must be started");
        assert!(!tracker.add_unconfirmed(campaign(), vec![entry(1, 20.0, 5)]), "one is running");
        assert!(tracker.is_suspect(campaign()));
        tracker.confirm(campaign(), &[entry(1, 10.0, 1)]);
        assert!(tracker.is_suspect(campaign()), "the later bid is still unconfirmed");
        tracker.confirm(campaign(), &[entry(1, 20.0, 5)]);
        assert!(!tracker.is_suspect(campaign()));
        assert!(matches!(tracker.next_background_step(campaign()), CatchUp::Done));
        assert!(tracker.add_unconfirmed(campaign(), vec![entry(2, 1.0, 9)]), "the last task has ended");
    }

    #[test]
    fn too_many_unconfirmed_bids_request_a_rebuild() {
        let tracker = StalenessTracker::default();
        let many = (0..=UNCONFIRMED_MAX as u128).map(|user| entry(user, 1.0, 1)).collect();
        assert!(tracker.add_unconfirmed(campaign(), many));
        let scope = tracker.begin_rebuild(campaign());
        assert!(!tracker.add_unconfirmed(campaign(), vec![entry(7, 2.0, 99)]));
        tracker.finish_rebuild(campaign(), scope);
        assert!(
            matches!(tracker.next_step(campaign()), CatchUp::Reenter(entries) if entries.len() == 1),
            "added during the rebuild"
        );
    }

    #[test]
    fn the_newest_version_never_falls_unless_it_was_wrong() {
        let tracker = StalenessTracker::default();
        tracker.observe_version(campaign(), 10);
        tracker.observe_version(campaign(), 9);
        assert_eq!(tracker.newest_version(campaign()), 10);
        // Observed after PostgreSQL was read, which may have these bids by now.
        tracker.cap_version(campaign(), 8, 8);
        assert_eq!(tracker.newest_version(campaign()), 10);
        tracker.cap_version(campaign(), 10, 8);
        assert_eq!(tracker.newest_version(campaign()), 8);
    }
}
