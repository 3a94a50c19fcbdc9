//! Gavel's benchmark: puts load on a running server over HTTP, from a separate process, and reports throughput,
//! latency and resource use. `make bench` starts everything it needs; docs/performance.md explains the method.

mod cli;
mod context;
mod data_stores;
mod error;
mod fixture;
mod http_client;
mod load;
mod parts;
mod plan;
mod prices;
mod probes;
mod progress;
mod report;
mod result_files;
mod results;
mod run;
mod scenario;
mod scratch_databases;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The load runs on threads of its own; this one only prepares, waits and takes readings.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match cli.command {
                Command::Create { stores, name } => scratch_databases::create(&stores, &name).await,
                Command::Run(options) => run::run(*options).await,
                Command::Clean { stores } => scratch_databases::clean(&stores).await,
            }
        })
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gavel-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
