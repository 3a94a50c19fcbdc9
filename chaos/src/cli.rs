//! The command line.

use crate::fault::Fault;
use clap::Parser;
use std::path::PathBuf;

/// Starts PostgreSQL, Redis and three servers, lets clients bid and watch while faults strike by a seeded schedule, and
/// checks what the clients saw against Gavel's promises (docs/reliability.md). `make chaos` builds and runs it.
///
/// Exits with 1 if a promise was broken or an alert was wrong; the history of such a round is in the output folder.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// The server's binary
    #[arg(long, env = "GAVEL_BIN", default_value = "target/release/gavel")]
    pub server: PathBuf,
    /// Folder of PostgreSQL's programs; without it, the newest below /usr/lib/postgresql
    #[arg(long)]
    pub postgres_bin: Option<PathBuf>,
    /// Folder for logs and for the histories of rounds that broke a promise
    #[arg(long, default_value = "target/chaos")]
    pub out: PathBuf,
    /// Seed of the first round; every further round has the next number
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Rounds with a random mix of faults
    #[arg(long, default_value_t = 50)]
    pub rounds: u32,
    /// Before the random rounds, a round for each fault alone
    #[arg(long)]
    pub each: bool,
    /// Faults to choose from, separated by commas [default: all]
    #[arg(long, value_delimiter = ',', value_enum)]
    pub faults: Vec<Fault>,
    /// Put a `PgBouncer` between each server and PostgreSQL; faults of the network strike between server and `PgBouncer`
    #[arg(long)]
    pub pgbouncer: bool,
    /// Instead of rounds: see that no alert fires in a sale that goes well, and each when its cause is there (about
    /// twenty minutes; needs prometheus)
    #[arg(long, conflicts_with_all = ["rounds", "each", "faults", "slack"])]
    pub alerts: bool,
    /// Factor on all time limits, for machines that are busy with other work
    #[arg(long, default_value_t = 1.0)]
    pub slack: f64,
}
