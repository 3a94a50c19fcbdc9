//! Markdown tables of the report.

use crate::{
    measure::{Sample, Scenario},
    run::{FloorSeries, Series},
    scale::Size,
    spread::{Spread, number},
};
use std::fmt::{self, Write};

/// A row under construction.
struct Row(String);

impl Row {
    fn new(first: impl fmt::Display) -> Self {
        Self(format!("| {first} |"))
    }

    fn cell(mut self, value: impl fmt::Display) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, " {value} |");
        self
    }

    fn spread(self, samples: &[Sample], value: impl Fn(&Sample) -> f64) -> Self {
        self.cell(Spread::of(samples.iter().map(value)))
    }

    /// A spread of whole percents; a dash where nothing is known.
    fn percent(self, samples: &[Sample], value: impl Fn(&Sample) -> Option<f64>) -> Self {
        match samples.iter().map(value).collect::<Option<Vec<f64>>>() {
            Some(values) => self.cell(format_args!("{:.0}", Spread::of(values))),
            None => self.cell("–"),
        }
    }
}

/// A table with its head; all columns but the first are numbers.
fn table(columns: &[&str], rows: impl IntoIterator<Item = Row>) -> String {
    let rule: String = columns.iter().skip(1).map(|_| "---:|").collect();
    let head = format!("| {} |\n|---|{rule}", columns.join(" | "));
    rows.into_iter().fold(head, |table, Row(row)| table + "\n" + &row)
}

/// A scenario in words.
pub fn name(scenario: &Scenario) -> String {
    let Scenario { connections, rate, viewers } = scenario;
    match (rate, viewers) {
        (None, _) => format!("closed, {connections} connections"),
        (Some(rate), 0) => format!("open, {rate}/s"),
        (Some(rate), viewers) => format!("open, {rate}/s, {viewers} viewers"),
    }
}

/// Throughput and latency.
pub fn outcome(series: &[Series]) -> String {
    let columns = ["load", "accepted/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "kept", "errors"];
    table(&columns, series.iter().map(|series| latencies(Row::new(name(&series.scenario)), &series.samples)))
}

/// Who took the CPU's time in the windows.
pub fn cpu(series: &[(String, &[Sample])]) -> String {
    let columns = ["load", "server %", "PostgreSQL %", "Redis %", "load process %", "rest %", "µs CPU/bid"];
    let row = |(name, samples): &(String, &[Sample])| {
        Row::new(name)
            .percent(samples, |s| Some(s.cpu.server))
            .percent(samples, |s| s.cpu.postgres)
            .percent(samples, |s| s.cpu.redis)
            .percent(samples, |s| Some(s.cpu.load))
            .percent(samples, |s| Some(s.cpu.rest))
            .spread(samples, |s| s.cpu_us_per_bid)
    };
    table(&columns, series.iter().map(row))
}

/// How bids were gathered, and how long that and the stores took.
pub fn batches(series: &[(String, &[Sample])]) -> String {
    let columns =
        ["load", "bids/batch", "p50", "p90", "p99", "queue wait ms", "wait p99 ms", "PostgreSQL ms", "Redis ms"];
    let row = |(name, samples): &(String, &[Sample])| {
        Row::new(name)
            .spread(samples, |s| s.batches.size_mean)
            .spread(samples, |s| s.batches.size_p50)
            .spread(samples, |s| s.batches.size_p90)
            .spread(samples, |s| s.batches.size_p99)
            .spread(samples, |s| s.batches.queue_wait_mean_ms)
            .spread(samples, |s| s.batches.queue_wait_p99_ms)
            .spread(samples, |s| s.batches.write_mean_ms)
            .spread(samples, |s| s.batches.rank_mean_ms)
    };
    table(&columns, series.iter().map(row))
}

/// What the viewers saw, and how punctual the load was.
pub fn open_loops(series: &[Series], window_s: f64) -> String {
    let columns =
        ["load", "load sent late, p99 ms", "frames/s", "frames/s per viewer", "longest gap ms", "lost viewers"];
    table(
        &columns,
        series.iter().map(|Series { scenario, samples }| {
            let row = Row::new(name(scenario)).spread(samples, |s| s.sent_late_p99_ms.unwrap_or(0.0));
            if scenario.viewers == 0 {
                return row.cell("").cell("").cell("").cell("");
            }
            let frames = |s: &Sample| s.viewers.map_or(0.0, |seen| seen.frames as f64 / window_s);
            row.spread(samples, frames)
                .spread(samples, |s| frames(s) / f64::from(scenario.viewers))
                .spread(samples, |s| s.viewers.map_or(0.0, |seen| seen.gap_max_ms))
                .cell(samples.iter().filter_map(|s| s.viewers).map(|seen| u64::from(seen.lost)).sum::<u64>())
        }),
    )
}

/// The statement alone.
pub fn floor(series: &[FloorSeries]) -> String {
    let columns = ["connections", "bids/statement", "bids/s", "statements/s", "PostgreSQL %", "pgbench %"];
    table(
        &columns,
        series.iter().map(|FloorSeries { clients, batch, samples }| {
            let spread = |value: fn(&crate::floor::FloorSample) -> f64| Spread::of(samples.iter().map(value));
            Row::new(clients)
                .cell(batch)
                .cell(spread(|s| s.bids_per_s))
                .cell(Spread::of(samples.iter().map(|s| s.bids_per_s / f64::from(*batch))))
                .cell(format_args!("{:.0}", spread(|s| s.cpu.postgres.unwrap_or(0.0))))
                .cell(format_args!("{:.0}", spread(|s| s.cpu.load)))
        }),
    )
}

/// Campaigns of several sizes.
pub fn scale(sizes: &[Size]) -> String {
    let columns = [
        "bidders",
        "accepted/s",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
        "kept",
        "errors",
        "of the smallest",
        "ranking rebuilt in s",
    ];
    let middle = |size: &Size| Spread::of(size.samples.iter().map(|s| s.accepted_per_s)).median();
    let smallest = sizes.first().map_or(0.0, middle);
    table(
        &columns,
        sizes.iter().map(|size| {
            let share = if smallest > 0.0 { middle(size) / smallest * 100.0 } else { 0.0 };
            latencies(Row::new(number(f64::from(size.bidders), 0)), &size.samples)
                .cell(format_args!("{share:.0} %"))
                .cell(number(size.rebuild_s, 1))
        }),
    )
}

fn latencies(row: Row, samples: &[Sample]) -> Row {
    row.spread(samples, |s| s.accepted_per_s)
        .spread(samples, |s| s.latency_ms.p50)
        .spread(samples, |s| s.latency_ms.p90)
        .spread(samples, |s| s.latency_ms.p99)
        .spread(samples, |s| s.latency_ms.p999)
        .spread(samples, |s| s.latency_ms.max)
        .cell(samples.iter().map(|s| s.kept).sum::<u64>())
        .cell(errors(samples))
}

/// Errors of all repetitions by kind.
fn errors(samples: &[Sample]) -> String {
    let mut sum = std::collections::BTreeMap::<&str, u64>::new();
    for (kind, count) in samples.iter().flat_map(|sample| &sample.errors) {
        *sum.entry(kind).or_default() += count;
    }
    if sum.is_empty() {
        return "0".to_owned();
    }
    sum.iter().map(|(kind, count)| format!("{count} × {kind}")).collect::<Vec<_>>().join(", ")
}
