//! The command line, and the plan that follows from it.

use crate::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Measures a running Gavel: throughput, latency, and where the time goes.
///
/// `make bench` starts the stores and the server and calls this; `make bench BENCH='--quick'`
/// passes flags on.
#[derive(Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    /// The job to do
    #[command(subcommand)]
    pub command: Command,
}

/// One job per command.
#[derive(Subcommand)]
pub enum Command {
    /// Make an empty database for a benchmark
    Create {
        /// The stores
        #[command(flatten)]
        stores: StoreOptions,
        /// Its name, which begins with `gavel_bench_`
        name: String,
    },
    /// Load a server and report
    Run(Box<RunOptions>),
    /// Delete every database and every Redis key of benchmarks
    Clean {
        /// The stores
        #[command(flatten)]
        stores: StoreOptions,
    },
}

/// Where the data is.
#[derive(Args)]
pub struct StoreOptions {
    /// PostgreSQL, as postgres://user:password@host:port/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// Redis, as redis://:password@host:port
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: String,
    /// What every Redis key of the server begins with
    #[arg(long, env = "REDIS_PREFIX", default_value = "")]
    pub redis_prefix: String,
}

/// `run`
#[derive(Args)]
pub struct RunOptions {
    /// The stores, the same as the server's
    #[command(flatten)]
    pub stores: StoreOptions,
    /// What the server signs sessions with
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: String,
    /// The server's address
    #[arg(long)]
    pub server: SocketAddr,
    /// The server's process, whose CPU time is read
    #[arg(long)]
    pub server_pid: u32,
    /// Folder of pgbench; without it the floor is left out
    #[arg(long)]
    pub postgres_bin: Option<PathBuf>,
    /// A file that may be made and deleted on the disk PostgreSQL writes to
    #[arg(long, default_value = "target/bench/fsync.tmp")]
    pub fsync_file: PathBuf,
    /// Folder for the results
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// What was measured, for the report: a revision, a build profile
    #[arg(long, default_value = "")]
    pub label: String,
    /// What to measure and how
    #[command(flatten)]
    pub plan: PlanOptions,
}

/// What to measure and how. Defaults are of the full run, about thirteen minutes, or of `--quick`.
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
    /// Threads of the load process that bid
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
    /// Websockets that watch while the open loop is measured a second time; 0 leaves that out
    #[arg(long, default_value_t = 1000)]
    pub viewers: u32,
    /// Fan-out: websockets
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub fan_out_viewers: u32,
    /// Crowd: milliseconds between a bidder's bids [default: 1000,400,150, quick: 150]
    #[arg(long, value_delimiter = ',')]
    pub crowd: Vec<u32>,
    /// Scale: bidders in the campaign before [default: 1000,100000,1000000, quick: 1000,100000]
    #[arg(long, value_delimiter = ',')]
    pub scale: Vec<u32>,
    /// Scale: connections of the closed loop
    #[arg(long, default_value_t = 256)]
    pub scale_connections: u32,
    /// Scale: where in the ranking bids land
    #[arg(long, value_enum, default_value = "anywhere")]
    pub scale_places: Places,
    /// Settlement: bidders in the campaign that ends [default: 100000, quick: 20000]
    #[arg(long)]
    pub settle_bidders: Option<u32>,
    /// Settlement: how many win
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub settle_quota: u32,
    /// Settlement: websockets that are told, of winners, losers and spectators in equal parts
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub settle_sockets: u32,
    /// Overload: connections, more of them than bids may wait
    #[arg(long, default_value_t = 12_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub overload_connections: u32,
    /// Overload: bids per second that are offered
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub overload_rate: u32,
    /// Overload: seconds [default: 20, quick: 5]
    #[arg(long)]
    pub overload_seconds: Option<f64>,
    /// Floor: bids per statement [default: 16,64,200,500, quick: 64,200]
    #[arg(long, value_delimiter = ',')]
    pub floor_batches: Vec<u32>,
    /// Floor: connections [default: 1,2, quick: 1]
    #[arg(long, value_delimiter = ',')]
    pub floor_clients: Vec<u32>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What the disk and PostgreSQL alone can do
    Floor,
    /// Every connection bids as soon as it is answered
    Closed,
    /// Bids at a fixed rate, however long answers take
    Open,
    /// A bid shown to very many websockets
    FanOut,
    /// A thousand people who bid, think and bid again
    Crowd,
    /// Campaigns with many bidders in them
    Scale,
    /// From the end of a campaign until everyone knows
    Settle,
    /// Far more bids than can be taken
    Overload,
}

/// Where in a large ranking the bids land.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Places {
    /// Each is the best so far
    Top,
    /// Spread over the whole ranking
    Anywhere,
}

/// The plan that was carried out; part of the result.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Parts in the order of [`Part`].
    pub parts: Vec<Part>,
    /// Repetitions of every measurement.
    pub repeat: u32,
    /// Seconds of load before a window.
    pub warm_up_s: f64,
    /// Seconds of a window.
    pub window_s: f64,
    /// Users who bid.
    pub users: u32,
    /// Threads that bid.
    pub load_threads: u32,
    /// Connections of the closed loops.
    pub closed: Vec<u32>,
    /// Rates of the open loops.
    pub open: Vec<u32>,
    /// Connections of the open loops.
    pub open_connections: u32,
    /// Websockets.
    pub viewers: u32,
    /// Websockets of the fan-out.
    pub fan_out_viewers: u32,
    /// Milliseconds between the bids of one of a crowd.
    pub crowd: Vec<u32>,
    /// Bidders in the campaigns of the scale part.
    pub scale: Vec<u32>,
    /// Connections of the scale part.
    pub scale_connections: u32,
    /// Where bids land in the scale part.
    pub scale_places: Places,
    /// Bidders of the campaigns that are settled.
    pub settle_bidders: u32,
    /// How many of them win.
    pub settle_quota: u32,
    /// Websockets that are told.
    pub settle_sockets: u32,
    /// Connections of the overload.
    pub overload_connections: u32,
    /// Bids per second it offers.
    pub overload_rate: u32,
    /// Its seconds.
    pub overload_s: f64,
    /// Bids per statement of the floor.
    pub floor_batches: Vec<u32>,
    /// Connections of the floor.
    pub floor_clients: Vec<u32>,
}

impl PlanOptions {
    /// Fills in the defaults and checks that the plan can be carried out.
    pub fn plan(self) -> Result<Plan> {
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
            overload_connections: self.overload_connections,
            overload_rate: self.overload_rate,
            overload_s: number(self.overload_seconds, 20.0, 5.0),
            floor_batches: list(self.floor_batches, &[16, 64, 200, 500], &[64, 200]),
            floor_clients: list(self.floor_clients, &[1, 2], &[1]),
        };
        plan.check()?;
        Ok(plan)
    }
}

impl Plan {
    /// Whether a part is wanted.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// Load before a window.
    pub fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_s)
    }

    /// The window.
    pub fn window(&self) -> Duration {
        Duration::from_secs_f64(self.window_s)
    }

    fn check(&self) -> Result<()> {
        if !(0.0..=3600.0).contains(&self.warm_up_s) || !(0.1..=3600.0).contains(&self.window_s) {
            return Err("--warm-up takes 0 to 3600 seconds and --seconds 0.1 to 3600".into());
        }
        let connections = self.closed.iter().chain([&self.open_connections, &self.scale_connections]);
        if let Some(count) = connections.clone().find(|&&count| count > self.users || count == 0) {
            return Err(format!(
                "{count} connections do not go with {} users: every connection has users of its own, so that nobody \
                 bids twice at a time",
                self.users
            )
            .into());
        }
        if let Some(rate) = self.open.iter().find(|&&rate| rate == 0 || rate > 1_000_000) {
            return Err(format!("--open takes 1 to 1000000 bids per second, not {rate}").into());
        }
        if let Some(size) = self.scale.iter().find(|&&size| size < self.users || size > 10_000_000) {
            return Err(format!("--scale takes {} (the users) to 10000000 bidders, not {size}", self.users).into());
        }
        // Of those who can bid, a third of the sockets' number wins, and as many have lower bids.
        if self.users < self.settle_sockets.div_ceil(3) * 4 {
            return Err(format!("{} sockets do not go with {} users", self.settle_sockets, self.users).into());
        }
        if self.settle_bidders < self.users || self.settle_bidders > 10_000_000 {
            return Err(format!("--settle-bidders takes {} (the users) to 10000000", self.users).into());
        }
        if self.settle_quota < self.settle_sockets.div_ceil(3) || self.settle_quota > self.settle_bidders / 4 {
            return Err("--settle-quota takes a third of the sockets to a quarter of the bidders".into());
        }
        if !(1.0..=3600.0).contains(&self.overload_s) {
            return Err("--overload-seconds takes 1 to 3600".into());
        }
        if let Some(pause) = self.crowd.iter().find(|&&pause| pause == 0 || pause > 60_000) {
            return Err(format!("--crowd takes 1 to 60000 milliseconds, not {pause}").into());
        }
        if !self.scale.is_sorted() {
            return Err("--scale takes its sizes in rising order".into());
        }
        for (&clients, &batch) in self.floor_clients.iter().flat_map(|c| self.floor_batches.iter().map(move |b| (c, b)))
        {
            if clients == 0 || batch == 0 || clients.saturating_mul(batch) > self.users {
                return Err(format!("the floor needs users for {clients} clients with {batch} bids each").into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        plan: PlanOptions,
    }

    fn plan(flags: &[&str]) -> Result<Plan> {
        let flags = ["bench"].iter().chain(flags);
        Only::try_parse_from(flags).expect("parses").plan.plan()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn both_modes_can_be_carried_out() {
        assert_eq!(plan(&[]).expect("sound").repeat, 3);
        let quick = plan(&["--quick", "--scale", "2000"]).expect("sound");
        assert_eq!((quick.repeat, quick.scale.as_slice()), (1, [2000].as_slice()));
    }

    #[test]
    fn impossible_plans_are_refused() {
        for flags in [
            ["--closed", "2000"],
            ["--scale", "10"],
            ["--scale", "5000,2000"],
            ["--open", "0"],
            ["--floor-batches", "800"],
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
