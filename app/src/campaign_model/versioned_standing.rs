//! The reader's standing bid, from responses and feed events. They arrive in any order, so each carries the version of
//! the ranking it belongs to.

use domain::{
    Money, Score,
    api::{bids::BidOutcome, rankings::MyStanding},
    websocket_events::{BidAccepted, RankChanged},
};
use serde::{Deserialize, Serialize};

/// The reader's standing bid and its rank in one version of the ranking.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct VersionedStanding {
    /// From 1.
    pub rank: u64,
    /// The score.
    pub score: Score,
    /// The price.
    pub price: Money,
    /// The version of the ranking in which this is the rank.
    pub version: u64,
}

impl VersionedStanding {
    /// Whether this is newer than `other`. A standing bid only ever improves, so a higher score is newer whatever the
    /// versions; with equal scores the later version is.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        if self.score == other.score { self.version > other.version } else { self.score > other.score }
    }

    /// The newer of two.
    #[must_use]
    pub fn newest(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.is_newer_than(&one) { other } else { one }),
            (one, other) => one.or(other),
        }
    }
}

macro_rules! from_wire {
    ($($wire:ty)*) => {
        $(
            impl From<&$wire> for VersionedStanding {
                fn from(wire: &$wire) -> Self {
                    Self { rank: wire.rank, score: wire.score, price: wire.price, version: wire.version }
                }
            }
        )*
    };
}

from_wire! { BidAccepted RankChanged BidOutcome }

impl VersionedStanding {
    /// The standing in an answer of the API; none without a bid.
    pub fn of_mine(mine: &MyStanding) -> Option<Self> {
        let MyStanding { rank, score, price, version, .. } = *mine;
        Some(Self { rank: rank?, score: score?, price: price?, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(rank: u64, score: f64, version: u64) -> VersionedStanding {
        VersionedStanding { rank, score: Score::from_stored(score), price: Money::MIN, version }
    }

    #[test]
    fn an_older_standing_never_replaces_a_newer_one() {
        let now = Some(standing(3, 10.0, 7));
        assert_eq!(VersionedStanding::newest(now, Some(standing(1, 10.0, 5))), now);
        assert_eq!(VersionedStanding::newest(now, Some(standing(1, 9.0, 8))), now, "an old bid of mine");
        let next = Some(standing(4, 10.0, 8));
        assert_eq!(VersionedStanding::newest(now, next), next);
        let better = Some(standing(1, 11.0, 7));
        assert_eq!(VersionedStanding::newest(now, better), better);
        assert_eq!(VersionedStanding::newest(None, now), now);
        assert_eq!(VersionedStanding::newest(now, None), now);
    }
}
