//! The server's own Prometheus metrics, scraped before and after a window.

use crate::{
    error::Result,
    http_client::{HttpConnection, encode_request},
};
use serde::Serialize;
use std::net::SocketAddr;

/// The histograms of one scrape.
pub struct Scrape {
    batch_size: PrometheusHistogram,
    queue_wait: PrometheusHistogram,
    write: PrometheusHistogram,
    rank: PrometheusHistogram,
}

/// The batches of a window. Percentiles are interpolated within the server's buckets, each twice as wide as the last.
#[derive(Clone, Copy, Serialize)]
pub struct BatchStats {
    /// Committed batches.
    pub count: f64,
    /// Mean number of bids in a batch.
    pub size_mean: f64,
    /// Median number.
    pub size_p50: f64,
    /// 90th percentile.
    pub size_p90: f64,
    /// 99th percentile.
    pub size_p99: f64,
    /// Mean time a bid waited in the queue for its batch.
    pub queue_wait_mean_ms: f64,
    /// 99th percentile of that time.
    pub queue_wait_p99_ms: f64,
    /// Mean duration of the statement that writes a batch, commit included.
    pub write_mean_ms: f64,
    /// Mean duration of the script that enters a batch into the ranking.
    pub rank_mean_ms: f64,
}

/// A cumulative histogram as Prometheus defines it, or the difference of two.
#[derive(Clone, Default, PartialEq, Debug)]
struct PrometheusHistogram {
    /// Upper bounds, and how many values are at most that.
    buckets: Vec<(f64, f64)>,
    sum: f64,
    count: f64,
}

impl Scrape {
    /// Scrapes /metrics.
    pub async fn take(server: SocketAddr) -> Result<Self> {
        let mut connection = HttpConnection::open(server).await?;
        let status = connection.exchange(&encode_request(server, "GET", "/metrics", "", "")).await?;
        if status != 200 {
            return Err(format!("/metrics answered {status}").into());
        }
        let text = std::str::from_utf8(connection.body())?;
        Ok(Self {
            batch_size: PrometheusHistogram::find(text, "bid_batch_size", ""),
            queue_wait: PrometheusHistogram::find(text, "bid_queue_wait_seconds", ""),
            write: PrometheusHistogram::find(text, "db_query_duration_seconds", r#"operation="write_bids""#),
            rank: PrometheusHistogram::find(text, "redis_operation_duration_seconds", r#"operation="enter_bids""#),
        })
    }

    /// What happened since an earlier scrape.
    pub fn since(&self, earlier: &Self) -> BatchStats {
        let size = self.batch_size.minus(&earlier.batch_size);
        let wait = self.queue_wait.minus(&earlier.queue_wait);
        BatchStats {
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

impl PrometheusHistogram {
    /// Parses the histogram with a name and a label; empty if the server does not have it yet.
    fn find(text: &str, name: &str, label: &str) -> Self {
        let mut histogram = Self::default();
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
                    histogram.buckets.push((bound, value));
                }
            } else if rest.starts_with("_sum") {
                histogram.sum = value;
            } else if rest.starts_with("_count") {
                histogram.count = value;
            }
        }
        histogram
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

    /// A quantile of a continuous quantity, interpolated within its bucket.
    fn quantile(&self, quantile: f64) -> f64 {
        self.interpolate(quantile, 0.0)
    }

    /// A quantile of whole numbers: the smallest value of a bucket is one more than the bound below it.
    fn whole_quantile(&self, quantile: f64) -> f64 {
        self.interpolate(quantile, 1.0)
    }

    fn interpolate(&self, quantile: f64, step: f64) -> f64 {
        let wanted = self.count * quantile;
        let (mut low, mut below) = (0.0, 0.0);
        for &(bound, count) in &self.buckets {
            if count >= wanted && count > below {
                let share = (wanted - below) / (count - below);
                // The last bucket has no upper bound to interpolate to.
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
        let histogram = PrometheusHistogram::find(TEXT, "size", r#"operation="a""#);
        assert_eq!((histogram.count, histogram.sum, histogram.buckets.len()), (20.0, 50.0, 4));
        assert!(histogram.buckets[3].0.is_infinite());
        assert_eq!(PrometheusHistogram::find(TEXT, "other", ""), PrometheusHistogram::default());
    }

    #[test]
    fn quantiles_lie_within_their_buckets() {
        let histogram = PrometheusHistogram::find(TEXT, "size", r#"operation="a""#);
        assert_eq!((histogram.mean(), histogram.quantile(0.25), histogram.quantile(0.75)), (2.5, 1.5, 3.0));
        assert_eq!((histogram.whole_quantile(0.25), histogram.whole_quantile(0.75)), (2.0, 3.5));
        assert_eq!(histogram.minus(&histogram).quantile(0.5).to_bits(), 0.0_f64.to_bits());
    }
}
