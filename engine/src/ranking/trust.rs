//! What this process knows of rankings that Redis may not: with it, a ranking in Redis that has missed
//! something is not trusted until it has caught up.
//!
//! Redis can fail to take a batch in, or not answer, and go on as if nothing had happened. So whatever
//! this process could not enter is kept and entered again first, and PostgreSQL answers until that has
//! succeeded. And a ranking with fewer bids than this process has seen in either store has lost some.

use super::entry::Entry;
use domain::{CampaignId, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Standing bids of a campaign that are kept to be entered again; with more, its ranking is rebuilt.
const MISSED_MAX: usize = 10_000;
/// Bids that are entered again in one call.
const MISSED_AT_ONCE: usize = 500;
/// Campaigns that are remembered; beyond this, those with nothing missed are forgotten.
const CAMPAIGNS_MAX: usize = 10_000;

/// What this process knows of each campaign's ranking.
#[derive(Default)]
pub(super) struct Trust(Mutex<HashMap<CampaignId, Known>>);

#[derive(Default)]
struct Known {
    /// The newest version seen, in either store.
    version: u64,
    /// Standing bids that Redis has not confirmed, one per bidder.
    missed: HashMap<UserId, Entry<'static>>,
    /// Counts the times when only a rebuild could help; zero while none is needed.
    rebuilds_due: u64,
    /// Whether a task enters what was missed.
    is_retrying: bool,
}

/// What a rebuild that begins now will make good.
pub(super) struct Covered {
    missed: Vec<(UserId, i64)>,
    rebuilds_due: u64,
}

/// What has to be done before a ranking is trusted.
pub(super) enum Due {
    Nothing,
    Enter(Vec<Entry<'static>>),
    Rebuild,
}

impl Trust {
    /// Whether Redis may lack something this process has committed.
    pub fn doubts(&self, campaign: CampaignId) -> bool {
        self.known().get(&campaign).is_some_and(Known::is_doubtful)
    }

    /// The newest version seen so far. What is asked for from now on is no older, unless it has lost something.
    pub fn seen(&self, campaign: CampaignId) -> u64 {
        self.known().get(&campaign).map_or(0, |known| known.version)
    }

    /// Takes in the version of a ranking that was read.
    pub fn learn(&self, campaign: CampaignId, version: u64) {
        let mut known = self.known();
        if known.len() >= CAMPAIGNS_MAX && !known.contains_key(&campaign) {
            known.retain(|_, known| known.is_doubtful());
        }
        let known = known.entry(campaign).or_default();
        known.version = known.version.max(version);
    }

    /// PostgreSQL has no more than `version` bids, and had no more when `seen` was the newest: a count above
    /// it was never true.
    pub fn limit(&self, campaign: CampaignId, seen: u64, version: u64) {
        if let Some(known) = self.known().get_mut(&campaign)
            && seen > version
        {
            known.version = known.version.min(version);
        }
    }

    /// Keeps bids whose entry failed or was not answered; `true` if nobody is entering them again yet.
    #[must_use]
    pub fn missed(&self, campaign: CampaignId, entries: Vec<Entry<'_>>) -> bool {
        let mut known = self.known();
        let known = known.entry(campaign).or_default();
        for entry in entries {
            match known.missed.get(&entry.user) {
                Some(kept) if kept.score >= entry.score => {}
                _ => {
                    known.missed.insert(entry.user, entry.into_owned());
                }
            }
        }
        if known.missed.len() > MISSED_MAX {
            known.missed.clear();
            known.rebuilds_due += 1;
        }
        !std::mem::replace(&mut known.is_retrying, true)
    }

    /// Redis has answered without bids it should have: only a rebuild helps.
    #[must_use]
    pub fn lost(&self, campaign: CampaignId) -> bool {
        let mut known = self.known();
        let known = known.entry(campaign).or_default();
        known.rebuilds_due += 1;
        !std::mem::replace(&mut known.is_retrying, true)
    }

    /// What is due now.
    pub fn due(&self, campaign: CampaignId) -> Due {
        match self.known().get(&campaign) {
            Some(known) if known.rebuilds_due > 0 => Due::Rebuild,
            Some(known) if !known.missed.is_empty() => Due::Enter(known.some_missed()),
            _ => Due::Nothing,
        }
    }

    /// The same for the task that retries: with nothing due it ends.
    pub fn next_retry(&self, campaign: CampaignId) -> Due {
        let due = self.due(campaign);
        if let (Due::Nothing, Some(known)) = (&due, self.known().get_mut(&campaign)) {
            // Looked at once more under the lock: something may have been missed in between.
            known.is_retrying = known.is_doubtful();
            if known.is_retrying {
                return Due::Enter(known.some_missed());
            }
        }
        due
    }

    /// Redis has confirmed these bids.
    pub fn entered(&self, campaign: CampaignId, entries: &[Entry<'_>]) {
        if let Some(known) = self.known().get_mut(&campaign) {
            known.confirm(entries.iter().map(|entry| (entry.user, entry.accepted_seq)));
        }
    }

    /// What a rebuild that begins now will make good: it reads what PostgreSQL has from here on.
    pub fn begin_rebuild(&self, campaign: CampaignId) -> Covered {
        let known = self.known();
        let known = known.get(&campaign);
        let missed = known.map(|known| known.missed.values().map(|entry| (entry.user, entry.accepted_seq)).collect());
        Covered { missed: missed.unwrap_or_default(), rebuilds_due: known.map_or(0, |known| known.rebuilds_due) }
    }

    /// A rebuild of this process is complete.
    pub fn rebuilt(&self, campaign: CampaignId, covered: Covered) {
        if let Some(known) = self.known().get_mut(&campaign) {
            known.confirm(covered.missed.into_iter());
            known.rebuilds_due -= covered.rebuilds_due.min(known.rebuilds_due);
        }
    }

    /// Forgets a campaign that is over.
    pub fn forget(&self, campaign: CampaignId) {
        self.known().remove(&campaign);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<CampaignId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_doubtful(&self) -> bool {
        self.rebuilds_due > 0 || !self.missed.is_empty()
    }

    fn some_missed(&self) -> Vec<Entry<'static>> {
        self.missed.values().take(MISSED_AT_ONCE).cloned().collect()
    }

    /// A bid that was missed after these were sent stays.
    fn confirm(&mut self, entries: impl Iterator<Item = (UserId, i64)>) {
        for (user, accepted_seq) in entries {
            if self.missed.get(&user).is_some_and(|kept| kept.accepted_seq <= accepted_seq) {
                self.missed.remove(&user);
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
    fn what_was_missed_is_doubted_until_it_is_entered() {
        let trust = Trust::default();
        assert!(!trust.doubts(campaign()));
        assert!(trust.missed(campaign(), vec![entry(1, 10.0, 1)]), "somebody has to retry");
        assert!(!trust.missed(campaign(), vec![entry(1, 20.0, 5)]), "somebody does");
        assert!(trust.doubts(campaign()));
        trust.entered(campaign(), &[entry(1, 10.0, 1)]);
        assert!(trust.doubts(campaign()), "the later bid is still missing");
        trust.entered(campaign(), &[entry(1, 20.0, 5)]);
        assert!(!trust.doubts(campaign()));
        assert!(matches!(trust.next_retry(campaign()), Due::Nothing));
        assert!(trust.missed(campaign(), vec![entry(2, 1.0, 9)]), "the last task has ended");
    }

    #[test]
    fn more_than_can_be_kept_asks_for_a_rebuild() {
        let trust = Trust::default();
        let many = (0..=MISSED_MAX as u128).map(|user| entry(user, 1.0, 1)).collect();
        assert!(trust.missed(campaign(), many));
        let covered = trust.begin_rebuild(campaign());
        assert!(!trust.missed(campaign(), vec![entry(7, 2.0, 99)]));
        trust.rebuilt(campaign(), covered);
        assert!(
            matches!(trust.due(campaign()), Due::Enter(entries) if entries.len() == 1),
            "missed during the rebuild"
        );
    }

    #[test]
    fn the_newest_version_is_kept_unless_it_was_never_true() {
        let trust = Trust::default();
        trust.learn(campaign(), 10);
        trust.learn(campaign(), 9);
        assert_eq!(trust.seen(campaign()), 10);
        // Seen after PostgreSQL was asked: it may have them by now.
        trust.limit(campaign(), 8, 8);
        assert_eq!(trust.seen(campaign()), 10);
        trust.limit(campaign(), 10, 8);
        assert_eq!(trust.seen(campaign()), 8);
    }
}
