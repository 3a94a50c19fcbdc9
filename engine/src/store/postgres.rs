//! Connections to PostgreSQL and the schema.

use crate::{config::EngineConfig, error::Result};
use secrecy::ExposeSecret;
use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// The schema, embedded in the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Opens the pool. Durability is not a matter of the server's settings: an acknowledged bid is on
/// disk, so every session insists on `synchronous_commit`.
pub async fn connect(config: &EngineConfig) -> Result<PgPool> {
    let options: PgConnectOptions = config.database_url.expose_secret().parse()?;
    let options = options.application_name("gavel").options([
        ("synchronous_commit", "on"),
        ("timezone", "UTC"),
        ("statement_timeout", "30s"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(config.database_connections)
        .min_connections(2.min(config.database_connections))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Whether every migration of this binary has been applied.
pub async fn is_migrated(pool: &PgPool) -> Result<bool> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
    if !exists {
        return Ok(false);
    }
    let applied: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM _sqlx_migrations WHERE version = $1 AND success)")
            .bind(newest)
            .fetch_one(pool)
            .await?;
    Ok(applied)
}
