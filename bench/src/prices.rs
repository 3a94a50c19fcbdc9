//! The prices of bids: they always rise, and have a fixed length so that a request never has to be rebuilt.

use crate::plan::BidPlacement;
use std::sync::atomic::{AtomicU64, Ordering};

/// The lowest price, in cents. From here to [`PRICE_END`] a price has [`PRICE_CHARS`] characters.
const PRICE_MIN: u64 = 100_000_000;
const PRICE_END: u64 = 1_000_000_000;
/// Characters of a price with its two decimals.
pub const PRICE_CHARS: usize = 10;
/// Standing bids lie within this many cents above [`PRICE_MIN`].
const STANDING_RANGE: u64 = 400_000_000;
/// Half of the standing bids lie below this price.
pub const STANDING_MEDIAN: u64 = PRICE_MIN + STANDING_RANGE / 2;

/// The one price counter of a whole run: every bid is higher than its bidder's last one, so every bid counts.
#[derive(Default)]
pub struct PriceCounter {
    taken: AtomicU64,
}

impl PriceCounter {
    /// A price in cents above `base` and above every price returned for that base before.
    pub fn above(&self, base: u64) -> u64 {
        (base + 1 + self.taken.fetch_add(1, Ordering::Relaxed)).min(PRICE_END - 1)
    }
}

/// The price in cents of the standing bid that is inserted for the `n`-th user: evenly distributed, in no order.
pub fn standing_price(n: usize) -> u64 {
    let hash = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    PRICE_MIN + ((hash * STANDING_RANGE) >> 32)
}

/// Where the prices of new bids start.
#[derive(Clone, Copy)]
pub enum StartingPrices {
    /// The campaign has no standing bids: everyone starts at the lowest price.
    NoStandingBids,
    /// The campaign has standing bids; new ones land among them as given.
    StandingBids(BidPlacement),
}

impl StartingPrices {
    /// What the prices of the `n`-th user start above, in cents.
    pub fn base(self, n: usize) -> u64 {
        match self {
            Self::NoStandingBids => PRICE_MIN,
            Self::StandingBids(BidPlacement::Top) => PRICE_MIN + STANDING_RANGE,
            Self::StandingBids(BidPlacement::Anywhere) => standing_price(n),
        }
    }
}

/// Writes cents as a decimal amount over [`PRICE_CHARS`] bytes.
pub fn write_price(target: &mut [u8], cents: u64) {
    let mut rest = cents;
    for (at, byte) in target.iter_mut().enumerate().rev() {
        if at == PRICE_CHARS - 3 {
            *byte = b'.';
        } else {
            *byte = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_prices_are_in_range_and_evenly_distributed() {
        let prices: Vec<u64> = (0..1000).map(standing_price).collect();
        assert!(prices.iter().all(|price| (PRICE_MIN..PRICE_MIN + STANDING_RANGE).contains(price)));
        let low = prices.iter().filter(|price| **price < STANDING_MEDIAN).count();
        assert!((400..600).contains(&low), "{low}");
    }
}
