//! The pools of connections to PostgreSQL: one for commits, a connection for health checks, and one for everything else.

use super::database::{Database, SESSION_BOUNDS, within};
use crate::{engine_config::EngineConfig, error::Result};
use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgConnection, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// How long a request waits for a connection before it fails as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that has been idle for longer is tested before it is used.
const TEST_AFTER: Duration = Duration::from_secs(1);
/// How PostgreSQL notices within half a minute that this machine has vanished, whose locks nobody would release.
const VANISHED_CLIENT: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("client_connection_check_interval", "10s"),
];
/// How long it may take to answer.
const TEST_TIMEOUT: Duration = Duration::from_secs(1);
/// One in this many connections is reserved for commits.
const COMMIT_SHARE: u32 = 4;

/// Opens the pool for everything but commits and health checks.
pub async fn connect(config: &EngineConfig) -> Result<Database> {
    let max = config.database_connections.saturating_sub(commit_connections(config) + 1).max(1);
    let pool = pool(max).connect_with(options(config)?).await?;
    Ok(Database::new(pool, config.database_pooled))
}

/// The pool for commits. It opens connections when they are needed, on the runtime it was created on.
pub fn commit_pool(config: &EngineConfig) -> Result<Database> {
    let max = commit_connections(config);
    Ok(Database::new(pool(max).connect_lazy_with(options(config)?), config.database_pooled))
}

/// The connection for health checks, opened when it is needed.
pub fn probe_pool(config: &EngineConfig) -> Result<Database> {
    Ok(Database::new(pool(1).connect_lazy_with(options(config)?), config.database_pooled))
}

fn commit_connections(config: &EngineConfig) -> u32 {
    (config.database_connections / COMMIT_SHARE).max(1)
}

/// An acknowledged bid must be on disk whatever the server's settings are, so every session turns `synchronous_commit`
/// on, and bounds how long it may hold anything. Behind a pooler, [`Database`] does so in every transaction instead.
fn options(config: &EngineConfig) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = config.database_url.expose_secret().parse()?;
    let options = options.application_name("gavel");
    Ok(if config.database_pooled {
        options.statement_cache_capacity(0)
    } else {
        options
            .options([("synchronous_commit", "on"), ("timezone", "UTC")])
            .options(SESSION_BOUNDS)
            .options(VANISHED_CLIENT)
    })
}

/// No minimum of connections: sqlx opens those beside the requests, and one that gets no answer would take the place of a
/// usable one for five minutes.
fn pool(max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Testing before every use would cost a round trip each time, and a connection in use needs no test.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TEST_AFTER {
                    test(connection).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| Box::pin(roll_back(connection)))
}

/// Rolls back the transaction that a connection is in, if any. sqlx cannot tell: whoever gives up in the middle of `BEGIN`
/// leaves one of which it does not know, and what is written in it later would be acknowledged and never committed.
async fn roll_back(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // In a transaction that has begun earlier the two differ; in one that has failed, this fails.
    let question = sqlx::raw_sql("SELECT transaction_timestamp() = statement_timestamp()");
    match question.fetch_one(&mut *connection).await {
        Ok(row) if row.try_get(0)? => {}
        Ok(_) | Err(sqlx::Error::Database(_)) => {
            sqlx::raw_sql("ROLLBACK").execute(connection).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

async fn test(connection: &mut PgConnection) -> sqlx::Result<()> {
    within(TEST_TIMEOUT, connection.ping()).await
}
