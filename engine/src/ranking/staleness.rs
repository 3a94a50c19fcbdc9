//! Which rankings in Redis may be stale: they may lack bids that this process has committed or seen.
//!
//! Redis can fail to enter a batch, or not answer, and go on as if nothing had happened. So bids whose entry Redis has
//! not confirmed are kept here and entered again before any others, and PostgreSQL answers until that has succeeded. A
//! ranking without bids that this process has observed, in either store, lacks them: Redis has lost them, or their own
//! process has not entered them yet.

use super::{
    bid_counts::{BidCounts, WriterRange},
    redis_entry::Entry,
};
use domain::{CampaignId, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Most unconfirmed bids kept for one campaign; with more, its ranking is rebuilt instead. They are entered again in one
/// call, because a ranking counts a range of bids when it has all of them, and the script takes no more than this.
const UNCONFIRMED_MAX: usize = 2500;
/// Campaigns that are tracked; beyond this, those whose rankings are not suspect are dropped.
const CAMPAIGNS_MAX: usize = 10_000;

/// What this process knows about the state of each campaign's ranking in Redis.
#[derive(Default)]
pub(super) struct StalenessTracker(Mutex<HashMap<CampaignId, TrackedRanking>>);

#[derive(Default)]
struct TrackedRanking {
    /// The bids observed in either store.
    observed: BidCounts,
    /// The bids of this process whose entry Redis has confirmed.
    entered: BidCounts,
    /// Standing bids whose entry Redis has not confirmed, one per bidder.
    unconfirmed: HashMap<UserId, Entry<'static>>,
    /// The bids of this process's writers that they complete.
    unconfirmed_ranges: HashMap<Uuid, WriterRange>,
    /// Whether Redis was last found to lack observed bids.
    is_behind: bool,
    /// How often a rebuild was requested since the last one that succeeded.
    rebuild_requests: u64,
    /// Whether a background task is catching up.
    is_catching_up: bool,
}

/// What a rebuild makes good: the unconfirmed bids and the requests from before it began.
pub(super) struct RebuildScope {
    unconfirmed: Vec<(UserId, u32)>,
    ranges: Vec<WriterRange>,
    rebuild_requests: u64,
}

/// The next step until a ranking is no longer suspect.
pub(super) enum CatchUp {
    Done,
    /// Bids to enter again, and the ranges that are complete with them.
    Reenter(Vec<Entry<'static>>, Vec<WriterRange>),
    Rebuild,
}

impl StalenessTracker {
    /// Whether Redis may lack something this process has committed.
    pub fn is_suspect(&self, campaign: CampaignId) -> bool {
        self.rankings().get(&campaign).is_some_and(TrackedRanking::is_suspect)
    }

    /// The bids observed so far. A later read lacks none of them unless the ranking has lost bids.
    pub fn observed(&self, campaign: CampaignId) -> BidCounts {
        self.rankings().get(&campaign).map(|ranking| ranking.observed.clone()).unwrap_or_default()
    }

    /// Whether a ranking of these bids lacks none that was observed.
    pub fn has_all_observed(&self, campaign: CampaignId, counts: &BidCounts) -> bool {
        self.rankings().get(&campaign).is_none_or(|ranking| counts.include(&ranking.observed))
    }

    /// The bids of this process that Redis has confirmed. A ranking without them has lost bids.
    pub fn entered(&self, campaign: CampaignId) -> BidCounts {
        self.rankings().get(&campaign).map(|ranking| ranking.entered.clone()).unwrap_or_default()
    }

    /// Records the bids of a ranking that was read, or that are known to be committed.
    pub fn observe(&self, campaign: CampaignId, counts: &BidCounts) {
        let mut rankings = self.rankings();
        if rankings.len() >= CAMPAIGNS_MAX && !rankings.contains_key(&campaign) {
            rankings.retain(|_, ranking| ranking.is_suspect());
        }
        rankings.entry(campaign).or_default().observed.merge(counts);
    }

    /// Lowers observed counts to PostgreSQL's if they cannot have been right: PostgreSQL was found to have `counts` after
    /// `observed` had been observed, and bids are never removed.
    pub fn cap(&self, campaign: CampaignId, observed: &BidCounts, counts: &BidCounts) {
        if let Some(ranking) = self.rankings().get_mut(&campaign) {
            ranking.observed.cap(observed, counts);
            ranking.entered.cap(observed, counts);
        }
    }

    /// Whether Redis was last found to lack observed bids.
    pub fn is_behind(&self, campaign: CampaignId) -> bool {
        self.rankings().get(&campaign).is_some_and(|ranking| ranking.is_behind)
    }

    /// Records whether Redis lacks observed bids.
    pub fn set_behind(&self, campaign: CampaignId, is_behind: bool) {
        if let Some(ranking) = self.rankings().get_mut(&campaign) {
            ranking.is_behind = is_behind;
        }
    }

    /// Keeps bids whose entry failed or was not answered; `true` if the caller must start catching up.
    #[must_use]
    pub fn add_unconfirmed(&self, campaign: CampaignId, entries: Vec<Entry<'_>>, range: Option<WriterRange>) -> bool {
        let mut rankings = self.rankings();
        let ranking = rankings.entry(campaign).or_default();
        for entry in entries {
            match ranking.unconfirmed.get(&entry.user) {
                Some(present) if present.changes >= entry.changes => {}
                _ => {
                    ranking.unconfirmed.insert(entry.user, entry.into_owned());
                }
            }
        }
        if let Some(range) = range {
            let present = ranking.unconfirmed_ranges.entry(range.writer).or_insert(range);
            if range.after <= present.through {
                present.through = range.through;
            } else {
                // Changes of void bids are counted together: another process has those between.
                ranking.rebuild_requests += 1;
            }
        }
        if ranking.unconfirmed.len() > UNCONFIRMED_MAX {
            ranking.unconfirmed.clear();
            ranking.unconfirmed_ranges.clear();
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
            Some(ranking) if !ranking.unconfirmed.is_empty() => ranking.reenter(),
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
                return if ranking.rebuild_requests > 0 { CatchUp::Rebuild } else { ranking.reenter() };
            }
        }
        step
    }

    /// Drops bids whose entry Redis has confirmed.
    pub fn confirm(&self, campaign: CampaignId, entries: &[Entry<'_>], ranges: &[WriterRange]) {
        let mut rankings = self.rankings();
        rankings.entry(campaign).or_default().confirm(entries.iter().map(|entry| (entry.user, entry.changes)), ranges);
    }

    /// What a rebuild that begins now makes good. It must be called before the rebuild reads PostgreSQL.
    pub fn begin_rebuild(&self, campaign: CampaignId) -> RebuildScope {
        let rankings = self.rankings();
        let ranking = rankings.get(&campaign);
        let unconfirmed = ranking
            .map(|ranking| ranking.unconfirmed.values().map(|entry| (entry.user, entry.changes)).collect())
            .unwrap_or_default();
        RebuildScope {
            unconfirmed,
            ranges: ranking.map(|ranking| ranking.unconfirmed_ranges.values().copied().collect()).unwrap_or_default(),
            rebuild_requests: ranking.map_or(0, |ranking| ranking.rebuild_requests),
        }
    }

    /// Drops what a successful rebuild of this process has made good.
    pub fn finish_rebuild(&self, campaign: CampaignId, scope: RebuildScope) {
        if let Some(ranking) = self.rankings().get_mut(&campaign) {
            ranking.confirm(scope.unconfirmed.into_iter(), &scope.ranges);
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

    fn reenter(&self) -> CatchUp {
        let entries = self.unconfirmed.values().cloned().collect();
        CatchUp::Reenter(entries, self.unconfirmed_ranges.values().copied().collect())
    }

    /// Keeps a bidder's later bid, and the later part of a range, which were added after these were sent.
    fn confirm(&mut self, entries: impl Iterator<Item = (UserId, u32)>, ranges: &[WriterRange]) {
        for (user, changes) in entries {
            if self.unconfirmed.get(&user).is_some_and(|present| present.changes <= changes) {
                self.unconfirmed.remove(&user);
            }
        }
        for range in ranges {
            self.entered.merge(&BidCounts::from_iter([(range.writer, range.through)]));
            if self.unconfirmed_ranges.get(&range.writer).is_some_and(|present| present.through <= range.through) {
                self.unconfirmed_ranges.remove(&range.writer);
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
            user: UserId(Uuid::from_u128(user)),
            score: Score::from_stored(score),
            accepted_seq,
            price: Money::MIN,
            changes: accepted_seq.try_into().expect("small"),
            username: "".into(),
        }
    }

    fn range(after: u64, through: u64) -> WriterRange {
        WriterRange { writer: Uuid::from_u128(1), after, through }
    }

    #[test]
    fn a_ranking_is_suspect_until_every_unconfirmed_bid_is_entered() {
        let tracker = StalenessTracker::default();
        assert!(!tracker.is_suspect(campaign()));
        assert!(tracker.add_unconfirmed(campaign(), vec![entry(1, 10.0, 1)], None), "a task must be started");
        assert!(!tracker.add_unconfirmed(campaign(), vec![entry(1, 20.0, 5)], None), "one is running");
        assert!(tracker.is_suspect(campaign()));
        tracker.confirm(campaign(), &[entry(1, 10.0, 1)], &[]);
        assert!(tracker.is_suspect(campaign()), "the later bid is still unconfirmed");
        tracker.confirm(campaign(), &[entry(1, 20.0, 5)], &[]);
        assert!(!tracker.is_suspect(campaign()));
        assert!(matches!(tracker.next_background_step(campaign()), CatchUp::Done));
        assert!(tracker.add_unconfirmed(campaign(), vec![entry(2, 1.0, 9)], None), "the last task has ended");
    }

    #[test]
    fn too_many_unconfirmed_bids_request_a_rebuild() {
        let tracker = StalenessTracker::default();
        let many = (0..=UNCONFIRMED_MAX as u128).map(|user| entry(user, 1.0, 1)).collect();
        assert!(tracker.add_unconfirmed(campaign(), many, Some(range(0, 50))));
        let scope = tracker.begin_rebuild(campaign());
        assert!(!tracker.add_unconfirmed(campaign(), vec![entry(7, 2.0, 99)], Some(range(50, 51))));
        tracker.finish_rebuild(campaign(), scope);
        assert!(
            matches!(
                tracker.next_step(campaign()),
                CatchUp::Reenter(entries, ranges) if entries.len() == 1 && ranges == [range(50, 51)]
            ),
            "added during the rebuild"
        );
    }

    #[test]
    fn what_is_added_while_bids_are_on_their_way_is_entered_next() {
        let tracker = StalenessTracker::default();
        let bids = |users: std::ops::Range<u128>| users.map(|user| entry(user, 1.0, 1)).collect::<Vec<_>>();
        let _ = tracker.add_unconfirmed(campaign(), bids(0..400), Some(range(10, 410)));
        let _ = tracker.add_unconfirmed(campaign(), bids(400..600), Some(range(410, 610)));
        let CatchUp::Reenter(first, ranges) = tracker.next_step(campaign()) else { panic!("there are some") };
        assert_eq!((first.len(), ranges.as_slice()), (600, [range(10, 610)].as_slice()));
        let _ = tracker.add_unconfirmed(campaign(), bids(600..601), Some(range(610, 611)));
        tracker.confirm(campaign(), &first, &ranges);
        let CatchUp::Reenter(last, ranges) = tracker.next_step(campaign()) else { panic!("there is one more") };
        assert_eq!((last.len(), ranges.as_slice()), (1, [range(10, 611)].as_slice()));
        tracker.confirm(campaign(), &last, &ranges);
        assert!(!tracker.is_suspect(campaign()));
    }
}
