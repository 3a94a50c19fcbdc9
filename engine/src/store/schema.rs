//! The schema of the database, and whether it is up to date.

use super::database::Database;
use crate::error::{Error, Result};
use sqlx::migrate::Migrator;
use std::sync::LazyLock;

/// The migrations, embedded in the binary. A newer schema than they make is accepted, so that `gavel migrate` of the
/// version before succeeds in a rollback (migrations/README.md).
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.set_ignore_missing(true);
    migrator
});

/// Migrates the schema, under a lock that needs a session.
pub async fn migrate(database: &Database) -> Result<()> {
    let sessions = database.sessions().ok_or_else(|| {
        Error::Internal("migrations need a session: DATABASE_URL must lead to PostgreSQL itself".to_owned())
    })?;
    MIGRATOR.run(sessions).await?;
    Ok(())
}

/// Whether every migration of this binary has been applied.
pub async fn is_migrated(database: &Database) -> Result<bool> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    let exists = sqlx::query_scalar!(r#"SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS "exists!""#);
    if !exists.fetch_one(database).await? {
        return Ok(false);
    }
    // Not checked when compiled: this table is sqlx's own.
    let applied = sqlx::query_scalar("SELECT EXISTS (SELECT FROM _sqlx_migrations WHERE version = $1 AND success)");
    Ok(applied.bind(newest).fetch_one(database).await?)
}
