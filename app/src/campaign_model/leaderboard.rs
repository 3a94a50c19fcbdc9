//! The ranking and the reader's position in it, at one moment.
//!
//! Rankings and updates of the reader's own standing arrive by different channels and in any order. Everything on the
//! page that depends on both is taken from here, so that it cannot contradict itself: a standing that is ahead of the
//! ranking waits for it, and a ranking that is ahead of the standing corrects what it can.

use super::{
    snapshot::{FinalPlace, RankingView},
    versioned_standing::VersionedStanding,
};
use domain::{Money, Score, UserId, api::rankings::RankingRow};

/// A ranking and the reader's standing.
#[derive(Clone, PartialEq, Debug)]
pub struct Leaderboard {
    /// The ranking.
    pub ranking: RankingView,
    /// K: how many win.
    pub quota: u64,
    me: Option<UserId>,
    /// The newest standing that agrees with the ranking or is older than it.
    standing: Option<VersionedStanding>,
    /// A standing in a later ranking, which has not arrived yet.
    pending: Option<VersionedStanding>,
}

/// The reader's position in the ranking.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Position {
    /// From 1.
    pub rank: u64,
    /// Whether the actual rank may be lower: the ranking is ahead of the standing.
    pub or_lower: bool,
    /// Whether the rank is within the quota.
    pub wins: bool,
    /// The score of the standing bid.
    pub score: Score,
    /// The price of the standing bid.
    pub price: Money,
}

impl Leaderboard {
    /// The state a page starts with.
    pub fn new(ranking: RankingView, quota: u64, me: Option<UserId>, standing: Option<VersionedStanding>) -> Self {
        let mut leaderboard = Self { ranking, quota, me, standing: None, pending: None };
        if let Some(standing) = standing {
            leaderboard.apply_standing(standing);
        }
        leaderboard
    }

    /// Applies an update of the reader's standing.
    pub fn apply_standing(&mut self, update: VersionedStanding) {
        if update.version > self.ranking.version && !self.agrees_with(&update) {
            self.pending = VersionedStanding::newest(self.pending, Some(update));
        } else {
            self.standing = VersionedStanding::newest(self.standing, Some(update));
        }
    }

    /// Applies a ranking, unless it is older than the current one.
    pub fn apply_ranking(&mut self, ranking: RankingView) {
        if ranking.version < self.ranking.version {
            return;
        }
        self.ranking = ranking;
        if let Some(pending) = self.pending.take() {
            self.apply_standing(pending);
        }
    }

    /// Applies the final standing of a settled campaign: whatever was on its way is older.
    pub fn apply_final(&mut self, place: FinalPlace) {
        let FinalPlace { rank, score, price } = place;
        self.standing = Some(VersionedStanding { rank, score, price, version: u64::MAX });
        self.pending = None;
    }

    /// Drops the reader's standing, because the session has changed.
    pub fn clear_standing(&mut self) {
        (self.standing, self.pending) = (None, None);
    }

    /// Whether the reader has a standing that is not newer than `version`, in which they have none: their bid is void.
    pub fn is_void_in(&self, version: u64) -> bool {
        [self.standing, self.pending].into_iter().flatten().any(|standing| standing.version <= version)
    }

    /// Whether a standing is waiting for its ranking.
    pub fn awaits_ranking(&self) -> bool {
        self.pending.is_some()
    }

    /// The reader's row of the ranking.
    pub fn my_row(&self) -> Option<&RankingRow> {
        self.ranking.rows.iter().find(|row| Some(row.user_id) == self.me)
    }

    /// The reader's position; none without a bid.
    pub fn position(&self) -> Option<Position> {
        if let Some(row) = self.my_row() {
            let wins = row.rank <= self.quota;
            return Some(Position { rank: row.rank, or_lower: false, wins, score: row.score, price: row.price });
        }
        let standing = self.standing?;
        // The reader is not among the rows, and outside the quota if their score is below the last winning one.
        let mut rank = standing.rank.max(self.rows() + 1);
        if self.ranking.min_winning_score.is_some_and(|last| standing.score < last) {
            rank = rank.max(self.quota + 1);
        }
        let VersionedStanding { score, price, .. } = standing;
        Some(Position { rank, or_lower: rank != standing.rank, wins: rank <= self.quota, score, price })
    }

    /// Whether a standing is possible in the current ranking.
    fn agrees_with(&self, standing: &VersionedStanding) -> bool {
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

    #[test]
    fn the_final_standing_is_the_last_word() {
        let ranking = |version| RankingView { rows: Vec::new(), total: 5, min_winning_score: None, version };
        let score = Score::from_stored(650.0);
        let standing = VersionedStanding { rank: 3, score, price: Money::MIN, version: 7 };
        let mut leaderboard = Leaderboard::new(ranking(7), 2, Some(user(1)), Some(standing));
        leaderboard.apply_final(FinalPlace { rank: 4, score, price: Money::MIN });
        leaderboard.apply_standing(VersionedStanding { version: 8, ..standing });
        leaderboard.apply_ranking(ranking(9));
        assert_eq!(leaderboard.position().map(|position| position.rank), Some(4));
    }

    fn user(n: u64) -> UserId {
        format!("01a20406-9e66-70cc-8ca5-698c727e{n:04x}").parse().expect("an id")
    }

    /// The ranking after `bids` (user, score), each from a new bidder or an improvement.
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

    fn standing_of(bids: &[(u64, u64)], me: u64) -> Option<VersionedStanding> {
        let score = bids.iter().filter(|(bidder, _)| *bidder == me).map(|(_, score)| *score).max()?;
        let (_, order) = after(bids, 1, 1);
        let rank = order.iter().position(|bidder| *bidder == me)? as u64 + 1;
        let version = bids.len() as u64;
        Some(VersionedStanding { rank, score: Score::from_stored(score as f64), price: Money::MIN, version })
    }

    /// A page must never show a position that its own table contradicts.
    fn assert_consistent(leaderboard: &Leaderboard) {
        let Some(position) = leaderboard.position() else {
            assert_eq!(leaderboard.my_row(), None);
            return;
        };
        match leaderboard.my_row() {
            Some(row) => assert_eq!((position.rank, position.score), (row.rank, row.score)),
            None => assert!(position.rank > leaderboard.rows(), "{position:?} is not in the table"),
        }
        assert_eq!(position.wins, position.rank <= leaderboard.quota);
        if let Some(last) = leaderboard.ranking.min_winning_score {
            assert!(!position.wins || position.score >= last, "{position:?} is below the line {last:?}");
        }
    }

    proptest! {
        /// Rankings and standings arrive late, twice, out of order or never: the page never contradicts itself
        /// meanwhile, and after the last of both it shows the actual position.
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
            let mut leaderboard = Leaderboard::new(empty, quota as u64, Some(user(me)), None);
            for (at, is_ranking) in arrivals {
                let so_far = &accepted[..=at.index(accepted.len())];
                if is_ranking {
                    leaderboard.apply_ranking(after(so_far, quota, shown).0);
                } else if let Some(standing) = standing_of(so_far, me) {
                    leaderboard.apply_standing(standing);
                }
                assert_consistent(&leaderboard);
            }
            leaderboard.apply_ranking(after(&accepted, quota, shown).0);
            if let Some(standing) = standing_of(&accepted, me) {
                leaderboard.apply_standing(standing);
                let position = leaderboard.position().expect("a bid");
                prop_assert_eq!((position.rank, position.or_lower), (standing.rank, false));
            }
            prop_assert!(!leaderboard.awaits_ranking());
            assert_consistent(&leaderboard);
        }
    }

    #[test]
    fn a_standing_ahead_of_its_ranking_waits_for_it() {
        let bids = [(1, 10), (0, 20), (2, 30)];
        let mut leaderboard = Leaderboard::new(after(&bids[..1], 1, 1).0, 1, Some(user(0)), None);
        leaderboard.apply_standing(standing_of(&bids[..2], 0).expect("a bid"));
        assert_eq!((leaderboard.position(), leaderboard.awaits_ranking()), (None, true));
        leaderboard.apply_ranking(after(&bids[..2], 1, 1).0);
        assert!(leaderboard.position().expect("a bid").wins);
        // Displaced: the ranking arrives before the standing.
        leaderboard.apply_ranking(after(&bids, 1, 1).0);
        let position = leaderboard.position().expect("a bid");
        assert_eq!((position.rank, position.or_lower, position.wins), (2, true, false));
    }
}
