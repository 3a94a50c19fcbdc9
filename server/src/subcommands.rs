//! The subcommands other than `serve`: each does one job, prints the result and ends.
#![expect(clippy::print_stdout, reason = "subcommands print their results")]

use crate::{
    cli::{CreateAdminArgs, RemoveSecondFactorArgs, ResetPasswordArgs, SeedArgs},
    config::{Environment, ServerConfig, StoreConfig},
    openapi,
};
use domain::{api::accounts::RegisterRequest, validated::Password};
use engine::{Engine, is_easily_guessed};
use secrecy::ExposeSecret;

/// `migrate`: brings the database schema up to date.
pub async fn migrate(stores: StoreConfig) -> Result<(), String> {
    let engine = connect(&stores).await?;
    engine.migrate().await.map_err(|error| with_advice(&error))?;
    engine.shut_down().await;
    println!("The database schema is up to date.");
    Ok(())
}

/// `seed`: creates demo data, which includes accounts with well-known passwords.
pub async fn seed(args: SeedArgs) -> Result<(), String> {
    if args.stores.environment == Environment::Production {
        return Err("demo data has public passwords and is not made in production".to_owned());
    }
    let engine = connect(&args.stores).await?;
    engine.demo_data.seed(args.options()).await.map_err(|error| with_advice(&error))?;
    engine.shut_down().await;
    println!("The demo data is in place.");
    Ok(())
}

/// `create-admin`: creates an admin's account.
pub async fn create_admin(args: CreateAdminArgs) -> Result<(), String> {
    let request = RegisterRequest {
        email: args.email.parse().map_err(|message| format!("the e-mail address {message}"))?,
        password: Password::new_password(args.password.expose_secret())
            .map_err(|message| format!("the password {message}"))?,
        username: args.username.parse().map_err(|message| format!("the user name {message}"))?,
    };
    check_strength(&request.password, &[&*request.email, &*request.username])?;
    let engine = connect(&args.stores).await?;
    let admin = engine.accounts.create_admin(request).await.map_err(|error| error.to_api().detail)?;
    engine.shut_down().await;
    println!("{} is an admin now.", admin.email);
    Ok(())
}

/// `reset-password`: sets the password of an account.
pub async fn reset_password(args: ResetPasswordArgs) -> Result<(), String> {
    let password =
        Password::new_password(args.password.expose_secret()).map_err(|message| format!("the password {message}"))?;
    check_strength(&password, &[&args.email])?;
    let engine = connect(&args.stores).await?;
    let user = engine.accounts.reset_password(args.email.trim(), password).await;
    engine.shut_down().await;
    println!("{} has a new password and is signed out everywhere.", user.map_err(|error| error.to_api().detail)?.email);
    Ok(())
}

/// `remove-second-factor`: lets somebody sign in with the password alone again.
pub async fn remove_second_factor(args: RemoveSecondFactorArgs) -> Result<(), String> {
    let engine = connect(&args.stores).await?;
    let user = engine.accounts.remove_second_factor(args.email.trim()).await;
    engine.shut_down().await;
    println!("{} signs in with the password alone.", user.map_err(|error| error.to_api().detail)?.email);
    Ok(())
}

/// `check-config`: validates the configuration of `serve` and prints it without its secrets.
pub fn check_config(config: &ServerConfig) -> Result<(), String> {
    config.check()?;
    println!("{config:#?}");
    println!("The configuration is sound.");
    Ok(())
}

/// `openapi`: prints the description of the API.
pub fn print_openapi() -> Result<(), String> {
    println!("{}", openapi::document().to_pretty_json().map_err(|error| error.to_string())?);
    Ok(())
}

fn check_strength(password: &Password, known: &[&str]) -> Result<(), String> {
    if is_easily_guessed(password, known) { Err("the password is too easy to guess".to_owned()) } else { Ok(()) }
}

async fn connect(stores: &StoreConfig) -> Result<Engine, String> {
    Engine::connect(stores.engine()).await.map_err(|error| with_advice(&error))
}

fn with_advice(error: &engine::Error) -> String {
    format!("{error} (are DATABASE_URL and REDIS_URL right, and has `gavel migrate` been run?)")
}
