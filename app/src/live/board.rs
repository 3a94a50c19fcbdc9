//! The ranking and my place in it, as of one moment.
//!
//! The ranking and the news of my own standing come by different ways and at different times. Everything
//! on the page that depends on both is taken from here, so that it cannot contradict itself: news that
//! are ahead of the ranking wait for it, and where the ranking is ahead of the news it says what can be
//! said.

use super::{snapshot::RankingView, standing::Standing};
use domain::{Money, Score, UserId, api::rankings::RankingRow};

/// A ranking and what is known of my standing.
#[derive(Clone, PartialEq, Debug)]
pub struct Board {
    /// The ranking.
    pub ranking: RankingView,
    /// K: how many win.
    pub quota: u64,
    me: Option<UserId>,
    /// The newest standing that does not contradict the ranking, or is older.
    standing: Option<Standing>,
    /// A standing of a later ranking, which has not come yet.
    early: Option<Standing>,
}

/// Where I stand.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Position {
    /// From 1.
    pub rank: u64,
    /// Whether the rank may be a lower one: the ranking is ahead of the last news.
    pub or_lower: bool,
    /// Whether it is among the winning places.
    pub wins: bool,
    /// My standing score.
    pub score: Score,
    /// My standing price.
    pub price: Money,
}

impl Board {
    /// What a page starts with.
    pub fn new(ranking: RankingView, quota: u64, me: Option<UserId>, standing: Option<Standing>) -> Self {
        let mut board = Self { ranking, quota, me, standing: None, early: None };
        if let Some(standing) = standing {
            board.learn(standing);
        }
        board
    }

    /// Takes in news of my standing.
    pub fn learn(&mut self, news: Standing) {
        if news.version > self.ranking.version && !self.agrees_with(&news) {
            self.early = Standing::newest(self.early, Some(news));
        } else {
            self.standing = Standing::newest(self.standing, Some(news));
        }
    }

    /// Takes in a ranking, unless it is an older one.
    pub fn learn_ranking(&mut self, ranking: RankingView) {
        if ranking.version < self.ranking.version {
            return;
        }
        self.ranking = ranking;
        if let Some(early) = self.early.take() {
            self.learn(early);
        }
    }

    /// Forgets what was told of my standing: the session has changed.
    pub fn forget_me(&mut self) {
        (self.standing, self.early) = (None, None);
    }

    /// Whether news of my standing wait for their ranking.
    pub fn awaits_ranking(&self) -> bool {
        self.early.is_some()
    }

    /// My row of the ranking.
    pub fn my_row(&self) -> Option<&RankingRow> {
        self.ranking.rows.iter().find(|row| Some(row.user_id) == self.me)
    }

    /// Where I stand; none without a bid.
    pub fn position(&self) -> Option<Position> {
        if let Some(row) = self.my_row() {
            let wins = row.rank <= self.quota;
            return Some(Position { rank: row.rank, or_lower: false, wins, score: row.score, price: row.price });
        }
        let standing = self.standing?;
        // I am not among the rows, and below the line if my score is.
        let mut rank = standing.rank.max(self.rows() + 1);
        if self.ranking.min_winning_score.is_some_and(|last| standing.score < last) {
            rank = rank.max(self.quota + 1);
        }
        let Standing { score, price, .. } = standing;
        Some(Position { rank, or_lower: rank != standing.rank, wins: rank <= self.quota, score, price })
    }

    /// Whether a standing can be that of this very ranking.
    fn agrees_with(&self, standing: &Standing) -> bool {
        if let Some(row) = self.my_row() {
            return row.rank == standing.rank && row.score == standing.score;
        }
        let wins = standing.rank <= self.quota;
        let wins_by_score = match self.ranking.min_winning_score {
            Some(last) if standing.score == last => wins,
            Some(last) => standing.score > last,
            None => true,
        };
        (self.rows() + 1..=self.ranking.total).contains(&standing.rank) && wins == wins_by_score
    }

    fn rows(&self) -> u64 {
        self.ranking.rows.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(n: u64) -> UserId {
        format!("01a20406-9e66-70cc-8ca5-698c727e{n:04x}").parse().expect("an id")
    }

    /// The ranking after so many bids: user, score; each a new bidder or an improvement.
    fn after(bids: &[(u64, u64)], quota: usize, shown: usize) -> (RankingView, Vec<u64>) {
        let mut best: Vec<(u64, u64)> = Vec::new();
        for (bidder, score) in bids {
            match best.iter_mut().find(|(known, _)| known == bidder) {
                Some((_, standing)) => *standing = (*standing).max(*score),
                None => best.push((*bidder, *score)),
            }
        }
        best.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        let row = |(rank, (bidder, score)): (u64, &(u64, u64))| RankingRow {
            rank,
            user_id: user(*bidder),
            username: String::new(),
            score: Score::from_stored(*score as f64),
            price: Money::MIN,
        };
        let rows = (1..).zip(&best).take(shown.min(quota)).map(row).collect();
        let last = best.get(quota - 1).map(|(_, score)| Score::from_stored(*score as f64));
        let view = RankingView { rows, total: best.len() as u64, min_winning_score: last, version: bids.len() as u64 };
        (view, best.into_iter().map(|(bidder, _)| bidder).collect())
    }

    fn standing_of(bids: &[(u64, u64)], me: u64) -> Option<Standing> {
        let score = bids.iter().filter(|(bidder, _)| *bidder == me).map(|(_, score)| *score).max()?;
        let (_, order) = after(bids, 1, 1);
        let rank = order.iter().position(|bidder| *bidder == me)? as u64 + 1;
        let version = bids.len() as u64;
        Some(Standing { rank, score: Score::from_stored(score as f64), price: Money::MIN, version })
    }

    /// What a page must never show: a place that its own table denies.
    fn assert_true(board: &Board) {
        let Some(position) = board.position() else {
            assert_eq!(board.my_row(), None);
            return;
        };
        match board.my_row() {
            Some(row) => assert_eq!((position.rank, position.score), (row.rank, row.score)),
            None => assert!(position.rank > board.rows(), "{position:?} is not in the table"),
        }
        assert_eq!(position.wins, position.rank <= board.quota);
        if let Some(last) = board.ranking.min_winning_score {
            assert!(!position.wins || position.score >= last, "{position:?} is below the line {last:?}");
        }
    }

    proptest! {
        /// Rankings and news come late, twice, out of order and not at all: on the way the page never
        /// contradicts itself, and once it has heard the last of both it shows what is so.
        #[test]
        fn a_page_never_contradicts_itself(
            bids in prop::collection::vec((0_u64..6, 1_u64..1000), 1..40),
            arrivals in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..60),
            quota in 1_usize..6,
            shown in 1_usize..6,
        ) {
            // Only bids that improve a standing are accepted, and no two scores are equal.
            let mut accepted: Vec<(u64, u64)> = Vec::new();
            for (n, (bidder, score)) in bids.into_iter().enumerate() {
                let score = score * 100 + n as u64;
                if accepted.iter().all(|(known, best)| *known != bidder || *best < score) {
                    accepted.push((bidder, score));
                }
            }
            let me = 0;
            let (empty, _) = after(&[], quota, shown);
            let mut board = Board::new(empty, quota as u64, Some(user(me)), None);
            for (at, is_ranking) in arrivals {
                let so_far = &accepted[..=at.index(accepted.len())];
                if is_ranking {
                    board.learn_ranking(after(so_far, quota, shown).0);
                } else if let Some(standing) = standing_of(so_far, me) {
                    board.learn(standing);
                }
                assert_true(&board);
            }
            board.learn_ranking(after(&accepted, quota, shown).0);
            if let Some(standing) = standing_of(&accepted, me) {
                board.learn(standing);
                let position = board.position().expect("a bid");
                prop_assert_eq!((position.rank, position.or_lower), (standing.rank, false));
            }
            prop_assert!(!board.awaits_ranking());
            assert_true(&board);
        }
    }

    #[test]
    fn news_ahead_of_their_ranking_wait_for_it() {
        let bids = [(1, 10), (0, 20), (2, 30)];
        let mut board = Board::new(after(&bids[..1], 1, 1).0, 1, Some(user(0)), None);
        board.learn(standing_of(&bids[..2], 0).expect("a bid"));
        assert_eq!((board.position(), board.awaits_ranking()), (None, true));
        board.learn_ranking(after(&bids[..2], 1, 1).0);
        assert!(board.position().expect("a bid").wins);
        // Pushed out: the table knows before the news do.
        board.learn_ranking(after(&bids, 1, 1).0);
        let position = board.position().expect("a bid");
        assert_eq!((position.rank, position.or_lower, position.wins), (2, true, false));
    }
}
