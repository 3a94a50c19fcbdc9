//! Statistics of this process: its queue, the latency of its bids, and how much the rankings in Redis differed from
//! PostgreSQL when it last compared them.

use crate::{clock::Clock, metrics};
use prometheus::core::Metric;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// Samples of the latency histogram that are kept, one per second.
const WINDOW: usize = 10;

/// The statistics of one process.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProcessStats {
    /// The process's id; a new one at every start.
    pub process: Uuid,
    /// Bids waiting for a batch.
    pub queue_depth: i64,
    /// Bids answered within the last ten seconds.
    pub recent_bids: u64,
    /// The median of their latency in seconds; `None` without bids.
    pub latency_p50_s: Option<f64>,
    /// The 99th percentile of their latency in seconds; `None` without bids.
    pub latency_p99_s: Option<f64>,
    /// Bids by which the rankings in Redis differed from PostgreSQL at the last comparison, including those on their
    /// way.
    pub ranking_gap: i64,
    /// Rankings rebuilt since the process started.
    pub rebuilds: u64,
    /// Rankings in Redis found wrong at settlement since the process started.
    pub drift: u64,
    /// Bound on the error of the estimated clock, in seconds.
    pub clock_error_s: f64,
}

impl ProcessStats {
    /// Reads the statistics.
    pub(super) fn read(process: Uuid, latency: &RecentLatency, clock: &Clock) -> Self {
        let recent = latency.recent();
        Self {
            process,
            queue_depth: metrics::QUEUE_DEPTH.get(),
            recent_bids: recent.last().map_or(0, |(_, count)| *count),
            latency_p50_s: quantile(&recent, 0.5),
            latency_p99_s: quantile(&recent, 0.99),
            ranking_gap: metrics::PROJECTION_GAP.get(),
            rebuilds: metrics::PROJECTION_REBUILDS.get(),
            drift: metrics::PROJECTION_DRIFT.get(),
            clock_error_s: clock.error_seconds(),
        }
    }
}

/// Cumulative histogram buckets: upper bounds in seconds, and how many bids took at most as long.
type Buckets = Vec<(f64, u64)>;

/// The latency histogram as it was in the last [`WINDOW`] seconds.
#[derive(Default)]
pub(super) struct RecentLatency(Mutex<VecDeque<Buckets>>);

impl RecentLatency {
    /// Adds a sample of the histogram.
    pub fn sample(&self) {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.push_back(buckets());
        if window.len() > WINDOW {
            window.pop_front();
        }
    }

    /// The bids since the oldest sample.
    fn recent(&self) -> Buckets {
        let window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recent = buckets();
        if let Some(oldest) = window.front() {
            for ((_, count), (_, old)) in recent.iter_mut().zip(oldest) {
                *count = count.saturating_sub(*old);
            }
        }
        recent
    }
}

/// The histogram now. Bids over the last bound are counted in the last bucket.
fn buckets() -> Buckets {
    let metric = metrics::BID_SECONDS.metric();
    let histogram = metric.get_histogram();
    let mut buckets: Buckets =
        histogram.get_bucket().iter().map(|bucket| (bucket.upper_bound(), bucket.cumulative_count())).collect();
    if let Some((_, count)) = buckets.last_mut() {
        *count = histogram.get_sample_count();
    }
    buckets
}

/// The `q`-quantile, as if the values in each bucket were spread evenly.
fn quantile(buckets: &[(f64, u64)], q: f64) -> Option<f64> {
    let total = buckets.last().map(|(_, count)| *count).filter(|count| *count > 0)?;
    let wanted = q * total as f64;
    let (mut lower, mut below) = (0.0, 0);
    for (upper, count) in buckets {
        if *count as f64 >= wanted && *count > below {
            return Some(lower + (upper - lower) * (wanted - below as f64) / (count - below) as f64);
        }
        (lower, below) = (*upper, *count);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_found_within_their_bucket() {
        let buckets = [(1.0, 0), (2.0, 50), (4.0, 100)];
        assert_eq!(quantile(&buckets, 0.5), Some(2.0));
        assert_eq!(quantile(&buckets, 0.25), Some(1.5));
        assert_eq!(quantile(&buckets, 1.0), Some(4.0));
        assert_eq!(quantile(&[(1.0, 0), (2.0, 0)], 0.5), None);
    }
}
