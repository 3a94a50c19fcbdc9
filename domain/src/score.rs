//! The score of a bid.

use crate::{Money, json_number};
use serde::{Deserialize, Deserializer, Serialize};
use std::{cmp::Ordering, fmt, str::FromStr};

/// A user's weight, 0.5 to 5.0. New users have 1.0; admins can change it.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize)]
#[serde(transparent)]
pub struct Weight(f64);

impl Weight {
    const EXPECTED: &'static str = "must be a number from 0.5 to 5.0";

    /// The weight of a new user.
    pub const NEW_USER: Self = Self(1.0);

    /// A weight, or `None` outside 0.5 to 5.0.
    pub fn new(value: f64) -> Option<Self> {
        (0.5..=5.0).contains(&value).then_some(Self(value))
    }

    /// The plain number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Weight {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        json_number::decimal(text.trim()).and_then(Self::new).ok_or(Self::EXPECTED)
    }
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_number::number_or_string(
            deserializer,
            Self::EXPECTED,
            |n| Self::new(n).ok_or(Self::EXPECTED),
            Self::from_str,
        )
    }
}

/// One of a campaign's three coefficients, 0 to 100,000.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize)]
#[serde(transparent)]
pub struct Coefficient(f64);

impl Coefficient {
    const EXPECTED: &'static str = "must be a number from 0 to 100000";

    /// A coefficient, or `None` outside 0 to 100,000.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0.
        (0.0..=100_000.0).contains(&value).then_some(Self(value + 0.0))
    }

    /// The plain number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Coefficient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        json_number::decimal(text.trim()).and_then(Self::new).ok_or(Self::EXPECTED)
    }
}

impl<'de> Deserialize<'de> for Coefficient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_number::number_or_string(
            deserializer,
            Self::EXPECTED,
            |n| Self::new(n).ok_or(Self::EXPECTED),
            Self::from_str,
        )
    }
}

/// How much a campaign rewards price, speed and the user's weight.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Coefficients {
    /// Points per currency unit of price.
    pub alpha: Coefficient,
    /// Points of a bid in the first millisecond; they fall as 1 / (T + 1).
    pub beta: Coefficient,
    /// Points per unit of the user's weight.
    pub gamma: Coefficient,
}

impl Default for Coefficients {
    fn default() -> Self {
        Self { alpha: Coefficient(1.0), beta: Coefficient(1000.0), gamma: Coefficient(100.0) }
    }
}

impl Coefficients {
    /// The score of a bid: `alpha * price + beta / (T + 1) + gamma * weight`, where T is the whole
    /// milliseconds from the campaign's start to the receipt of the bid.
    ///
    /// Scores are computed only here; every store and page uses this double.
    pub fn score(&self, price: Money, elapsed_ms: u64, weight: Weight) -> Score {
        let time = self.beta.0 / (elapsed_ms as f64 + 1.0);
        Score(self.alpha.0 * price.as_f64() + time + self.gamma.0 * weight.0)
    }
}

/// The score of a bid: computed by [`Coefficients::score`], which yields finite numbers from 0 up, or read from a
/// store.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(f64);

impl Score {
    /// A score read from a store.
    pub fn from_stored(value: f64) -> Self {
        Self(value)
    }

    /// The plain number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// With three decimals, for people; programs use [`Score::get`].
///
/// It is formatted as integers, because the general formatting of doubles would be a large part of the browser's code.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1e15, times a thousand")]
        let thousandths = (self.0 * 1000.0).round() as u64;
        write!(f, "{}.{:03}", thousandths / 1000, thousandths % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money() -> impl Strategy<Value = Money> {
        (1i64..=99_999_999_999).prop_map(|c| Money::from_cents(c).expect("in range"))
    }

    fn weight() -> impl Strategy<Value = Weight> {
        (0.5f64..=5.0).prop_map(|w| Weight::new(w).expect("in range"))
    }

    #[test]
    fn the_formula_is_the_published_one() {
        let score = Coefficients::default().score(
            Money::from_cents(80_000).expect("in range"),
            999,
            Weight::new(2.0).expect("in range"),
        );
        assert_eq!(score, Score(800.0 + 1.0 + 200.0));
    }

    #[test]
    fn reads_with_three_decimals() {
        for (score, text) in
            [(0.0, "0.000"), (1234.5678, "1234.568"), (0.0004, "0.000"), (1e15, "1000000000000000.000")]
        {
            assert_eq!(Score(score).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn rises_with_price(a in money(), b in money(), ms in 0u64..86_400_000, w in weight()) {
            let c = Coefficients::default();
            prop_assert_eq!(c.score(a, ms, w) > c.score(b, ms, w), a > b);
        }

        #[test]
        fn rises_with_weight(p in money(), ms in 0u64..86_400_000, a in 50u16..=500, b in 50u16..=500) {
            // Weights a hundredth apart: finer ones may round to the same double beside a huge price.
            let (wa, wb) = (Weight(f64::from(a) / 100.0), Weight(f64::from(b) / 100.0));
            let c = Coefficients::default();
            prop_assert_eq!(c.score(p, ms, wa) > c.score(p, ms, wb), a > b);
        }

        #[test]
        fn never_rises_with_time(p in money(), a in 0u64..86_400_000, b in 0u64..86_400_000, w in weight()) {
            let c = Coefficients::default();
            let (early, late) = (a.min(b), a.max(b));
            prop_assert!(c.score(p, early, w) >= c.score(p, late, w));
        }

        #[test]
        fn falls_with_time_in_the_first_second(cents in 1i64..=100_000_000, a in 0u64..1000, b in 0u64..1000, w in weight()) {
            let c = Coefficients::default();
            let p = Money::from_cents(cents).expect("in range");
            prop_assert_eq!(c.score(p, a, w) > c.score(p, b, w), a < b);
        }
    }
}
