//! Connections to PostgreSQL and the schema.

use super::database::Database;
use crate::{config::EngineConfig, error::Result};
use secrecy::ExposeSecret;
use sqlx::{
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// The schema, embedded in the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may take.
pub(super) const STATEMENT_TIMEOUT: &str = "30s";

/// Opens the pool. Durability is not a matter of the server's settings: an acknowledged bid is on
/// disk, so every session insists on `synchronous_commit`. Behind a pooler a session cannot, and
/// [`Database`] has every transaction do so.
pub async fn connect(config: &EngineConfig) -> Result<Database> {
    let options: PgConnectOptions = config.database_url.expose_secret().parse()?;
    let options = options.application_name("gavel");
    let options = if config.database_pooled {
        options.statement_cache_capacity(0)
    } else {
        options.options([("synchronous_commit", "on"), ("timezone", "UTC"), ("statement_timeout", STATEMENT_TIMEOUT)])
    };
    let pool = PgPoolOptions::new()
        .max_connections(config.database_connections)
        .min_connections(2.min(config.database_connections))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    Ok(Database::new(pool, config.database_pooled))
}

/// Whether every migration of this binary has been applied.
pub async fn is_migrated(database: &Database) -> Result<bool> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    let exists: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(database).await?;
    if !exists {
        return Ok(false);
    }
    let applied: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM _sqlx_migrations WHERE version = $1 AND success)")
            .bind(newest)
            .fetch_one(database)
            .await?;
    Ok(applied)
}
