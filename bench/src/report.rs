//! The report: Markdown for people, JSON for programs. It has no tokens and no addresses.

use crate::{machine::Machine, options::Plan, run::Results, table};
use domain::Timestamp;
use serde::Serialize;
use std::fmt;

/// A finished benchmark.
#[derive(Serialize)]
pub struct Report {
    /// What was measured: a revision, a build profile.
    pub label: String,
    /// When, by PostgreSQL's clock.
    pub began: Timestamp,
    /// On what.
    pub machine: Machine,
    /// How.
    pub plan: Plan,
    /// The numbers.
    pub results: Results,
}

impl Report {
    /// A name for files, which sort by time.
    pub fn file_name(&self) -> String {
        let digits = self.began.to_string().chars().filter(char::is_ascii_digit).take(14).collect::<String>();
        format!("bench-{digits}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, began, machine, plan, results } = self;
        let name = if label.is_empty() { "" } else { ", " };
        writeln!(f, "## Benchmark of {began}{name}{label}\n")?;
        writeln!(
            f,
            "{} cores of {}, {:.0} GiB, Linux {}; PostgreSQL {} ({}), Redis {}. Load of the machine before: {:.2}.",
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
            "\n{} users; {} repetitions of {} s after {} s of warm-up; threads that bid: {}. \
             Numbers of several repetitions are: median (least–greatest).",
            plan.users, plan.repeat, plan.window_s, plan.warm_up_s, plan.load_threads,
        )?;
        if machine.debug_build {
            writeln!(f, "\n**Built without optimisation: these numbers say nothing.**")?;
        }
        if let Some(rate) = results.fsyncs_per_s {
            writeln!(f, "\n### Floor\n\nThe disk makes {rate:.0} writes durable per second (fdatasync, one page).")?;
        }
        if !results.floor.is_empty() {
            writeln!(f, "\nThe statement that writes a batch, by pgbench:\n\n{}", table::floor(&results.floor))?;
        }
        if !results.closed.is_empty() {
            writeln!(f, "\n### Closed loop\n\n{}", table::outcome(&results.closed))?;
        }
        if !results.open.is_empty() {
            writeln!(f, "\n### Open loop\n\nLatency counts from when a bid was due.\n")?;
            writeln!(f, "{}\n\n{}", table::outcome(&results.open), table::open_loops(&results.open, plan.window_s))?;
        }
        if !results.crowd.is_empty() {
            writeln!(f, "\n### Crowd\n\n{}", table::outcome(&results.crowd))?;
        }
        if let Some(fan_out) = &results.fan_out {
            let (before, after) = (fan_out.memory_before_mib, fan_out.memory_after_mib);
            writeln!(
                f,
                "\n### Fan-out\n\nFrom a bid's answer to the frame that shows it, on every websocket. The server's memory \
                 was {before:.0} MiB before and {after:.0} MiB with all of them: {:.1} KB each.\n\n{}",
                (after - before) * 1_048_576.0 / 1000.0 / f64::from(fan_out.viewers),
                table::fan_out(fan_out)
            )?;
        }
        if !results.scale.is_empty() {
            writeln!(
                f,
                "\n### Scale\n\nClosed loop, {} connections, by bidders already in the campaign.\n\n{}",
                plan.scale_connections,
                table::scale(&results.scale)
            )?;
        }
        if !results.settle.is_empty() {
            writeln!(
                f,
                "\n### Settlement\n\nFrom the end of the campaign by PostgreSQL's clock; {} websockets of winners, \
                 losers and spectators.\n\n{}",
                plan.settle_sockets,
                table::settle(&results.settle)
            )?;
        }
        if let Some(overload) = &results.overload {
            writeln!(f, "\n### Overload\n\n{}", table::overload(overload))?;
        }
        let series = results.closed.iter().chain(&results.open).chain(&results.crowd);
        let series = series.map(|series| (table::name(&series.scenario), series.samples.as_slice()));
        let scale =
            results.scale.iter().map(|size| (format!("scale, {} bidders", size.bidders), size.samples.as_slice()));
        let all: Vec<_> = series.chain(scale).collect();
        if !all.is_empty() {
            writeln!(f, "\n### Inside\n\nCPU in percent of one core.\n\n{}", table::cpu(&all))?;
            writeln!(f, "\nBatches, by the server's own metrics.\n\n{}", table::batches(&all))?;
        }
        for note in &results.notes {
            writeln!(f, "\n{note}")?;
        }
        Ok(())
    }
}
