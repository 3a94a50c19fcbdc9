//! A run of the benchmark, from its preparation to its report.

use crate::{
    cli::RunOptions,
    context::Context,
    data_stores::DataStores,
    error::Result,
    fixture::Fixture,
    parts::{baseline, fan_out, load_scenarios, overload, scaling, settlement},
    plan::Part,
    prices::PriceCounter,
    probes::{cpu::Processes, machine::Machine},
    progress::progress,
    report::Report,
    result_files::publish,
    results::Results,
    scenario::Scenario,
};
use std::{fs, sync::Arc};

/// Measures what the options ask for, prints a report and keeps it.
pub async fn run(options: RunOptions) -> Result<()> {
    let RunOptions { stores, jwt_secret, server, server_pid, postgres_bin, fsync_file, out, label, plan } = options;
    let plan = plan.into_plan()?;
    fs::create_dir_all(&out)?;
    let mut stores = DataStores::connect(&stores).await?;
    let machine = Machine::describe(&mut stores).await?;
    let processes = Processes::find(server_pid, &mut stores).await?;
    progress("creating users and a product");
    let fixture = Fixture::create(server, &stores.database, &jwt_secret, plan.users).await?;
    let mut ctx = Context { plan, fixture, processes, prices: Arc::new(PriceCounter::default()) };

    let mut results = Results::default();
    if ctx.plan.has(Part::Baseline) {
        match &postgres_bin {
            Some(bin) => baseline::measure(&ctx, bin, &fsync_file, &out, &stores, &mut results).await?,
            None => results.notes.push("No baseline: the folder of pgbench was not given.".to_owned()),
        }
    }
    // Early, while the server has had little reason to allocate memory.
    if ctx.plan.has(Part::FanOut) {
        results.fan_out = Some(fan_out::measure(&ctx, server_pid, &stores).await?);
    }
    let campaign = ctx.fixture.create_campaign().await?;
    if ctx.plan.has(Part::Closed) {
        stores.vacuum_and_checkpoint().await;
        results.closed = load_scenarios::measure_all(&ctx, &Scenario::closed_loops(&ctx.plan), &campaign).await?;
    }
    if ctx.plan.has(Part::Open) {
        stores.vacuum_and_checkpoint().await;
        results.open = load_scenarios::measure_all(&ctx, &Scenario::open_loops(&ctx.plan), &campaign).await?;
    }
    if ctx.plan.has(Part::Crowd) {
        stores.vacuum_and_checkpoint().await;
        results.crowd = load_scenarios::measure_all(&ctx, &Scenario::crowds(&ctx.plan), &campaign).await?;
    }
    if ctx.plan.has(Part::Scale) {
        results.scale = scaling::measure(&mut ctx, &mut stores).await?;
    }
    if ctx.plan.has(Part::Settle) {
        results.settle = settlement::measure(&mut ctx, &mut stores).await?;
    }
    if ctx.plan.has(Part::Overload) {
        results.overload = Some(overload::measure(&mut ctx, server_pid, &stores).await?);
    }
    let report = Report { label, began: ctx.fixture.began, machine, plan: ctx.plan, results };
    publish(&report, &out)
}
