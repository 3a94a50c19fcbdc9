//! Markdown tables of the report.

use crate::{
    cpu::Usage,
    fanout::{FanOut, Round},
    measure::{Sample, Scenario},
    overload::{Overload, Quantiles},
    run::{FloorSeries, Series},
    scale::Size,
    settle::Ending,
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
    let Scenario { connections, rate, pause_ms, viewers } = scenario;
    match (rate, viewers) {
        (None, _) if *pause_ms > 0 => format!("crowd of {connections}, {pause_ms} ms between bids"),
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

/// How campaigns ended.
pub fn settle(endings: &[Ending]) -> String {
    let columns = ["bidders", "orders", "orders there ms", "told p50 ms", "told p99 ms", "told max ms"];
    let row = |ending: &Ending| {
        Row::new(number(ending.bidders as f64, 0))
            .cell(number(ending.orders as f64, 0))
            .cell(number(ending.orders_ms, 0))
            .cell(number(ending.told_p50_ms, 0))
            .cell(number(ending.told_p99_ms, 0))
            .cell(number(ending.told_max_ms, 0))
    };
    table(&columns, endings.iter().map(row))
}

/// What many websockets saw.
pub fn fan_out(fan_out: &FanOut) -> String {
    let columns =
        ["websockets", "bids", "shown p50 ms", "p90 ms", "p99 ms", "max ms", "missed", "server %", "load process %"];
    let row = |round: &Round| {
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

/// What an overload came to.
pub fn overload(overload: &Overload) -> String {
    let quantiles =
        |q: &Quantiles| format!("p50 {}, p99 {}, max {}", number(q.p50, 0), number(q.p99, 0), number(q.max, 0));
    let answers = overload.answers_per_s.iter().map(|(kind, rate)| format!("{kind}: {}", number(*rate, 0)));
    let memory = &overload.memory;
    let quarters = memory.quarters.iter().map(|mib| number(*mib, 0)).collect::<Vec<_>>().join(", ");
    let rows = [
        (
            "offered",
            format!("{} bids/s over {} connections", number(f64::from(overload.rate), 0), overload.connections),
        ),
        ("for", format!("{} s", overload.seconds)),
        ("answers per second", answers.collect::<Vec<_>>().join(", ")),
        ("not sent, the connection waiting, per second", number(overload.left_out_per_s, 0)),
        ("accepted, ms", quantiles(&overload.accepted)),
        ("refused, ms", quantiles(&overload.refused)),
        ("server's memory before, MiB", number(memory.before, 0)),
        ("with the connections open", number(memory.connected, 0)),
        ("at the end of each quarter of the load", quarters),
        ("afterwards", number(memory.after, 0)),
        ("CPU of server, PostgreSQL, Redis, load, %", cpu_of(&overload.cpu)),
    ];
    table(&["overload", ""], rows.map(|(what, value)| Row::new(what).cell(value)))
}

fn cpu_of(cpu: &Usage) -> String {
    let known = |percent: Option<f64>| percent.map_or("–".to_owned(), |percent| number(percent, 0));
    [Some(cpu.server), cpu.postgres, cpu.redis, Some(cpu.load)].map(known).join(", ")
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
