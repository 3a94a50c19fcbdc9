//! When a price is so high that it may be a typing error, and a bid must be confirmed before it is sent.

use crate::{Money, forecast::Forecaster};

/// A price is unusual above this many times the price that leads.
const UNUSUAL_LEADS: i64 = 2;
/// A price is unusual above this many times the highest price shown.
const UNUSUAL_PRICES: i64 = 3;

/// Whether `price` is over twice the price that leads, or over three times the highest price shown.
pub fn is_unusual(price: Money, forecaster: &Forecaster) -> bool {
    let over = |limit: Option<Money>, times: i64| limit.is_some_and(|limit| price.cents() > limit.cents() * times);
    let highest = forecaster.others.iter().map(|other| other.price).max();
    let lead = forecaster.price_to_lead().or_else(|| forecaster.price_to_improve());
    over(lead, UNUSUAL_LEADS) || over(highest, UNUSUAL_PRICES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Coefficients, Score, Weight, forecast::Rival, score::Coefficient};

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).expect("in range")
    }

    fn against(rival: Rival) -> Forecaster {
        let c = |value| Coefficient::new(value).expect("in range");
        Forecaster {
            coefficients: Coefficients { alpha: c(1.0), beta: c(0.0), gamma: c(0.0) },
            min_price: cents(80_000),
            quota: 1,
            weight: Weight::NEW_USER,
            elapsed_ms: 0,
            hold_ms: 0,
            mine: None,
            rank: None,
            others: vec![rival],
            others_total: 1,
            min_winning_score: Some(rival.score),
        }
    }

    #[test]
    fn a_price_is_unusual_over_twice_the_lead_or_three_times_the_board() {
        let rival = Rival { score: Score::from_stored(1000.0), price: cents(100_000) };
        assert!(!is_unusual(cents(200_002), &against(rival)));
        assert!(is_unusual(cents(200_003), &against(rival)));
        // A heavy rival: leading costs far more than anything on the board.
        let heavy = Rival { score: Score::from_stored(5000.0), ..rival };
        assert!(!is_unusual(cents(300_000), &against(heavy)));
        assert!(is_unusual(cents(300_001), &against(heavy)));
    }
}
