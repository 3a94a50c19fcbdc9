//! The standing bid: a bidder's best in a campaign, the only one that is ranked.

use crate::store::columns::stored;
use domain::{BidId, Money, Score, Timestamp, UserId};

/// A standing bid with its bidder's name.
pub(crate) type NamedBid<'a> = (&'a StandingBid, &'a str);

/// A standing bid as the database has it.
#[derive(Clone, Debug)]
pub(crate) struct StandingBid {
    pub user_id: UserId,
    pub bid_id: BidId,
    pub price: Money,
    pub score: Score,
    pub elapsed_ms: u64,
    pub accepted_seq: i64,
    pub bid_number: u32,
    /// How often it was made void or valid again.
    pub void_changes: u32,
    /// Why it does not stand; `None` if it does.
    pub void_cause: Option<VoidCause>,
    pub created_at: Timestamp,
    pub accepted_at: Timestamp,
}

/// Why a bid is void.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum VoidCause {
    /// Its account is inactive.
    Account,
    /// An admin has declared it void.
    Admin,
}

impl VoidCause {
    /// The cause as the database names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Admin => "admin",
        }
    }
}

stored! {
    VoidCause, in String, |name: String| match name.as_str() {
        "account" => Some(VoidCause::Account),
        "admin" => Some(VoidCause::Admin),
        _ => None,
    };
}

/// The score of void bids in Redis: below all others, which are from 0 up.
pub(super) const VOID_SCORE: f64 = -1.0;

impl StandingBid {
    /// How often it has changed since there was none; of two states of a standing bid, the one with more changes is later.
    pub fn changes(&self) -> u32 {
        self.bid_number + self.void_changes
    }

    /// The score by which it is ranked.
    pub(super) fn ranked_score(&self) -> Score {
        if self.void_cause.is_some() { Score::from_stored(VOID_SCORE) } else { self.score }
    }
}
