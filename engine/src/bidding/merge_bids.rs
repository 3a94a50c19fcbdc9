//! Which of several bids of one user in a batch counts.

use super::batch_statement::NewBid;
use domain::UserId;
use std::collections::HashMap;

/// Keeps the best of several bids of one user, and of equal ones the first. Bids in one batch are concurrent, so they
/// may be taken in any order: the best came first, and the others left the standing bid unchanged.
pub(super) fn merge<'a>(bids: impl IntoIterator<Item = &'a NewBid>) -> Vec<&'a NewBid> {
    let mut best: Vec<&NewBid> = Vec::new();
    let mut index: HashMap<UserId, usize> = HashMap::new();
    for bid in bids {
        match index.get(&bid.user_id) {
            Some(&at) if best[at].score >= bid.score => {}
            Some(&at) => best[at] = bid,
            None => {
                index.insert(bid.user_id, best.len());
                best.push(bid);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Coefficients, Money, Timestamp, Weight};
    use uuid::Uuid;

    fn bid(user: u128, price_cents: i64) -> NewBid {
        let price = Money::from_cents(price_cents).expect("in range");
        NewBid {
            bid_id: Uuid::from_u128(user),
            user_id: UserId(Uuid::from_u128(user)),
            username: String::new(),
            price,
            score: Coefficients::default().score(price, 0, Weight::NEW_USER),
            elapsed_ms: 0,
            received_at: Timestamp::from_unix_micros(price_cents).expect("in range"),
        }
    }

    #[test]
    fn merging_keeps_each_users_best_in_the_order_of_arrival() {
        let bids = [bid(1, 500), bid(2, 700), bid(1, 900), bid(1, 800), bid(2, 600)];
        let merged: Vec<_> = merge(&bids).into_iter().map(|b| (b.user_id.0.as_u128(), b.price.cents())).collect();
        assert_eq!(merged, [(1, 900), (2, 700)]);
    }

    #[test]
    fn of_equal_bids_of_one_user_the_first_is_kept() {
        let (first, mut second) = (bid(1, 500), bid(1, 500));
        second.bid_id = Uuid::from_u128(99);
        assert_eq!(merge([&first, &second])[0].bid_id, first.bid_id);
    }
}
