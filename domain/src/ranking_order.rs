//! The total order of standing bids, by which ties are broken: the higher score first, then the bid accepted earlier.

use crate::Score;
use std::cmp::Ordering;

/// What standing bids are ranked by. `Ord` is the total order of the auction, best first: the higher score, and of
/// equal scores the bid accepted earlier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RankingKey {
    /// The bid's score.
    pub score: Score,
    /// The bid's number in the database's acceptance sequence; no two bids share one.
    pub accepted_seq: i64,
}

impl Ord for RankingKey {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.cmp(&self.score).then(self.accepted_seq.cmp(&other.accepted_seq))
    }
}

impl PartialOrd for RankingKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranking_key() -> impl Strategy<Value = RankingKey> {
        // Few scores, so that ties are common.
        let keys = (0u8..4, 0i64..50);
        keys.prop_map(|(s, accepted_seq)| RankingKey { score: Score::from_stored(f64::from(s)), accepted_seq })
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in ranking_key(), b in ranking_key(), c in ranking_key()) {
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }

        #[test]
        fn of_equal_scores_the_earlier_accepted_comes_first(a in ranking_key(), b in ranking_key()) {
            prop_assume!(a.score == b.score);
            prop_assert_eq!(a < b, a.accepted_seq < b.accepted_seq);
        }
    }
}
