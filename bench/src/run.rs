//! The benchmark from beginning to end.

use crate::{
    Result,
    bidders::{Field, Prices},
    cpu::Processes,
    fanout::FanOut,
    floor::{Floor, FloorSample},
    fsync,
    machine::Machine,
    measure::{Bench, Sample, Scenario},
    options::{Part, Plan, RunOptions},
    overload::Overload,
    report::Report,
    scale::Size,
    settle::Ending,
    stores::Stores,
    table,
    world::World,
};
use serde::Serialize;
use std::{fs, path::Path, sync::Arc};

/// Everything that was measured.
#[derive(Default, Serialize)]
pub struct Results {
    /// Writes the disk makes durable per second.
    pub fsyncs_per_s: Option<f64>,
    /// The statement alone.
    pub floor: Vec<FloorSeries>,
    /// The closed loops.
    pub closed: Vec<Series>,
    /// The open loops.
    pub open: Vec<Series>,
    /// A bid shown to many websockets.
    pub fan_out: Option<FanOut>,
    /// The crowds.
    pub crowd: Vec<Series>,
    /// The campaigns of the scale part.
    pub scale: Vec<Size>,
    /// The ends of campaigns.
    pub settle: Vec<Ending>,
    /// More bids than can be taken.
    pub overload: Option<Overload>,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
}

/// A scenario and its repetitions.
#[derive(Serialize)]
pub struct Series {
    /// What.
    pub scenario: Scenario,
    /// How it went.
    pub samples: Vec<Sample>,
}

/// A way to write batches and its repetitions.
#[derive(Serialize)]
pub struct FloorSeries {
    /// Connections.
    pub clients: u32,
    /// Bids per statement.
    pub batch: u32,
    /// How it went.
    pub samples: Vec<FloorSample>,
}

/// Runs what the options ask for, prints a report and keeps it.
pub async fn run(options: RunOptions) -> Result<()> {
    let plan = options.plan.plan()?;
    fs::create_dir_all(&options.out)?;
    let mut stores = Stores::connect(&options.stores).await?;
    let machine = Machine::describe(&mut stores).await?;
    let processes = Processes::find(options.server_pid, &mut stores).await?;
    progress("making users, a product and a campaign");
    let world = World::make(options.server, &stores.database, &options.jwt_secret, plan.users).await?;
    let mut bench = Bench { plan, world, processes, prices: Arc::new(Prices::default()) };

    let mut results = Results::default();
    if bench.plan.has(Part::Floor) {
        match &options.postgres_bin {
            Some(bin) => bench.floor(bin, &options.fsync_file, &options.out, &stores, &mut results).await?,
            None => results.notes.push("No floor: the folder of pgbench was not given.".to_owned()),
        }
    }
    // Before the server has had reason to ask for more memory.
    if bench.plan.has(Part::FanOut) {
        results.fan_out = Some(bench.fan_out(options.server_pid, &stores).await?);
    }
    let campaign = bench.world.campaign().await?;
    if bench.plan.has(Part::Closed) {
        stores.settle_down().await;
        results.closed = bench.series(&closed_loops(&bench.plan), &campaign).await?;
    }
    if bench.plan.has(Part::Open) {
        stores.settle_down().await;
        results.open = bench.series(&open_loops(&bench.plan), &campaign).await?;
    }
    if bench.plan.has(Part::Crowd) {
        stores.settle_down().await;
        results.crowd = bench.series(&crowds(&bench.plan), &campaign).await?;
    }
    if bench.plan.has(Part::Scale) {
        results.scale = bench.scale(&mut stores).await?;
    }
    if bench.plan.has(Part::Settle) {
        results.settle = bench.settle(&mut stores).await?;
    }
    if bench.plan.has(Part::Overload) {
        results.overload = Some(bench.overload(options.server_pid, &stores).await?);
    }
    let report = Report { label: options.label, began: bench.world.began, machine, plan: bench.plan, results };
    publish(&report, &options.out)
}

fn closed_loops(plan: &Plan) -> Vec<Scenario> {
    plan.closed.iter().map(|&connections| Scenario { connections, rate: None, pause_ms: 0, viewers: 0 }).collect()
}

/// Every user is one of the crowd.
fn crowds(plan: &Plan) -> Vec<Scenario> {
    let scenario = |&pause_ms| Scenario { connections: plan.users, rate: None, pause_ms, viewers: 0 };
    plan.crowd.iter().map(scenario).collect()
}

/// Every rate without viewers, then with them.
fn open_loops(plan: &Plan) -> Vec<Scenario> {
    let crowds = if plan.viewers == 0 { vec![0] } else { vec![0, plan.viewers] };
    let scenario =
        |&rate, viewers| Scenario { connections: plan.open_connections, rate: Some(rate), pause_ms: 0, viewers };
    crowds.into_iter().flat_map(|viewers| plan.open.iter().map(move |rate| scenario(rate, viewers))).collect()
}

impl Bench {
    /// All scenarios in turn, again and again: what changes with time touches all of them.
    async fn series(&self, scenarios: &[Scenario], campaign: &str) -> Result<Vec<Series>> {
        let mut series: Vec<Series> =
            scenarios.iter().map(|&scenario| Series { scenario, samples: Vec::new() }).collect();
        for n in 1..=self.plan.repeat {
            for Series { scenario, samples } in &mut series {
                progress(&format!("{}, {n} of {}", table::name(scenario), self.plan.repeat));
                samples.push(self.measure(*scenario, campaign, Field { standing: None }).await?);
            }
        }
        Ok(series)
    }

    async fn floor(
        &self,
        bin: &Path,
        fsync_file: &Path,
        out: &Path,
        stores: &Stores,
        results: &mut Results,
    ) -> Result<()> {
        progress("floor: the disk");
        results.fsyncs_per_s = fsync::measure(bin, fsync_file)?;
        if results.fsyncs_per_s.is_none() {
            results.notes.push("pg_test_fsync is not there or had no answer.".to_owned());
        }
        let Some(mut floor) = Floor::prepare(bin, out, self.plan.window_s, stores, &self.world).await? else {
            results.notes.push(format!("No floor: there is no pgbench in {}.", bin.display()));
            return Ok(());
        };
        stores.settle_down().await;
        for &clients in &self.plan.floor_clients {
            let sizes = self.plan.floor_batches.iter();
            results.floor.extend(sizes.map(|&batch| FloorSeries { clients, batch, samples: Vec::new() }));
        }
        for n in 1..=self.plan.repeat {
            for FloorSeries { clients, batch, samples } in &mut results.floor {
                progress(&format!("floor, {clients} × batches of {batch}, {n} of {}", self.plan.repeat));
                samples.push(floor.measure(*clients, *batch, stores, &self.world, &self.processes).await?);
            }
        }
        stores.clear_bids().await
    }
}

/// Prints the tables and writes both forms into the folder.
#[expect(clippy::print_stdout, reason = "the report is the answer")]
fn publish(report: &Report, out: &Path) -> Result<()> {
    let tables = report.to_string();
    println!("{tables}");
    let name = report.file_name();
    let (json, markdown) = (out.join(format!("{name}.json")), out.join(format!("{name}.md")));
    fs::write(&json, serde_json::to_string_pretty(report)? + "\n")?;
    fs::write(&markdown, tables)?;
    progress(&format!("kept in {} and {}", json.display(), markdown.display()));
    Ok(())
}

/// Says on standard error what is going on; standard output is for the report.
pub fn progress(what: &str) {
    eprintln!("{what}");
}
