//! What is read from a ranking at one instant.

use super::bid_counts::BidCounts;
use domain::{Money, Score, UserId, api::rankings::RankingRow};
use std::collections::{HashMap, HashSet};

/// The first rows and the statistics of a ranking at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub rows: Vec<RankingRow>,
    pub total_participants: u64,
    pub min_winning_score: Option<Score>,
    pub max_score: Option<Score>,
    /// The bids it is made of.
    pub counts: BidCounts,
    /// How many accepted bids it holds.
    pub bids: u64,
    /// See [`BidCounts::version`].
    pub version: u64,
}

/// The standings of some bidders in one ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standings {
    /// The version of the oldest ranking that a standing was read from.
    pub version: u64,
    /// Bidders with a standing bid.
    pub total_participants: u64,
    /// Users without a valid bid are missing.
    pub by_user: HashMap<UserId, Standing>,
    /// Those of the users whose bids are void.
    pub void: HashSet<UserId>,
}

impl Standings {
    /// The same for some of the users.
    pub fn of(&self, users: &[UserId]) -> Self {
        Self {
            version: self.version,
            total_participants: self.total_participants,
            by_user: users.iter().filter_map(|user| Some((*user, *self.by_user.get(user)?))).collect(),
            void: users.iter().filter(|user| self.void.contains(user)).copied().collect(),
        }
    }
}

/// The ranks of bids that were just entered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranks {
    /// The ranking's version, see [`BidCounts::version`].
    pub version: u64,
    /// From 1.
    pub by_user: HashMap<UserId, u64>,
}

/// One bidder's standing: the rank of their standing bid, with its score and price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub rank: u64,
    pub score: Score,
    pub price: Money,
    /// The version of the ranking it was read from, see [`BidCounts::version`].
    pub version: u64,
}

/// How many bidders and bids a campaign has, counted by the statement that writes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    /// Bidders with a valid standing bid.
    pub participants: u64,
    /// The same with those whose standing bid is void: the members of the ranking in Redis.
    pub members: u64,
    pub counts: BidCounts,
    pub max_price: Option<Money>,
}
