//! The command line: every setting is a flag or an environment variable of the same meaning.

use crate::{
    config::{ServerConfig, StoreConfig},
    logging::LogFormat,
};
use clap::{Args, Parser, Subcommand};
use domain::validated::Stock;
use engine::SeedOptions;
use secrecy::SecretString;

/// Gavel: real-time bidding and flash sales.
#[derive(Parser, Debug)]
#[command(name = "gavel", version, about, propagate_version = true)]
pub struct Cli {
    /// Threads of the async runtime; 0 means one per core, but at least two
    #[arg(long, env = "WORKER_THREADS", default_value_t = 0, global = true)]
    worker_threads: usize,
    /// Format of log lines
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_enum, global = true)]
    pub log_format: LogFormat,
    /// The subcommand
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Threads of the async runtime.
    pub fn worker_threads(&self) -> usize {
        match self.worker_threads {
            0 => std::thread::available_parallelism().map_or(2, usize::from).max(2),
            threads => threads,
        }
    }
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the pages, the API and the live feed
    Serve(Box<ServerConfig>),
    /// Bring the database schema up to date
    Migrate(StoreConfig),
    /// Create demo data; running it again adds nothing twice
    Seed(SeedArgs),
    /// Create an admin's account; its password comes from the environment
    CreateAdmin(CreateAdminArgs),
    /// Set the password of an account and end its sessions; the password comes from the environment
    ResetPassword(ResetPasswordArgs),
    /// Turn off the second factor of an account whose owner has lost the app and the recovery codes
    RemoveSecondFactor(RemoveSecondFactorArgs),
    /// Print the description of the API: an `OpenAPI` document
    Openapi,
    /// Check the configuration of `serve` and print it without secrets
    CheckConfig(Box<ServerConfig>),
}

/// The arguments of `seed`.
#[derive(Args, Debug)]
pub struct SeedArgs {
    /// The stores
    #[command(flatten)]
    pub stores: StoreConfig,
    /// Demo accounts
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=9999))]
    pub users: u32,
    /// Stock of the product on sale
    #[arg(long, default_value = "15")]
    pub stock: Stock,
    /// Minutes the running campaign lasts
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub minutes: u32,
    /// Clear bids, orders, campaigns and their rankings first
    #[arg(long)]
    pub reset: bool,
}

/// The arguments of `create-admin`.
#[derive(Args, Debug)]
pub struct CreateAdminArgs {
    /// The stores
    #[command(flatten)]
    pub stores: StoreConfig,
    /// Address to sign in with
    #[arg(long)]
    pub email: String,
    /// Name others see
    #[arg(long)]
    pub username: String,
    /// The password, 8 to 128 characters; safer in the variable than in the flag, which other processes can see
    #[arg(long, env = "ADMIN_PASSWORD", hide_env_values = true)]
    pub password: SecretString,
}

/// The arguments of `reset-password`.
#[derive(Args, Debug)]
pub struct ResetPasswordArgs {
    /// The stores
    #[command(flatten)]
    pub stores: StoreConfig,
    /// Address of the account
    #[arg(long)]
    pub email: String,
    /// The new password, 8 to 128 characters; safer in the variable than in the flag, which other processes can see
    #[arg(long, env = "NEW_PASSWORD", hide_env_values = true)]
    pub password: SecretString,
}

/// The arguments of `remove-second-factor`.
#[derive(Args, Debug)]
pub struct RemoveSecondFactorArgs {
    /// The stores
    #[command(flatten)]
    pub stores: StoreConfig,
    /// Address of the account
    #[arg(long)]
    pub email: String,
}

impl SeedArgs {
    /// The demo data to create.
    pub fn options(&self) -> SeedOptions {
        SeedOptions { users: self.users, stock: self.stock, minutes: self.minutes, reset: self.reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_valid() {
        Cli::command().debug_assert();
    }
}
