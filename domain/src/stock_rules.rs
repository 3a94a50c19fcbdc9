//! Which quotas fit a product's stock: every unit is promised to at most one open campaign.

use crate::validated::{Quota, Stock};

/// Units of `stock` that can still be promised, when `promised` units are promised to open campaigns. Negative if units
/// were lost after they had been promised.
pub fn available(stock: i32, promised: i64) -> i64 {
    i64::from(stock) - promised
}

/// The quota to promise out of the `available` units: the one that is `wanted` or, by default, all of them. `None` if
/// there are not enough.
pub fn grant_quota(available: i64, wanted: Option<Quota>) -> Option<Quota> {
    let quota = wanted.or_else(|| i32::try_from(available).ok().and_then(Quota::new))?;
    (i64::from(quota.get()) <= available).then_some(quota)
}

/// Whether a product's stock may be set to `stock` while `promised` units are promised to open campaigns.
pub fn covers(stock: Stock, promised: i64) -> bool {
    i64::from(stock.get()) >= promised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_granted_out_of_what_is_available() {
        let left = available(10, 6);
        assert_eq!(grant_quota(left, Quota::new(4)), Quota::new(4));
        assert_eq!(grant_quota(left, Quota::new(5)), None);
        assert_eq!(grant_quota(left, None), Quota::new(4), "the rest by default");
    }

    #[test]
    fn nothing_is_granted_when_nothing_is_available() {
        for left in [available(6, 6), available(5, 6)] {
            assert_eq!(grant_quota(left, None), None);
            assert_eq!(grant_quota(left, Quota::new(1)), None);
        }
    }

    #[test]
    fn a_stock_must_cover_what_is_promised() {
        let stock = Stock::new(6).expect("in range");
        assert!(covers(stock, 6));
        assert!(!covers(stock, 7));
    }
}
