//! Money: a whole number of cents.

use crate::json_number::number_or_string;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A positive amount of money in cents, from 0.01 to 9,999,999,999.99 (`NUMERIC(12,2)`).
///
/// In JSON it is a number with at most two decimals; a numeric string is accepted, too. More decimals or an amount out
/// of range are refused, never rounded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Money(i64);

const NOT_MONEY: &str = "must be an amount with at most two decimals";
const OUT_OF_RANGE: &str = "must be between 0.01 and 9999999999.99";

impl Money {
    /// The smallest amount: one cent.
    pub const MIN: Self = Self(1);
    /// The largest amount: what `NUMERIC(12,2)` holds.
    pub const MAX: Self = Self(999_999_999_999);

    /// An amount of `cents`, or `None` out of range.
    pub fn from_cents(cents: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&cents).then_some(Self(cents))
    }

    /// The amount in cents.
    pub fn cents(self) -> i64 {
        self.0
    }

    /// The amount in currency units, as used in the score formula. It has at most twelve digits, so the nearest double
    /// prints as the same decimal.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The next amount without cents; the amount itself where that is out of range.
    #[must_use]
    pub fn rounded_up_to_unit(self) -> Self {
        Self::from_cents((self.0 + 99) / 100 * 100).unwrap_or(self)
    }

    /// The amount of a JSON number.
    pub fn from_f64(value: f64) -> Result<Self, &'static str> {
        if !(0.0..1e11).contains(&value) {
            return Err(OUT_OF_RANGE);
        }
        // The double nearest to a decimal with two places equals cents / 100, so any other value had more decimals.
        #[expect(clippy::cast_possible_truncation, reason = "below 1e13 by the check above")]
        let cents = (value * 100.0).round() as i64;
        #[expect(clippy::float_cmp, reason = "exact by construction")]
        if cents as f64 / 100.0 != value {
            return Err(NOT_MONEY);
        }
        Self::from_cents(cents).ok_or(OUT_OF_RANGE)
    }

    fn from_text(text: &str) -> Result<Self, &'static str> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let negative = whole.strip_prefix('-');
        if !digits(negative.unwrap_or(whole)) || !digits(fraction) || fraction.len() > 2 {
            return Err(NOT_MONEY);
        }
        if whole.is_empty() || text.ends_with('.') {
            return Err(NOT_MONEY);
        }
        if negative.is_some() || whole.len() > 15 {
            return Err(OUT_OF_RANGE);
        }
        let units: i64 = whole.parse().map_err(|_| OUT_OF_RANGE)?;
        let cents: i64 = format!("{fraction:0<2}").parse().map_err(|_| NOT_MONEY)?;
        Self::from_cents(units * 100 + cents).ok_or(OUT_OF_RANGE)
    }
}

impl FromStr for Money {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_text(text.trim())
    }
}

/// Always two decimals: `800.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.as_f64()) }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number_or_string(deserializer, NOT_MONEY, Self::from_f64, Self::from_text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_numbers_and_numeric_strings() {
        for (json, cents) in [
            ("800", 80_000),
            ("800.5", 80_050),
            ("\"800.05\"", 80_005),
            ("\" 0.01 \"", 1),
            ("8e2", 80_000),
            ("9999999999.99", 999_999_999_999),
        ] {
            let money: Money = serde_json::from_str(json).expect(json);
            assert_eq!(money.cents(), cents, "{json}");
        }
    }

    #[test]
    fn refuses_what_would_need_rounding_or_is_out_of_range() {
        for json in [
            "0",
            "-1",
            "0.001",
            "800.001",
            "\"800.005\"",
            "\"1e3\"",
            "\"\"",
            "\".\"",
            "\".5\"",
            "\"5.\"",
            "\"NaN\"",
            "\"--1\"",
            "10000000000",
            "1e300",
            "\"99999999999999999999\"",
            "null",
            "true",
            "[]",
        ] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn round_trips_in_every_form(cents in Money::MIN.0..=Money::MAX.0) {
            let money = Money(cents);
            let json = serde_json::to_string(&money).expect("serializes");
            prop_assert_eq!(serde_json::from_str::<Money>(&json).expect("parses"), money);
            prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
            prop_assert_eq!(Money::from_f64(money.as_f64()), Ok(money));
        }
    }
}
