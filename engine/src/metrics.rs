//! The engine's metrics, in Prometheus' default registry.

use prometheus::{
    Gauge, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, exponential_buckets, register_gauge,
    register_histogram, register_histogram_vec, register_int_counter, register_int_counter_vec, register_int_gauge,
};
use std::sync::LazyLock;

/// Declares a static metric that is registered on first use. Registration fails only if a name is used twice, which any
/// test would reveal.
#[macro_export]
macro_rules! metric {
    ($(#[$doc:meta])* $name:ident: $type:ty = $registration:expr) => {
        $(#[$doc])*
        pub static $name: ::std::sync::LazyLock<$type> = ::std::sync::LazyLock::new(|| $registration.expect("metric names are unique"));
    };
}

/// From 0.1 ms to 13 s, doubling.
fn latency_buckets() -> Vec<f64> {
    exponential_buckets(0.0001, 2.0, 18).unwrap_or_default()
}

metric! {
    /// Panics of tasks, which were started again.
    TASK_PANICS: IntCounterVec = register_int_counter_vec!("task_panics_total", "Panics of tasks, which were started again", &["task"])
}
metric! {
    /// E-mails by what became of them: `sent`, `failed`, or `dropped` because too many were waiting.
    EMAILS: IntCounterVec = register_int_counter_vec!("emails_total", "E-mails by what became of them", &["result"])
}
metric! {
    /// Bids by outcome: `accepted`, `kept` (the standing bid stayed unchanged) or an error code.
    BIDS: IntCounterVec = register_int_counter_vec!("bids_total", "Bids by outcome", &["status"])
}
metric! {
    /// Time from the receipt of a bid by the engine to its answer.
    BID_SECONDS: Histogram = register_histogram!("bid_latency_seconds", "Time from receipt to answer of a bid", latency_buckets())
}
metric! {
    /// Bids per committed batch.
    BATCH_SIZE: Histogram = register_histogram!(
        "bid_batch_size", "Bids per committed batch", exponential_buckets(1.0, 2.0, 11).unwrap_or_default()
    )
}
metric! {
    /// Bids queued for a batch.
    QUEUE_DEPTH: IntGauge = register_int_gauge!("bid_queue_depth", "Bids queued for a batch")
}
metric! {
    /// How long bids were queued.
    QUEUE_WAIT_SECONDS: Histogram = register_histogram!("bid_queue_wait_seconds", "Time a bid was queued for a batch", latency_buckets())
}
metric! {
    /// Duration of PostgreSQL operations.
    DB_SECONDS: HistogramVec = register_histogram_vec!(
        "db_query_duration_seconds", "Duration of PostgreSQL operations", &["operation"], latency_buckets()
    )
}
metric! {
    /// Duration of Redis calls by operation.
    REDIS_SECONDS: HistogramVec = register_histogram_vec!(
        "redis_operation_duration_seconds", "Duration of Redis operations", &["operation"], latency_buckets()
    )
}
metric! {
    /// Failed Redis calls by operation.
    REDIS_ERRORS: IntCounterVec = register_int_counter_vec!("redis_errors_total", "Failed Redis operations", &["operation"])
}
metric! {
    /// Rankings rebuilt from PostgreSQL because the one in Redis was missing or wrong.
    PROJECTION_REBUILDS: IntCounter = register_int_counter!("projection_rebuilds_total", "Rankings rebuilt in Redis")
}
metric! {
    /// Rankings in Redis that differed from PostgreSQL at settlement.
    PROJECTION_DRIFT: IntCounter = register_int_counter!("projection_drift_total", "Rankings found wrong in Redis at settlement")
}
metric! {
    /// Bids that the rankings in Redis lacked, or had in excess, at the last comparison with PostgreSQL. Bids of the last
    /// second count as missing only at the next comparison: they may be on their way.
    PROJECTION_GAP: IntGauge = register_int_gauge!("projection_gap_bids", "Bids by which rankings in Redis differ from PostgreSQL")
}
metric! {
    /// Lookups by cache and by the level that answered.
    CACHE_REQUESTS: IntCounterVec = register_int_counter_vec!("cache_requests_total", "Lookups by cache and the level that answered: memory or postgres", &["cache", "level"])
}
metric! {
    /// Campaigns this process settled.
    SETTLEMENTS: IntCounter = register_int_counter!("settlements_total", "Campaigns settled by this process")
}
metric! {
    /// Time from a campaign's end to its settlement.
    SETTLEMENT_DELAY_SECONDS: Histogram = register_histogram!(
        "settlement_delay_seconds", "Time from the end of a campaign to its settlement", latency_buckets()
    )
}
metric! {
    /// How long ago the campaign ended that has waited longest for its settlement; 0 if none waits.
    SETTLEMENT_OVERDUE_SECONDS: Gauge = register_gauge!(
        "settlement_overdue_seconds", "Time since the end of the campaign that has waited longest for its settlement"
    )
}
metric! {
    /// The greatest possible error of the estimate of PostgreSQL's clock.
    CLOCK_ERROR_SECONDS: Gauge = register_gauge!("clock_error_seconds", "Bound on the error of the estimated database clock")
}
metric! {
    /// Ranking frames built, however many sockets each is sent to.
    FEED_FRAMES: IntCounter = register_int_counter!("feed_frames_total", "Ranking frames built")
}
metric! {
    /// Time from a change of a ranking to the frame that shows it.
    FEED_LAG_SECONDS: Histogram = register_histogram!("feed_lag_seconds", "Time from a change to the frame that shows it", latency_buckets())
}
metric! {
    /// Things that must never happen and did. Any value above zero needs investigation.
    INVARIANT_VIOLATIONS: IntCounter = register_int_counter!("invariant_violations_total", "Broken invariants found")
}
metric! {
    /// Personal events that were dropped because a socket did not read them.
    FEED_DROPPED: IntCounter = register_int_counter!("feed_events_dropped_total", "Personal events dropped because a socket was slow")
}

/// Registers the metrics whose labels are known, so that they are exported at zero before anything has happened.
pub fn register() {
    for counter in
        [&PROJECTION_REBUILDS, &PROJECTION_DRIFT, &SETTLEMENTS, &FEED_FRAMES, &FEED_DROPPED, &INVARIANT_VIOLATIONS]
    {
        LazyLock::force(counter);
    }
    for gauge in [&QUEUE_DEPTH, &PROJECTION_GAP] {
        LazyLock::force(gauge);
    }
    for histogram in [&BID_SECONDS, &BATCH_SIZE, &QUEUE_WAIT_SECONDS, &SETTLEMENT_DELAY_SECONDS, &FEED_LAG_SECONDS] {
        LazyLock::force(histogram);
    }
    // Of work that is not supervised as a whole. Exported before the first panic, so that the first is a change.
    for task in ["events", "feed", "commit", "ranking", "rebuild"] {
        TASK_PANICS.with_label_values(&[task]);
    }
    LazyLock::force(&CLOCK_ERROR_SECONDS);
    LazyLock::force(&SETTLEMENT_OVERDUE_SECONDS);
    for status in ["accepted", "kept"] {
        BIDS.with_label_values(&[status]);
    }
}

/// Measures a PostgreSQL operation until the timer is dropped.
pub fn time_database(operation: &str) -> prometheus::HistogramTimer {
    DB_SECONDS.with_label_values(&[operation]).start_timer()
}
