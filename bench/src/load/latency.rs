//! Histograms of latencies.

use crate::error::Result;
use hdrhistogram::Histogram;
use std::time::Duration;

/// Latencies are recorded in microseconds, up to two minutes, to three significant digits.
const MICROS_MAX: u64 = 120_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// An empty histogram of microseconds.
pub fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, MICROS_MAX, SIGNIFICANT_DIGITS)?)
}

/// A duration as histograms record it.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A quantile from 0 to 1, in milliseconds.
pub fn quantile_ms(latency: &Histogram<u64>, quantile: f64) -> f64 {
    to_ms(latency.value_at_quantile(quantile))
}

/// The longest latency, in milliseconds.
pub fn max_ms(latency: &Histogram<u64>) -> f64 {
    to_ms(latency.max())
}

fn to_ms(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
