//! The report: JSON for programs, Markdown for people. It contains no tokens and no addresses.

mod median_range;
mod number_format;
mod tables;

use crate::{plan::Plan, probes::machine::Machine, results::Results};
use domain::Timestamp;
use serde::Serialize;
use std::fmt;

/// A finished run, as it is kept in the JSON result file.
#[derive(Serialize)]
pub struct Report {
    /// What was measured: a revision, a build profile.
    pub label: String,
    /// When the run began, by PostgreSQL's clock.
    pub began: Timestamp,
    /// The machine it ran on.
    pub machine: Machine,
    /// What was measured and how.
    pub plan: Plan,
    /// The measurements.
    pub results: Results,
}

/// The report in Markdown.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, began, machine, plan, results } = self;
        let separator = if label.is_empty() { "" } else { ", " };
        writeln!(f, "## Benchmark of {began}{separator}{label}\n")?;
        writeln!(
            f,
            "{} cores of {}, {:.0} GiB, Linux {}; PostgreSQL {} ({}), Redis {}. Load average before: {:.2}.",
            machine.cores,
            machine.processor,
            machine.memory_gib,
            machine.kernel,
            machine.postgres,
            machine.postgres_settings.join(", "),
            machine.redis,
            machine.load_before,
        )?;
        writeln!(
            f,
            "\n{} users; {} repetitions of {} s after {} s of warm-up; load threads: {}. \
             Repeated measurements are shown as: median (min–max).",
            plan.users, plan.repeat, plan.window_s, plan.warm_up_s, plan.load_threads,
        )?;
        if machine.debug_build {
            writeln!(f, "\n**Built without optimisation: these numbers mean nothing.**")?;
        }
        if let Some(rate) = results.fsyncs_per_s {
            writeln!(f, "\n### Baseline\n\nThe disk syncs {rate:.0} writes per second (fdatasync, one page).")?;
        }
        if !results.baseline.is_empty() {
            let table = tables::baseline(&results.baseline);
            writeln!(f, "\nThe statement that writes a batch, run by pgbench:\n\n{table}")?;
        }
        if !results.closed.is_empty() {
            writeln!(f, "\n### Closed loop\n\n{}", tables::scenarios(&results.closed))?;
        }
        if !results.open.is_empty() {
            writeln!(f, "\n### Open loop\n\nLatency counts from when a bid was due.\n")?;
            writeln!(f, "{}\n\n{}", tables::scenarios(&results.open), tables::viewers(&results.open, plan.window_s))?;
        }
        if !results.crowd.is_empty() {
            writeln!(f, "\n### Crowd\n\n{}", tables::scenarios(&results.crowd))?;
        }
        if let Some(fan_out) = &results.fan_out {
            let (before, after) = (fan_out.memory_before_mib, fan_out.memory_after_mib);
            writeln!(
                f,
                "\n### Fan-out\n\nFrom a bid's answer to the frame that shows it, on every websocket. The server's \
                 memory was {before:.0} MiB before and {after:.0} MiB with all of them connected: {:.1} KB each.\n\n{}",
                (after - before) * 1_048_576.0 / 1000.0 / f64::from(fan_out.viewers),
                tables::fan_out(fan_out)
            )?;
        }
        if !results.scale.is_empty() {
            writeln!(
                f,
                "\n### Scale\n\nClosed loop, {} connections, by bidders already in the campaign.\n\n{}",
                plan.scale_connections,
                tables::scaling(&results.scale)
            )?;
        }
        if !results.settle.is_empty() {
            writeln!(
                f,
                "\n### Settlement\n\nFrom the end of the campaign by PostgreSQL's clock; {} websockets of winners, \
                 losers and spectators, and {} bids/s in another campaign for {} s around the end.\n\n{}",
                plan.settle_sockets,
                plan.settle_rate,
                plan.window_s,
                tables::settlement(&results.settle)
            )?;
        }
        if let Some(overload) = &results.overload {
            writeln!(f, "\n### Overload\n\n{}", tables::overload(overload))?;
        }
        let series = results.closed.iter().chain(&results.open).chain(&results.crowd);
        let series = series.map(|series| (series.scenario.to_string(), series.samples.as_slice()));
        let scale = results.scale.iter();
        let scale = scale.map(|series| (format!("scale, {} bidders", series.bidders), series.samples.as_slice()));
        let loads: Vec<_> = series.chain(scale).collect();
        if !loads.is_empty() {
            writeln!(f, "\n### CPU and batches\n\nCPU in percent of one core.\n\n{}", tables::cpu(&loads))?;
            writeln!(f, "\nBatches, by the server's own metrics.\n\n{}", tables::batches(&loads))?;
        }
        for note in &results.notes {
            writeln!(f, "\n{note}")?;
        }
        Ok(())
    }
}
