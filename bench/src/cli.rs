//! The command line and its defaults.

use crate::{
    error::Result,
    plan::{BidPlacement, Part, Plan},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};

/// Measures a running Gavel: throughput, latency, and where the time goes.
///
/// `make bench` starts the services and the server and calls this; `make bench BENCH='--quick'` passes flags on.
#[derive(Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Subcommand)]
pub enum Command {
    /// Create an empty database for a benchmark
    Create {
        /// The data stores
        #[command(flatten)]
        stores: StoreOptions,
        /// The database's name, which must begin with `gavel_bench_`
        name: String,
    },
    /// Put load on a server and report the results
    Run(Box<RunOptions>),
    /// Delete the databases and Redis keys of all benchmarks
    Clean {
        /// The data stores
        #[command(flatten)]
        stores: StoreOptions,
    },
}

/// The addresses of PostgreSQL and Redis.
#[derive(Args)]
pub struct StoreOptions {
    /// PostgreSQL, as postgres://user:password@host:port/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// Redis, as redis://:password@host:port
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: String,
    /// Prefix of the server's Redis keys
    #[arg(long, env = "REDIS_PREFIX", default_value = "")]
    pub redis_prefix: String,
}

/// The options of `run`.
#[derive(Args)]
pub struct RunOptions {
    /// The data stores, the same as the server's
    #[command(flatten)]
    pub stores: StoreOptions,
    /// The secret the server signs session tokens with
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: String,
    /// The server's address
    #[arg(long)]
    pub server: SocketAddr,
    /// The server's process id, for its CPU time and memory
    #[arg(long)]
    pub server_pid: u32,
    /// Folder that holds pgbench; without it the baseline is skipped
    #[arg(long)]
    pub postgres_bin: Option<PathBuf>,
    /// A file that may be created and deleted, on the disk PostgreSQL writes to
    #[arg(long, default_value = "target/bench/fsync.tmp")]
    pub fsync_file: PathBuf,
    /// Folder for the results
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// What is measured, for the report: a revision, a build profile
    #[arg(long, default_value = "")]
    pub label: String,
    /// What to measure and how
    #[command(flatten)]
    pub plan: PlanOptions,
}

/// What to measure and how. Defaults are those of the full run, about thirteen minutes, or of `--quick`.
#[derive(Args)]
pub struct PlanOptions {
    /// About three minutes: one repetition, fewer and shorter windows
    #[arg(long)]
    pub quick: bool,
    /// Parts to measure, separated by commas [default: all]
    #[arg(long, value_delimiter = ',', value_enum)]
    pub parts: Vec<Part>,
    /// Repetitions of every measurement [default: 3, quick: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub repeat: Option<u32>,
    /// Seconds of load before a window, which do not count [default: 2, quick: 1]
    #[arg(long)]
    pub warm_up: Option<f64>,
    /// Seconds of a measured window [default: 5, quick: 3]
    #[arg(long)]
    pub seconds: Option<f64>,
    /// Users who bid
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub users: u32,
    /// Threads that generate the load
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub load_threads: u32,
    /// Closed loop: numbers of connections
    #[arg(long, value_delimiter = ',', default_value = "64,256,1000")]
    pub closed: Vec<u32>,
    /// Open loop: bids per second [default: 1000,3000,6000, quick: 1000,3000]
    #[arg(long, value_delimiter = ',')]
    pub open: Vec<u32>,
    /// Open loop: connections the bids are spread over; a bid waits when none is free
    #[arg(long, default_value_t = 1000)]
    pub open_connections: u32,
    /// Open loop: websockets that watch while every rate is measured again; 0 skips that
    #[arg(long, default_value_t = 1000)]
    pub viewers: u32,
    /// Fan-out: websockets
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub fan_out_viewers: u32,
    /// Crowd: average milliseconds a bidder pauses between bids [default: 1000,400,150, quick: 150]
    #[arg(long, value_delimiter = ',')]
    pub crowd: Vec<u32>,
    /// Scale: bidders already in the campaign [default: 1000,100000,1000000, quick: 1000,100000]
    #[arg(long, value_delimiter = ',')]
    pub scale: Vec<u32>,
    /// Scale: connections of the closed loop
    #[arg(long, default_value_t = 256)]
    pub scale_connections: u32,
    /// Scale: where in the ranking new bids land
    #[arg(long, value_enum, default_value = "anywhere")]
    pub scale_places: BidPlacement,
    /// Settlement: bidders in the campaign that ends [default: 100000, quick: 20000]
    #[arg(long)]
    pub settle_bidders: Option<u32>,
    /// Settlement: how many of them win
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub settle_quota: u32,
    /// Settlement: websockets, one third each for winners, losers and spectators
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub settle_sockets: u32,
    /// Settlement: bids per second in another campaign meanwhile
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub settle_rate: u32,
    /// Overload: connections; should exceed the length of the server's bid queue
    #[arg(long, default_value_t = 12_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub overload_connections: u32,
    /// Overload: offered bids per second
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub overload_rate: u32,
    /// Overload: seconds [default: 20, quick: 5]
    #[arg(long)]
    pub overload_seconds: Option<f64>,
    /// Baseline: bids per statement [default: 16,64,200,500, quick: 64,200]
    #[arg(long, alias = "floor-batches", value_delimiter = ',')]
    pub baseline_batches: Vec<u32>,
    /// Baseline: connections [default: 1,2, quick: 1]
    #[arg(long, alias = "floor-clients", value_delimiter = ',')]
    pub baseline_clients: Vec<u32>,
}

impl PlanOptions {
    /// Fills in the defaults and checks that the plan can be carried out.
    pub fn into_plan(self) -> Result<Plan> {
        let quick = self.quick;
        let list = |given: Vec<u32>, full: &[u32], short: &[u32]| match given.as_slice() {
            [] if quick => short.to_vec(),
            [] => full.to_vec(),
            _ => given,
        };
        let number = |given: Option<f64>, full, short| given.unwrap_or(if quick { short } else { full });
        let plan = Plan {
            parts: if self.parts.is_empty() { Part::value_variants().to_vec() } else { self.parts },
            repeat: self.repeat.unwrap_or(if quick { 1 } else { 3 }),
            warm_up_s: number(self.warm_up, 2.0, 1.0),
            window_s: number(self.seconds, 5.0, 3.0),
            users: self.users,
            load_threads: self.load_threads,
            closed: self.closed,
            open: list(self.open, &[1000, 3000, 6000], &[1000, 3000]),
            open_connections: self.open_connections,
            viewers: self.viewers,
            fan_out_viewers: self.fan_out_viewers,
            crowd: list(self.crowd, &[1000, 400, 150], &[150]),
            scale: list(self.scale, &[1000, 100_000, 1_000_000], &[1000, 100_000]),
            scale_connections: self.scale_connections,
            scale_places: self.scale_places,
            settle_bidders: self.settle_bidders.unwrap_or(if quick { 20_000 } else { 100_000 }),
            settle_quota: self.settle_quota,
            settle_sockets: self.settle_sockets,
            settle_rate: self.settle_rate,
            overload_connections: self.overload_connections,
            overload_rate: self.overload_rate,
            overload_s: number(self.overload_seconds, 20.0, 5.0),
            baseline_batches: list(self.baseline_batches, &[16, 64, 200, 500], &[64, 200]),
            baseline_clients: list(self.baseline_clients, &[1, 2], &[1]),
        };
        plan.check()?;
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[derive(Parser)]
    struct PlanOnly {
        #[command(flatten)]
        options: PlanOptions,
    }

    fn plan(flags: &[&str]) -> Result<Plan> {
        let flags = ["bench"].iter().chain(flags);
        PlanOnly::try_parse_from(flags).expect("parses").options.into_plan()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_default_plans_can_be_carried_out() {
        assert_eq!(plan(&[]).expect("valid").repeat, 3);
        let quick = plan(&["--quick", "--scale", "2000"]).expect("valid");
        assert_eq!((quick.repeat, quick.scale.as_slice()), (1, [2000].as_slice()));
    }

    #[test]
    fn impossible_plans_are_refused() {
        for flags in [
            ["--closed", "2000"],
            ["--scale", "10"],
            ["--scale", "5000,2000"],
            ["--open", "0"],
            ["--baseline-batches", "800"],
            ["--seconds", "0"],
            ["--settle-bidders", "10"],
            ["--settle-quota", "99"],
            ["--settle-sockets", "900"],
            ["--overload-seconds", "0"],
            ["--crowd", "0"],
        ] {
            assert!(plan(&flags).is_err(), "{flags:?}");
        }
    }
}
