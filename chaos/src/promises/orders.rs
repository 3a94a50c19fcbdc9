//! Promise 4: who won.

use super::{Promise, Violations};
use crate::truth::Truth;

/// Checks the result of one campaign.
pub fn check(truth: &Truth, violations: &mut Violations) {
    if !truth.is_settled {
        violations.unless(truth.orders.is_empty() && truth.sold.is_none(), Promise::WinnersAreRight, || {
            format!("an open campaign has sold {:?}: {:?}", truth.sold, truth.orders)
        });
        return;
    }
    let winners = usize::try_from(truth.quota.min(truth.stock_before)).unwrap_or_default();
    let expected = truth.standings.iter().take(winners).map(|bid| (bid.user_id, bid.price_cents, bid.score));
    let sold = truth.orders.iter().map(|order| (order.user_id, order.price_cents, order.score));
    violations.unless(expected.clone().eq(sold), Promise::WinnersAreRight, || {
        format!("the winners should be {:?}, but the orders are {:?}", expected.collect::<Vec<_>>(), truth.orders)
    });
    let ranks = truth.orders.iter().map(|order| order.rank);
    violations.unless(ranks.eq((1..).take(truth.orders.len())), Promise::WinnersAreRight, || {
        format!("the ranks have gaps: {:?}", truth.orders)
    });
    violations.unless(truth.sold == i64::try_from(truth.orders.len()).ok(), Promise::WinnersAreRight, || {
        format!("{:?} were taken from the stock for {} orders", truth.sold, truth.orders.len())
    });
}
