//! My standing, as answers and messages tell it: they arrive in any order, so each carries the version
//! of the ranking it is true of.

use domain::{Money, Score};
use serde::Serialize;

/// My standing bid and its rank.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Standing {
    /// From 1.
    pub rank: u64,
    /// The score.
    pub score: Score,
    /// The price.
    pub price: Money,
    /// Of the ranking in which this is so.
    pub version: u64,
}

impl Standing {
    /// Whether this is newer than `other`. A standing bid only ever improves, so a higher score is newer
    /// whatever the versions; of equal scores the later ranking knows the rank.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(rank: u64, score: f64, version: u64) -> Standing {
        Standing { rank, score: Score::from_stored(score), price: Money::MIN, version }
    }

    #[test]
    fn older_news_never_replace_newer_ones() {
        let now = Some(standing(3, 10.0, 7));
        assert_eq!(Standing::newest(now, Some(standing(1, 10.0, 5))), now);
        assert_eq!(Standing::newest(now, Some(standing(1, 9.0, 8))), now, "an old bid of mine");
        let next = Some(standing(4, 10.0, 8));
        assert_eq!(Standing::newest(now, next), next);
        let better = Some(standing(1, 11.0, 7));
        assert_eq!(Standing::newest(now, better), better);
        assert_eq!(Standing::newest(None, now), now);
        assert_eq!(Standing::newest(now, None), now);
    }
}
