//! Gavel's binary: one command per job an operator has.

use clap::Parser;
use server::{
    commands,
    config::{Cli, Command},
    lifecycle, telemetry,
};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Said explicitly: on a one-CPU machine the default is a single worker, which one blocking
        // moment stalls.
        .worker_threads(cli.worker_threads())
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    telemetry::init(cli.log_format);
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(config) => lifecycle::serve(*config).await,
            Command::Migrate(stores) => commands::migrate(stores).await,
            Command::Seed(options) => commands::seed(options).await,
            Command::CreateAdmin(options) => commands::create_admin(options).await,
            Command::CheckConfig(config) => commands::check_config(&config),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a command goes to the terminal")]
fn fail(message: &str) -> ExitCode {
    eprintln!("gavel: {message}");
    ExitCode::FAILURE
}
