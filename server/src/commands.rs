//! The commands that do one thing and end.
#![expect(clippy::print_stdout, reason = "commands answer on the terminal")]

use crate::config::{CreateAdminCommand, Environment, SeedCommand, ServerConfig, StoreConfig};
use domain::{api::accounts::RegisterRequest, validated::Password};
use engine::Engine;
use secrecy::ExposeSecret;

/// `migrate`
pub async fn migrate(stores: StoreConfig) -> Result<(), String> {
    let engine = connect(&stores).await?;
    engine.migrate().await.map_err(|error| explain(&error))?;
    engine.shut_down().await;
    println!("The database schema is up to date.");
    Ok(())
}

/// `seed`
pub async fn seed(command: SeedCommand) -> Result<(), String> {
    if command.stores.environment == Environment::Production {
        return Err("demo data has public passwords and is not made in production".to_owned());
    }
    let engine = connect(&command.stores).await?;
    engine.demo_data.seed(command.options()).await.map_err(|error| explain(&error))?;
    engine.shut_down().await;
    println!("The demo data is in place.");
    Ok(())
}

/// `create-admin`
pub async fn create_admin(command: CreateAdminCommand) -> Result<(), String> {
    let request = RegisterRequest {
        email: command.email.parse().map_err(|message| format!("the e-mail address {message}"))?,
        password: Password::new_password(command.password.expose_secret())
            .map_err(|message| format!("the password {message}"))?,
        username: command.username.parse().map_err(|message| format!("the user name {message}"))?,
    };
    let engine = connect(&command.stores).await?;
    let admin = engine.accounts.create_admin(request).await.map_err(|error| error.to_api().detail)?;
    engine.shut_down().await;
    println!("{} is an admin now.", admin.email);
    Ok(())
}

/// `check-config`
pub fn check_config(config: &ServerConfig) -> Result<(), String> {
    config.check()?;
    println!("{config:#?}");
    println!("The configuration is sound.");
    Ok(())
}

async fn connect(stores: &StoreConfig) -> Result<Engine, String> {
    Engine::connect(stores.engine()).await.map_err(|error| explain(&error))
}

fn explain(error: &engine::Error) -> String {
    format!("{error} (are DATABASE_URL and REDIS_URL right, and has `gavel migrate` been run?)")
}
