//! The floor: the statement that writes a batch, straight to PostgreSQL through pgbench, without a
//! server, without Redis, without a network protocol for bids. No server can be faster than that.
//!
//! The statement is taken from the engine's source, so that it is always the one that is run.
//! pgbench knows no arrays: ids stand in the script as constants, prices and scores are made by
//! the statement from a variable that rises with every transaction.

use crate::{
    Result,
    cpu::{Processes, Usage},
    stores::Stores,
    world::World,
};
use domain::Timestamp;
use serde::Serialize;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

const ENGINE_SOURCE: &str = include_str!("../../engine/src/bids/batch.rs");
const STATEMENT_BEGIN: &str = "\"WITH turn AS MATERIALIZED (";
/// Most scripts of one run; pgbench takes up to 128.
const SCRIPTS_MAX: usize = 100;
/// Prices of one run lie below those of the next by this many cents.
const PRICES_PER_RUN: u64 = 100_000_000;
/// The bids' time since the start in milliseconds.
const ELAPSED_MS: i64 = 3_600_000;
/// pgbench without a measured window, to warm up.
const WARM_UP_S: u32 = 1;

/// One repetition of one way to write batches.
#[derive(Serialize)]
pub struct FloorSample {
    /// Bids written per second.
    pub bids_per_s: f64,
    /// CPU of the run, preparation of pgbench included.
    pub cpu: Usage,
}

/// The floor's measurements.
pub struct Floor<'a> {
    bin: &'a Path,
    folder: PathBuf,
    campaign: String,
    start: Timestamp,
    version: i64,
    seconds: u32,
    runs: u64,
}

impl<'a> Floor<'a> {
    /// Prepares a campaign, of which the server must not take notice: it would keep a ranking of
    /// it. `None` where there is no pgbench.
    pub async fn prepare(
        bin: &'a Path,
        out: &Path,
        seconds: f64,
        stores: &Stores,
        world: &World,
    ) -> Result<Option<Self>> {
        if !bin.join("pgbench").is_file() {
            return Ok(None);
        }
        let (campaign, start) = world.campaign_to_come().await?;
        let version = stores.campaign_version(&campaign).await?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let seconds = seconds.ceil().max(1.0) as u32;
        Ok(Some(Self { bin, folder: out.join("floor"), campaign, start, version, seconds, runs: 0 }))
    }

    /// Writes batches of `size` over `clients` connections for a while.
    pub async fn measure(
        &mut self,
        clients: u32,
        size: u32,
        stores: &Stores,
        world: &World,
        processes: &Processes,
    ) -> Result<FloorSample> {
        stores.clear_bids().await?;
        let scripts = self.write_scripts(clients, size, world)?;
        self.pgbench(&scripts, clients, WARM_UP_S)?;
        let before = stores.accepted_bids(&self.campaign).await?;
        let cpu = processes.read()?;
        let (transactions, per_s) = self.pgbench(&scripts, clients, self.seconds)?;
        let cpu = processes.read()?.since(&cpu);
        fs::remove_dir_all(&self.folder)?;
        let written = stores.accepted_bids(&self.campaign).await? - before;
        if written != transactions * u64::from(size) {
            return Err(format!("of {transactions} batches of {size} only {written} bids counted").into());
        }
        Ok(FloorSample { bids_per_s: per_s * f64::from(size), cpu })
    }

    /// A script for every slice of the users, for pgbench to choose from at random. Clients have
    /// users of their own, so that none waits for another's rows.
    fn write_scripts(&self, clients: u32, size: u32, world: &World) -> Result<Vec<PathBuf>> {
        let size = usize::try_from(size)?;
        let ids: Vec<String> = world.users.iter().map(|user| user.id.to_string()).collect();
        let shares: Vec<&[String]> = ids.chunks_exact(ids.len() / usize::try_from(clients)?).collect();
        fs::create_dir_all(&self.folder)?;
        let count = shares.iter().map(|share| share.len() / size).min().unwrap_or(0).min(SCRIPTS_MAX);
        let mut paths = Vec::new();
        for slice in 0..count {
            let mut script = format!("\\set base :base + {size}\n");
            for (client, share) in shares.iter().enumerate() {
                let condition = if client == 0 { "if" } else { "elif" };
                let statement = self.statement(&share[slice * size..][..size], client)?;
                // Writing to a String cannot fail.
                let _ = write!(script, "\\{condition} :client_id = {client}\n{statement};\n");
            }
            script += "\\endif\n";
            let path = self.folder.join(format!("{slice}.sql"));
            fs::write(&path, script)?;
            paths.push(path);
        }
        Ok(paths)
    }

    fn statement(&self, ids: &[String], client: usize) -> Result<String> {
        let (size, array) = (ids.len(), ids.join(","));
        let made = |value: &str| format!("(SELECT array_agg({value}) FROM generate_series(1, {size}) AS n)");
        // The ids of bids matter only when a user bids for the first time.
        let values = [
            format!("'{}'::uuid", self.campaign),
            format!("{}", self.version),
            format!("'{{{array}}}'"),
            format!("'{{{array}}}'"),
            made(":base::bigint + n"),
            made("(:base::bigint + n)::float8 / 100"),
            format!("array_fill({ELAPSED_MS}::bigint, ARRAY[{size}])"),
            format!("array_fill('{}'::timestamptz, ARRAY[{size}])", self.start.plus_millis(ELAPSED_MS)),
            // Every connection stands for a writer.
            format!("'{}'::uuid", Uuid::from_u128(client as u128)),
            // Any lock will do: nobody edits.
            "0".to_owned(),
        ];
        fill_in(statement()?, &values)
    }

    /// Runs pgbench; it returns the transactions and the transactions per second. The address and
    /// the password are in the environment, as settings of libpq.
    fn pgbench(&mut self, scripts: &[PathBuf], clients: u32, seconds: u32) -> Result<(u64, f64)> {
        self.runs += 1;
        let base = self.runs * PRICES_PER_RUN;
        let mut command = Command::new(self.bin.join("pgbench"));
        command.args(["--no-vacuum", "--protocol=prepared"]);
        command.arg(format!("--client={clients}")).arg(format!("--jobs={clients}"));
        command.arg(format!("--time={seconds}")).arg(format!("--define=base={base}"));
        for script in scripts {
            command.arg("--file").arg(script);
        }
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let transactions = value(&text, "number of transactions actually processed:");
        match (transactions, value(&text, "tps =")) {
            (Some(transactions), Some(per_s)) if output.status.success() => Ok((transactions.parse()?, per_s.parse()?)),
            _ => Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

/// The first word after a label.
fn value<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()
}

/// The engine's statement.
fn statement() -> Result<&'static str> {
    let found = ENGINE_SOURCE.split_once(STATEMENT_BEGIN).and_then(|(before, _)| {
        let from = &ENGINE_SOURCE[before.len() + 1..];
        from.split_once('"').map(|(statement, _)| statement)
    });
    found.ok_or_else(|| "the engine's statement for a batch is not where it was".into())
}

/// A statement with values in the places of its parameters.
fn fill_in(statement: &str, values: &[String]) -> Result<String> {
    let mut filled = statement.to_owned();
    if filled.contains(&format!("${}", values.len() + 1)) {
        return Err("the engine's statement for a batch has new parameters".into());
    }
    // From the last, because `$1` is also the beginning of `$10`.
    for (at, value) in values.iter().enumerate().rev() {
        let place = format!("${}", at + 1);
        if !filled.contains(&place) {
            return Err(format!("the engine's statement for a batch has no {place} any more").into());
        }
        filled = filled.replace(&place, value);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_statement_is_found_and_has_the_parameters_we_fill_in() {
        let statement = statement().expect("it is there");
        assert!(statement.starts_with("WITH turn") && statement.contains("INSERT INTO bid_events"));
        let values: Vec<String> = (1..=10).map(|n| format!("value{n}")).collect();
        assert!(fill_in(statement, &values).expect("fills in").contains("value8::timestamptz[]"));
        assert!(fill_in(statement, &values[..9]).is_err());
    }

    #[test]
    fn pgbenchs_answer_is_read() {
        let text = "number of transactions actually processed: 12\ntps = 34.5 (without initial connection time)\n";
        assert_eq!(
            (value(text, "number of transactions actually processed:"), value(text, "tps =")),
            (Some("12"), Some("34.5"))
        );
    }
}
