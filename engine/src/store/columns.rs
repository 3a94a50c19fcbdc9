//! Domain values read from PostgreSQL columns.
//!
//! Money is `NUMERIC(12,2)` in tables and whole cents in queries: statements read
//! `(price * 100)::bigint` and write `$n::numeric / 100`.

use crate::error::{Error, Result};
use domain::{Money, Timestamp, Weight, score::Coefficient, validated::Quota};
use time::OffsetDateTime;

/// Money read from a column.
pub fn money(cents: i64) -> Result<Money> {
    Money::from_cents(cents).ok_or_else(|| corrupt("money"))
}

/// A quota read from a column.
pub fn quota(value: i32) -> Result<Quota> {
    Quota::new(value).ok_or_else(|| corrupt("quota"))
}

/// A weight read from a column.
pub fn weight(value: f64) -> Result<Weight> {
    Weight::new(value).ok_or_else(|| corrupt("weight"))
}

/// A coefficient read from a column.
pub fn coefficient(value: f64) -> Result<Coefficient> {
    Coefficient::new(value).ok_or_else(|| corrupt("coefficient"))
}

/// A count read from a column, which is never negative.
pub fn count(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| corrupt("count"))
}

/// An instant read from a column.
pub fn timestamp(value: OffsetDateTime) -> Result<Timestamp> {
    Timestamp::from_datetime(value).ok_or_else(|| corrupt("time"))
}

/// The constraints of the tables exclude values out of range.
fn corrupt(what: &str) -> Error {
    Error::broken_invariant(&format!("a stored {what} is out of range"))
}
