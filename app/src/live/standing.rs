//! My standing, put together from answers and messages that arrive in any order.

use domain::{Money, Score};
use serde::Serialize;

/// My standing bid and its place.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Standing {
    /// From 1.
    pub rank: u64,
    /// The score.
    pub score: Score,
    /// The price, where it was told.
    pub price: Option<Money>,
}

/// Where news of my standing come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The answer to my bid: it may arrive after newer messages.
    Answer,
    /// The feed, which keeps its order.
    Feed,
}

impl Standing {
    /// The standing after `news`. A standing bid only ever improves, so a lower score is old news,
    /// and of equal scores the feed knows the rank best.
    #[must_use]
    pub fn merge(current: Option<Self>, news: Self, source: Source) -> Self {
        match current {
            Some(current) if news.score < current.score => current,
            Some(current) if news.score == current.score => Self {
                rank: if source == Source::Feed { news.rank } else { current.rank },
                score: current.score,
                price: news.price.or(current.price),
            },
            _ => news,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(rank: u64, score: f64) -> Standing {
        Standing { rank, score: Score::from_stored(score), price: None }
    }

    #[test]
    fn the_better_score_stands() {
        let old = Some(standing(3, 10.0));
        assert_eq!(Standing::merge(old, standing(1, 11.0), Source::Answer), standing(1, 11.0));
        assert_eq!(Standing::merge(old, standing(1, 9.0), Source::Feed), standing(3, 10.0));
        assert_eq!(Standing::merge(None, standing(1, 9.0), Source::Feed), standing(1, 9.0));
    }

    #[test]
    fn of_equal_scores_the_feed_knows_the_rank() {
        let now = Some(standing(3, 10.0));
        assert_eq!(Standing::merge(now, standing(2, 10.0), Source::Answer).rank, 3);
        assert_eq!(Standing::merge(now, standing(2, 10.0), Source::Feed).rank, 2);
    }
}
