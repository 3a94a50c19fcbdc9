//! The standing bid: a bidder's best in a campaign, the only one that is ranked.

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
    pub created_at: Timestamp,
    pub accepted_at: Timestamp,
}
