//! A standing bid as Redis stores it.
//!
//! A sorted set holds one member per bidder. Redis orders equal scores by the member's bytes, so a member begins
//! with the acceptance sequence counted down from the top: of equal scores, the bid accepted earlier comes first
//! in descending order. A hash finds a bidder's member, and keeps price and name.

use super::standing_bid::StandingBid;
use domain::{Money, Score, UserId};
use redis::ScriptInvocation;
use std::borrow::Cow;

/// Sequences are counted down from here: the largest integer a double holds exactly.
const SEQ_TOP: i64 = (1 << 53) - 1;
/// Digits of a counted-down sequence, zero-padded so that bytes order as numbers do.
const SEQ_DIGITS: usize = 16;

/// A standing bid, ready to be entered into a Redis ranking.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    pub user: UserId,
    pub score: Score,
    pub accepted_seq: i64,
    pub price: Money,
    /// See [`StandingBid::changes`].
    pub changes: u32,
    pub username: Cow<'a, str>,
}

impl<'a> Entry<'a> {
    pub fn of(bid: &StandingBid, username: &'a str) -> Self {
        Self {
            user: bid.user_id,
            score: bid.ranked_score(),
            accepted_seq: bid.accepted_seq,
            price: bid.price,
            changes: bid.changes(),
            username: Cow::Borrowed(username),
        }
    }

    /// The same with a name of its own.
    pub fn into_owned(self) -> Entry<'static> {
        Entry { username: Cow::Owned(self.username.into_owned()), ..self }
    }

    /// Adds what `enter_bids.lua` expects of one bid.
    pub fn push_to(&self, call: &mut ScriptInvocation<'_>) {
        call.arg(self.user.to_string()).arg(self.score_text()).arg(self.detail());
    }

    /// The score. Rust prints the shortest text that reads back as the same double, and so does Redis.
    pub fn score_text(&self) -> String {
        self.score.get().to_string()
    }

    /// Digits that are smaller for a bid accepted later.
    fn order(&self) -> String {
        format!("{:0SEQ_DIGITS$}", SEQ_TOP - self.accepted_seq)
    }

    /// The user's id, the member of the sorted set and the user's value in the hash. Rebuilds make millions of them, so each
    /// part is formatted once.
    pub fn user_member_detail(&self) -> (String, String, String) {
        let (user, detail) = (self.user.to_string(), self.detail());
        let order = detail.get(..SEQ_DIGITS).unwrap_or_default();
        let member = [order, &user].concat();
        (user, member, detail)
    }

    /// The user's value in the hash.
    fn detail(&self) -> String {
        let Self { price, changes, username, .. } = self;
        format!("{}|{changes}|{}|{username}", self.order(), price.cents())
    }
}

/// Price and name from a detail `order|changes|cents|name`; the name may contain anything.
pub(super) fn parse_detail(detail: &str) -> Option<(Money, &str)> {
    let mut parts = detail.splitn(4, '|').skip(2);
    let price = Money::from_cents(parts.next()?.parse().ok()?)?;
    Some((price, parts.next()?))
}
