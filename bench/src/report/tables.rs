//! The Markdown tables of the report.

use crate::{
    probes::cpu::CpuUsage,
    report::{median_range::MedianRange, number_format::number},
    results::{
        BaselineSample, BaselineSeries, FanOut, FanOutRound, LoadSample, Overload, OverloadLatency, ScalingSeries,
        ScenarioSeries, Settlement,
    },
};
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

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

    /// The median and range of a value over all samples.
    fn median(self, samples: &[LoadSample], value: impl Fn(&LoadSample) -> f64) -> Self {
        self.cell(MedianRange::of(samples.iter().map(value)))
    }

    /// The same in whole percents; a dash where the value is unknown.
    fn percent(self, samples: &[LoadSample], value: impl Fn(&LoadSample) -> Option<f64>) -> Self {
        match samples.iter().map(value).collect::<Option<Vec<f64>>>() {
            Some(values) => self.cell(format_args!("{:.0}", MedianRange::of(values))),
            None => self.cell("–"),
        }
    }

    /// Throughput, latencies and errors.
    fn outcome(self, samples: &[LoadSample]) -> Self {
        self.median(samples, |s| s.accepted_per_s)
            .median(samples, |s| s.latency_ms.p50)
            .median(samples, |s| s.latency_ms.p90)
            .median(samples, |s| s.latency_ms.p99)
            .median(samples, |s| s.latency_ms.p999)
            .median(samples, |s| s.latency_ms.max)
            .cell(samples.iter().map(|s| s.kept).sum::<u64>())
            .cell(errors(samples))
    }
}

/// A table with its header; all columns but the first are right-aligned.
fn table(columns: &[&str], rows: impl IntoIterator<Item = Row>) -> String {
    let rule: String = columns.iter().skip(1).map(|_| "---:|").collect();
    let header = format!("| {} |\n|---|{rule}", columns.join(" | "));
    rows.into_iter().fold(header, |table, Row(row)| table + "\n" + &row)
}

/// Throughput and latency by scenario.
pub fn scenarios(series: &[ScenarioSeries]) -> String {
    let columns = ["load", "accepted/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "kept", "errors"];
    table(&columns, series.iter().map(|series| Row::new(series.scenario).outcome(&series.samples)))
}

/// CPU usage by load.
pub fn cpu(loads: &[(String, &[LoadSample])]) -> String {
    let columns = ["load", "server %", "PostgreSQL %", "Redis %", "load process %", "rest %", "µs CPU/bid"];
    let row = |(name, samples): &(String, &[LoadSample])| {
        Row::new(name)
            .percent(samples, |s| Some(s.cpu.server))
            .percent(samples, |s| s.cpu.postgres)
            .percent(samples, |s| s.cpu.redis)
            .percent(samples, |s| Some(s.cpu.load))
            .percent(samples, |s| Some(s.cpu.rest))
            .median(samples, |s| s.cpu_us_per_bid)
    };
    table(&columns, loads.iter().map(row))
}

/// Sizes of the server's batches, how long bids waited for them, and how long PostgreSQL and Redis took, by load.
pub fn batches(loads: &[(String, &[LoadSample])]) -> String {
    let columns =
        ["load", "bids/batch", "p50", "p90", "p99", "queue wait ms", "wait p99 ms", "PostgreSQL ms", "Redis ms"];
    let row = |(name, samples): &(String, &[LoadSample])| {
        Row::new(name)
            .median(samples, |s| s.batches.size_mean)
            .median(samples, |s| s.batches.size_p50)
            .median(samples, |s| s.batches.size_p90)
            .median(samples, |s| s.batches.size_p99)
            .median(samples, |s| s.batches.queue_wait_mean_ms)
            .median(samples, |s| s.batches.queue_wait_p99_ms)
            .median(samples, |s| s.batches.write_mean_ms)
            .median(samples, |s| s.batches.rank_mean_ms)
    };
    table(&columns, loads.iter().map(row))
}

/// How late the load sent its bids, and what the viewers received.
pub fn viewers(series: &[ScenarioSeries], window_s: f64) -> String {
    let columns =
        ["load", "load sent late, p99 ms", "frames/s", "frames/s per viewer", "longest gap ms", "lost viewers"];
    table(
        &columns,
        series.iter().map(|ScenarioSeries { scenario, samples }| {
            let row = Row::new(scenario).median(samples, |s| s.sent_late_p99_ms.unwrap_or(0.0));
            if scenario.viewers == 0 {
                return row.cell("").cell("").cell("").cell("");
            }
            let frames = |s: &LoadSample| s.viewers.map_or(0.0, |viewers| viewers.frames as f64 / window_s);
            let lost = samples.iter().filter_map(|s| s.viewers).map(|viewers| u64::from(viewers.lost));
            row.median(samples, frames)
                .median(samples, |s| frames(s) / f64::from(scenario.viewers))
                .median(samples, |s| s.viewers.map_or(0.0, |viewers| viewers.gap_max_ms))
                .cell(lost.sum::<u64>())
        }),
    )
}

/// PostgreSQL alone, by connections and batch size.
pub fn baseline(series: &[BaselineSeries]) -> String {
    let columns = ["connections", "bids/statement", "bids/s", "statements/s", "PostgreSQL %", "pgbench %"];
    table(
        &columns,
        series.iter().map(|BaselineSeries { clients, batch, samples }| {
            let median = |value: fn(&BaselineSample) -> f64| MedianRange::of(samples.iter().map(value));
            Row::new(clients)
                .cell(batch)
                .cell(median(|s| s.bids_per_s))
                .cell(MedianRange::of(samples.iter().map(|s| s.bids_per_s / f64::from(*batch))))
                .cell(format_args!("{:.0}", median(|s| s.cpu.postgres.unwrap_or(0.0))))
                .cell(format_args!("{:.0}", median(|s| s.cpu.load)))
        }),
    )
}

/// Throughput and latency by the number of bidders in the campaign.
pub fn scaling(series: &[ScalingSeries]) -> String {
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
    let accepted = |series: &ScalingSeries| MedianRange::of(series.samples.iter().map(|s| s.accepted_per_s)).median();
    let smallest = series.first().map_or(0.0, accepted);
    table(
        &columns,
        series.iter().map(|series| {
            let share = if smallest > 0.0 { accepted(series) / smallest * 100.0 } else { 0.0 };
            Row::new(number(f64::from(series.bidders), 0))
                .outcome(&series.samples)
                .cell(format_args!("{share:.0} %"))
                .cell(number(series.rebuild_s, 1))
        }),
    )
}

/// How soon campaigns were settled.
pub fn settlement(settlements: &[Settlement]) -> String {
    let columns = [
        "bidders",
        "orders",
        "orders readable ms",
        "told p50 ms",
        "told p99 ms",
        "told max ms",
        "reconnected: told p50 ms",
        "max ms",
        "other bids/s",
        "other bids p99 ms",
        "other bids errors",
        "page views/s before",
        "after",
    ];
    let row = |settlement: &Settlement| {
        Row::new(number(settlement.bidders as f64, 0))
            .cell(number(settlement.orders as f64, 0))
            .cell(number(settlement.orders_ms, 0))
            .cell(number(settlement.told_p50_ms, 0))
            .cell(number(settlement.told_p99_ms, 0))
            .cell(number(settlement.told_max_ms, 0))
            .cell(number(settlement.retold_p50_ms, 0))
            .cell(number(settlement.retold_max_ms, 0))
            .cell(number(settlement.other_bids.accepted_per_s, 0))
            .cell(number(settlement.other_bids.latency_ms.p99, 1))
            .cell(number(settlement.other_bids.errors.values().sum::<u64>() as f64, 0))
            .cell(number(settlement.views_before_per_s, 0))
            .cell(number(settlement.views_after_per_s, 0))
    };
    table(&columns, settlements.iter().map(row))
}

/// How soon all websockets showed a bid.
pub fn fan_out(fan_out: &FanOut) -> String {
    let columns =
        ["websockets", "bids", "shown p50 ms", "p90 ms", "p99 ms", "max ms", "missed", "server %", "load process %"];
    let row = |round: &FanOutRound| {
        Row::new(number(f64::from(fan_out.viewers), 0))
            .cell(round.bids)
            .cell(number(round.shown_p50_ms, 0))
            .cell(number(round.shown_p90_ms, 0))
            .cell(number(round.shown_p99_ms, 0))
            .cell(number(round.shown_max_ms, 0))
            .cell(round.missed)
            .cell(number(round.cpu.server, 0))
            .cell(number(round.cpu.load, 0))
    };
    table(&columns, fan_out.rounds.iter().map(row))
}

/// An overload, one value per row.
pub fn overload(overload: &Overload) -> String {
    let latency = |latency: &OverloadLatency| {
        format!("p50 {}, p99 {}, max {}", number(latency.p50, 0), number(latency.p99, 0), number(latency.max, 0))
    };
    let answers = overload.answers_per_s.iter().map(|(kind, rate)| format!("{kind}: {}", number(*rate, 0)));
    let memory = &overload.memory;
    let quarters = memory.quarters.iter().map(|mib| number(*mib, 0)).collect::<Vec<_>>().join(", ");
    let rows = [
        (
            "offered",
            format!("{} bids/s over {} connections", number(f64::from(overload.rate), 0), overload.connections),
        ),
        ("duration", format!("{} s", overload.seconds)),
        ("answers per second", answers.collect::<Vec<_>>().join(", ")),
        ("skipped while waiting for an answer, per second", number(overload.left_out_per_s, 0)),
        ("accepted, ms", latency(&overload.accepted)),
        ("refused, ms", latency(&overload.refused)),
        ("server's memory before, MiB", number(memory.before, 0)),
        ("with the connections open", number(memory.connected, 0)),
        ("at the end of each quarter of the load", quarters),
        ("afterwards", number(memory.after, 0)),
        ("CPU of server, PostgreSQL, Redis, load, %", cpu_percents(&overload.cpu)),
    ];
    table(&["overload", ""], rows.map(|(name, value)| Row::new(name).cell(value)))
}

fn cpu_percents(cpu: &CpuUsage) -> String {
    let known = |percent: Option<f64>| percent.map_or("–".to_owned(), |percent| number(percent, 0));
    [Some(cpu.server), cpu.postgres, cpu.redis, Some(cpu.load)].map(known).join(", ")
}

/// Errors of all samples, by kind.
fn errors(samples: &[LoadSample]) -> String {
    let mut sum = BTreeMap::<&str, u64>::new();
    for (kind, count) in samples.iter().flat_map(|sample| &sample.errors) {
        *sum.entry(kind).or_default() += count;
    }
    if sum.is_empty() {
        return "0".to_owned();
    }
    sum.iter().map(|(kind, count)| format!("{count} × {kind}")).collect::<Vec<_>>().join(", ")
}
