//! What only this process knows: its queue, how long its bids took, and how far the rankings in Redis were
//! from PostgreSQL when it last compared them.

use crate::{clock::Clock, metrics};
use prometheus::core::Metric;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// Samples of the latency that are kept, one a second: what "lately" means.
const WINDOW: usize = 10;

/// The numbers of one process.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProcessStats {
    /// Which process; a new one at every start.
    pub process: Uuid,
    /// Bids waiting for a batch.
    pub queue_depth: i64,
    /// Bids answered within the last ten seconds.
    pub recent_bids: u64,
    /// Half of them were answered within so many seconds; none without bids.
    pub latency_p50_s: Option<f64>,
    /// 99 of 100 of them were answered within so many seconds; none without bids.
    pub latency_p99_s: Option<f64>,
    /// Bids by which rankings in Redis differed from PostgreSQL at the last look, on their way
    /// included.
    pub ranking_gap: i64,
    /// Rankings rebuilt since the process started.
    pub rebuilds: u64,
    /// Rankings found wrong at settlement since the process started.
    pub drift: u64,
    /// Bound on the error of the estimated clock, in seconds.
    pub clock_error_s: f64,
}

impl ProcessStats {
    /// The numbers now.
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

/// Upper bounds in seconds, and how many took at most as long.
type Buckets = Vec<(f64, u64)>;

/// The histogram of latencies as it was in the last seconds.
#[derive(Default)]
pub(super) struct RecentLatency(Mutex<VecDeque<Buckets>>);

impl RecentLatency {
    /// Keeps how the histogram is now.
    pub fn sample(&self) {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.push_back(buckets());
        if window.len() > WINDOW {
            window.pop_front();
        }
    }

    /// What has come since the oldest sample.
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

/// The histogram now. What took longer than its last bound is counted there.
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

/// The value that a share `q` does not exceed, as if each bucket's were spread evenly in it.
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
