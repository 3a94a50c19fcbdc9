//! How many bids each writer has written in a campaign: a version vector.
//!
//! A writer's bids that made or improved standing bids are numbered from 1 in the order in which it commits them, and are
//! entered into Redis in that order. So a ranking with the count n for a writer contains the writer's first n bids, and
//! one whose counts include those of another contains everything that the other does.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};
use uuid::Uuid;

/// Batches of a campaign that a process commits at the same time: while one becomes durable, PostgreSQL writes the next.
/// With more writers the batches would be smaller and cost more per bid.
const WRITERS: u128 = 2;

/// Bits of a version that tell rankings with equally many bids apart. The others suffice for 8 billion bids: browsers
/// know integers of 53 bits.
const FINGERPRINT_BITS: u32 = 20;

/// What changes between valid and void are counted under, in place of a writer.
pub(crate) const VOID_CHANGES: Uuid = Uuid::max();

/// The writers of one process. Each has a row of `campaign_totals` of its own, so that none waits for another's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writers(Uuid);

impl Writers {
    /// The writers of the process with this id.
    pub fn of(process: Uuid) -> Self {
        Self(process)
    }

    /// Their ids.
    pub fn iter(self) -> impl Iterator<Item = Uuid> {
        (0..WRITERS).map(move |writer| Uuid::from_u128(self.0.as_u128() ^ writer))
    }
}

/// Counts by writer; a writer that is missing has written nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct BidCounts(HashMap<Uuid, u64>);

/// Consecutive bids of one writer: those after its first `after`, up to its bid number `through`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WriterRange {
    pub writer: Uuid,
    pub after: u64,
    pub through: u64,
}

/// The bids of a batch among those of its campaign.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct BatchCounts {
    /// Those that the batch wrote; none if no bid improved a standing bid.
    pub range: Option<WriterRange>,
    /// Those of all writers that were committed before the batch was written.
    pub committed_before: BidCounts,
}

impl BidCounts {
    /// All that is counted: accepted bids, and changes between valid and void.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// All accepted bids.
    pub fn accepted(&self) -> u64 {
        self.total() - self.of(VOID_CHANGES)
    }

    /// The version of the ranking that holds exactly these bids. It grows with every bid, and names one ranking: the
    /// number of bids alone does not, because two processes may each have heard of a bid that the other has not.
    pub fn version(&self) -> u64 {
        let counted = self.0.iter().filter(|(_, count)| **count > 0);
        let hash = counted.map(|count| BuildHasherDefault::<DefaultHasher>::new().hash_one(count));
        let fingerprint = hash.fold(0, |all, one| all ^ one) & ((1 << FINGERPRINT_BITS) - 1);
        (self.total() << FINGERPRINT_BITS) | fingerprint
    }

    /// Each writer with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, u64)> {
        self.0.iter().map(|(writer, count)| (*writer, *count))
    }

    /// Whether every bid that is counted in `other` is counted here, too.
    pub fn include(&self, other: &Self) -> bool {
        other.iter().all(|(writer, count)| self.of(writer) >= count)
    }

    /// Raises each count to the one in `other`.
    pub fn merge(&mut self, other: &Self) {
        for (writer, count) in other.iter() {
            let own = self.0.entry(writer).or_default();
            *own = count.max(*own);
        }
    }

    /// Lowers each count that was as large as this already in `before` to the one in `truth`.
    pub fn cap(&mut self, before: &Self, truth: &Self) {
        for (writer, count) in &mut self.0 {
            if before.of(*writer) > truth.of(*writer) {
                *count = truth.of(*writer).min(*count);
            }
        }
    }

    /// The same without those of some writers.
    pub fn without(mut self, writers: Writers) -> Self {
        for writer in writers.iter() {
            self.0.remove(&writer);
        }
        self
    }

    fn of(&self, writer: Uuid) -> u64 {
        self.0.get(&writer).copied().unwrap_or_default()
    }
}

impl FromIterator<(Uuid, u64)> for BidCounts {
    fn from_iter<T: IntoIterator<Item = (Uuid, u64)>>(counts: T) -> Self {
        Self(counts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts<const N: usize>(counts: [(u128, u64); N]) -> BidCounts {
        counts.map(|(writer, count)| (Uuid::from_u128(writer), count)).into_iter().collect()
    }

    #[test]
    fn counts_include_others_writer_by_writer() {
        let ours = counts([(1, 5), (2, 3)]);
        for included in [counts([]), counts([(1, 5)]), counts([(1, 4), (2, 3)]), ours.clone()] {
            assert!(ours.include(&included), "{included:?}");
        }
        // Equal totals do not mean equal bids.
        for other in [counts([(1, 4), (2, 4)]), counts([(3, 1)]), counts([(1, 6)])] {
            assert!(!ours.include(&other), "{other:?}");
        }
        let mut merged = ours.clone();
        merged.merge(&counts([(1, 4), (2, 4), (3, 1)]));
        assert_eq!(merged, counts([(1, 5), (2, 4), (3, 1)]));
        assert_eq!(merged.total(), 10);
    }

    #[test]
    fn a_version_grows_with_every_bid_and_names_one_ranking() {
        assert_eq!(counts([]).version(), 0);
        assert_eq!(counts([(1, 0)]).version(), 0);
        let versions = [counts([(1, 2), (2, 1)]), counts([(2, 2), (1, 1)]), counts([(2, 3)])].map(|it| it.version());
        for (n, version) in versions.iter().enumerate() {
            assert!(!versions[..n].contains(version), "equally many bids, other rankings: {versions:?}");
            assert!(counts([(1, 2)]).version() < *version && *version < counts([(1, 4)]).version());
        }
        assert!(counts([(1, 8_000_000_000)]).version() < 1 << 53, "a browser can read it");
    }

    #[test]
    fn only_counts_that_were_wrong_before_are_capped() {
        // The first was wrong; the second has grown since PostgreSQL was read.
        let mut observed = counts([(1, 9), (2, 7)]);
        observed.cap(&counts([(1, 9), (2, 5)]), &counts([(1, 4), (2, 5)]));
        assert_eq!(observed, counts([(1, 4), (2, 7)]));
    }
}
