//! What the server says of itself at /metrics, before and after a window.

use crate::{
    Result,
    http::{self, Connection},
};
use serde::Serialize;
use std::net::SocketAddr;

/// The server's histograms at one moment.
pub struct Scrape {
    batch_size: Histogram,
    queue_wait: Histogram,
    write: Histogram,
    rank: Histogram,
}

/// The batches of a window. Percentiles are estimates within the server's doubling buckets.
#[derive(Clone, Copy, Serialize)]
pub struct Batches {
    /// Committed batches.
    pub count: f64,
    /// Bids in them.
    pub size_mean: f64,
    /// Median size.
    pub size_p50: f64,
    /// 90th percentile of sizes.
    pub size_p90: f64,
    /// 99th percentile of sizes.
    pub size_p99: f64,
    /// How long bids waited to be taken into a batch.
    pub queue_wait_mean_ms: f64,
    /// 99th percentile of it.
    pub queue_wait_p99_ms: f64,
    /// Time of the statement that writes a batch, commit included.
    pub write_mean_ms: f64,
    /// Time of the script that ranks a batch.
    pub rank_mean_ms: f64,
}

/// A cumulative histogram, or the difference of two.
#[derive(Clone, Default, PartialEq, Debug)]
struct Histogram {
    /// Upper bounds and how many lie below them.
    buckets: Vec<(f64, f64)>,
    sum: f64,
    count: f64,
}

impl Scrape {
    /// Asks the server.
    pub async fn take(server: SocketAddr) -> Result<Self> {
        let mut connection = Connection::open(server).await?;
        let status = connection.exchange(&http::request(server, "GET", "/metrics", "", "")).await?;
        if status != 200 {
            return Err(format!("/metrics answered {status}").into());
        }
        let text = std::str::from_utf8(connection.body())?;
        Ok(Self {
            batch_size: Histogram::find(text, "bid_batch_size", ""),
            queue_wait: Histogram::find(text, "bid_queue_wait_seconds", ""),
            write: Histogram::find(text, "db_query_duration_seconds", r#"operation="write_bids""#),
            rank: Histogram::find(text, "redis_operation_duration_seconds", r#"operation="enter_bids""#),
        })
    }

    /// What happened since an earlier scrape.
    pub fn since(&self, earlier: &Self) -> Batches {
        let size = self.batch_size.minus(&earlier.batch_size);
        let wait = self.queue_wait.minus(&earlier.queue_wait);
        Batches {
            count: size.count,
            size_mean: size.mean(),
            size_p50: size.whole_quantile(0.5),
            size_p90: size.whole_quantile(0.9),
            size_p99: size.whole_quantile(0.99),
            queue_wait_mean_ms: wait.mean() * 1000.0,
            queue_wait_p99_ms: wait.quantile(0.99) * 1000.0,
            write_mean_ms: self.write.minus(&earlier.write).mean() * 1000.0,
            rank_mean_ms: self.rank.minus(&earlier.rank).mean() * 1000.0,
        }
    }
}

impl Histogram {
    /// The histogram of a name whose labels contain `label`; empty if the server has none yet.
    fn find(text: &str, name: &str, label: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let Some(rest) = series.strip_prefix(name) else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            if !rest.contains(label) {
                continue;
            }
            if rest.starts_with("_bucket{") {
                let bound = rest.split_once("le=\"").and_then(|(_, bound)| bound.split_once('"'));
                // "+Inf" parses as infinity.
                if let Some(bound) = bound.and_then(|(bound, _)| bound.parse().ok()) {
                    found.buckets.push((bound, value));
                }
            } else if rest.starts_with("_sum") {
                found.sum = value;
            } else if rest.starts_with("_count") {
                found.count = value;
            }
        }
        found
    }

    fn minus(&self, earlier: &Self) -> Self {
        let before = |at: usize| earlier.buckets.get(at).map_or(0.0, |(_, count)| *count);
        Self {
            buckets: self.buckets.iter().enumerate().map(|(at, (bound, count))| (*bound, count - before(at))).collect(),
            sum: self.sum - earlier.sum,
            count: self.count - earlier.count,
        }
    }

    fn mean(&self) -> f64 {
        if self.count > 0.0 { self.sum / self.count } else { 0.0 }
    }

    /// Of a quantity that is measured: interpolated within the bucket it falls into.
    fn quantile(&self, quantile: f64) -> f64 {
        self.interpolate(quantile, 0.0)
    }

    /// Of a quantity that is counted: the least value of a bucket is one more than the bound below.
    fn whole_quantile(&self, quantile: f64) -> f64 {
        self.interpolate(quantile, 1.0)
    }

    fn interpolate(&self, quantile: f64, step: f64) -> f64 {
        let wanted = self.count * quantile;
        let (mut low, mut below) = (0.0, 0.0);
        for &(bound, count) in &self.buckets {
            if count >= wanted && count > below {
                let share = (wanted - below) / (count - below);
                // Nothing is known of what lies beyond the last bound.
                return if bound.is_finite() { low + step + (bound - low - step) * share } else { low };
            }
            (low, below) = (bound, count);
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# TYPE size histogram
size_bucket{operation="a",le="1"} 0
size_bucket{operation="a",le="2"} 10
size_bucket{operation="a",le="4"} 20
size_bucket{operation="a",le="+Inf"} 20
size_sum{operation="a"} 50
size_count{operation="a"} 20
size_count{operation="b"} 7
sizes_count 9
"#;

    #[test]
    fn a_histogram_is_found_by_name_and_label() {
        let found = Histogram::find(TEXT, "size", r#"operation="a""#);
        assert_eq!((found.count, found.sum, found.buckets.len()), (20.0, 50.0, 4));
        assert!(found.buckets[3].0.is_infinite());
        assert_eq!(Histogram::find(TEXT, "other", ""), Histogram::default());
    }

    #[test]
    fn quantiles_lie_within_their_buckets() {
        let found = Histogram::find(TEXT, "size", r#"operation="a""#);
        assert_eq!((found.mean(), found.quantile(0.25), found.quantile(0.75)), (2.5, 1.5, 3.0));
        assert_eq!((found.whole_quantile(0.25), found.whole_quantile(0.75)), (2.0, 3.5));
        assert_eq!(found.minus(&found).quantile(0.5).to_bits(), 0.0_f64.to_bits());
    }
}
