//! Gavel's benchmark: loads a running server over HTTP from a process of its own and reports what
//! came of it. `make bench` starts everything it needs; docs/performance.md explains the method.

mod bidders;
mod closed_loop;
mod cpu;
mod fanout;
mod floor;
mod fsync;
mod http;
mod load;
mod machine;
mod measure;
mod memory;
mod metrics;
mod open_loop;
mod options;
mod overload;
mod record;
mod report;
mod run;
mod scale;
mod settle;
mod spread;
mod stores;
mod table;
mod viewers;
mod world;

use clap::Parser;
use options::{Cli, Command};
use std::process::ExitCode;

/// Whatever goes wrong ends the benchmark with a sentence.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The load has threads of its own; this one prepares, waits and looks at the clocks.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match cli.command {
                Command::Create { stores, name } => stores::create_database(&stores, &name).await,
                Command::Run(options) => run::run(*options).await,
                Command::Clean { stores } => stores::clean(&stores).await,
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
