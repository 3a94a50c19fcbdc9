//! The baseline: what the disk and PostgreSQL alone can do. No server can be faster.

mod engine_statement;
mod pgbench;

use crate::{
    context::Context,
    data_stores::DataStores,
    error::Result,
    probes::fsync_rate,
    progress::progress,
    results::{BaselineSeries, Results},
};
use pgbench::Pgbench;
use std::path::Path;

/// Measures the disk, then every batch size on every number of connections, with all repetitions.
pub async fn measure(
    ctx: &Context,
    postgres_bin: &Path,
    fsync_file: &Path,
    out: &Path,
    stores: &DataStores,
    results: &mut Results,
) -> Result<()> {
    progress("baseline: the disk");
    results.fsyncs_per_s = fsync_rate::measure(postgres_bin, fsync_file)?;
    if results.fsyncs_per_s.is_none() {
        results.notes.push("pg_test_fsync is missing or printed no rate.".to_owned());
    }
    let Some(mut pgbench) = Pgbench::prepare(postgres_bin, out, ctx.plan.window_s, stores, &ctx.fixture).await? else {
        results.notes.push(format!("No baseline: there is no pgbench in {}.", postgres_bin.display()));
        return Ok(());
    };
    stores.vacuum_and_checkpoint().await;
    for &clients in &ctx.plan.baseline_clients {
        let batches = ctx.plan.baseline_batches.iter();
        results.baseline.extend(batches.map(|&batch| BaselineSeries { clients, batch, samples: Vec::new() }));
    }
    for n in 1..=ctx.plan.repeat {
        for BaselineSeries { clients, batch, samples } in &mut results.baseline {
            progress(&format!("baseline, {clients} × batches of {batch}, {n} of {}", ctx.plan.repeat));
            samples.push(pgbench.measure(*clients, *batch, stores, &ctx.fixture, &ctx.processes).await?);
        }
    }
    stores.clear_bids().await
}
