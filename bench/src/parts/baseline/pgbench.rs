//! The engine's statement for a batch, run by pgbench straight against PostgreSQL: no server, no Redis, no HTTP.
//!
//! pgbench has no array parameters: ids stand in its scripts as constants, and the statement computes prices and scores
//! from a variable that rises with every transaction.

use crate::{
    data_stores::DataStores, error::Result, fixture::Fixture, parts::baseline::engine_statement,
    probes::cpu::Processes, results::BaselineSample,
};
use domain::Timestamp;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

/// Scripts of one run; pgbench takes up to 128.
const SCRIPTS_MAX: usize = 100;
/// The prices of each run start this many cents above those of the run before.
const PRICES_PER_RUN: u64 = 100_000_000;
/// How long after the start of the campaign all bids arrive, in milliseconds.
const ELAPSED_MS: i64 = 3_600_000;
/// Length of the warm-up run, which is not measured.
const WARM_UP_S: u32 = 1;

/// pgbench and the campaign it writes bids to.
pub struct Pgbench<'a> {
    bin: &'a Path,
    folder: PathBuf,
    campaign: String,
    start: Timestamp,
    version: i64,
    seconds: u32,
    runs: u64,
}

impl<'a> Pgbench<'a> {
    /// Creates an upcoming campaign: the server would maintain the ranking of a running one. `None` if there is no
    /// pgbench.
    pub async fn prepare(
        bin: &'a Path,
        out: &Path,
        seconds: f64,
        stores: &DataStores,
        fixture: &Fixture,
    ) -> Result<Option<Self>> {
        if !bin.join("pgbench").is_file() {
            return Ok(None);
        }
        let (campaign, start) = fixture.create_upcoming_campaign().await?;
        let version = stores.campaign_version(&campaign).await?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let seconds = seconds.ceil().max(1.0) as u32;
        Ok(Some(Self { bin, folder: out.join("baseline"), campaign, start, version, seconds, runs: 0 }))
    }

    /// Writes batches of `size` bids over `clients` connections for one window.
    pub async fn measure(
        &mut self,
        clients: u32,
        size: u32,
        stores: &DataStores,
        fixture: &Fixture,
        processes: &Processes,
    ) -> Result<BaselineSample> {
        stores.clear_bids().await?;
        let scripts = self.write_scripts(clients, size, fixture)?;
        self.run(&scripts, clients, WARM_UP_S)?;
        let before = stores.accepted_bids(&self.campaign).await?;
        let cpu = processes.read()?;
        let (transactions, per_s) = self.run(&scripts, clients, self.seconds)?;
        let cpu = processes.read()?.since(&cpu);
        fs::remove_dir_all(&self.folder)?;
        let written = stores.accepted_bids(&self.campaign).await? - before;
        if written != transactions * u64::from(size) {
            return Err(format!("{transactions} batches of {size} wrote only {written} bids").into());
        }
        Ok(BaselineSample { bids_per_s: per_s * f64::from(size), cpu })
    }

    /// Writes one script for every slice of the users; pgbench picks one at random for each transaction. Clients have
    /// users of their own, so that none waits for another's rows.
    fn write_scripts(&self, clients: u32, size: u32, fixture: &Fixture) -> Result<Vec<PathBuf>> {
        let size = usize::try_from(size)?;
        let ids: Vec<String> = fixture.users.iter().map(|user| user.id.to_string()).collect();
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
        let computed = |value: &str| format!("(SELECT array_agg({value}) FROM generate_series(1, {size}) AS n)");
        // User ids serve as bid ids too: those matter only for a user's first bid.
        let values = [
            format!("'{}'::uuid", self.campaign),
            format!("{}", self.version),
            format!("'{{{array}}}'"),
            format!("'{{{array}}}'"),
            computed(":base::bigint + n"),
            computed("(:base::bigint + n)::float8 / 100"),
            format!("array_fill({ELAPSED_MS}::bigint, ARRAY[{size}])"),
            format!("array_fill('{}'::timestamptz, ARRAY[{size}])", self.start.plus_millis(ELAPSED_MS)),
            // Every connection stands for a writer.
            format!("'{}'::uuid", Uuid::from_u128(client as u128)),
            // Any lock will do: nobody edits the campaign.
            "0".to_owned(),
        ];
        engine_statement::with_values(&values)
    }

    /// Runs pgbench; returns the number of transactions and the transactions per second. It takes the address and the
    /// password from libpq's environment variables.
    fn run(&mut self, scripts: &[PathBuf], clients: u32, seconds: u32) -> Result<(u64, f64)> {
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
        let transactions = first_word_after(&text, "number of transactions actually processed:");
        match (transactions, first_word_after(&text, "tps =")) {
            (Some(transactions), Some(per_s)) if output.status.success() => Ok((transactions.parse()?, per_s.parse()?)),
            _ => Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

/// The first word after a label at the start of a line.
fn first_word_after<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_pgbench_is_parsed() {
        let text = "number of transactions actually processed: 12\ntps = 34.5 (without initial connection time)\n";
        let transactions = first_word_after(text, "number of transactions actually processed:");
        assert_eq!((transactions, first_word_after(text, "tps =")), (Some("12"), Some("34.5")));
    }
}
