//! Gavel's binary: parses the command line and runs the subcommand.

use clap::Parser;
use server::{
    cli::{Cli, Command},
    logging, serve, subcommands,
};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Not the default: on a one-CPU machine that is a single worker, which any blocking call stalls.
        .worker_threads(cli.worker_threads())
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    logging::init(cli.log_format);
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(config) => serve::run(*config).await,
            Command::Migrate(stores) => subcommands::migrate(stores).await,
            Command::Seed(args) => subcommands::seed(args).await,
            Command::CreateAdmin(args) => subcommands::create_admin(args).await,
            Command::ResetPassword(args) => subcommands::reset_password(args).await,
            Command::RemoveSecondFactor(args) => subcommands::remove_second_factor(args).await,
            Command::CheckConfig(config) => subcommands::check_config(&config),
            Command::Openapi => subcommands::print_openapi(),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stderr, reason = "the error of a command goes to the terminal")]
fn fail(message: &str) -> ExitCode {
    eprintln!("gavel: {message}");
    ExitCode::FAILURE
}
