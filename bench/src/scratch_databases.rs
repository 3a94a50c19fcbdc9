//! The databases of benchmark runs: created before a run, and deleted after it together with the run's Redis keys.

use crate::{cli::StoreOptions, data_stores::connect_redis, error::Result};
use redis::AsyncCommands;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Prefix of the names of scratch databases, and of their Redis keys.
const PREFIX: &str = "gavel_bench_";
/// Redis keys per SCAN.
const KEYS_PER_SCAN: usize = 1000;

/// Creates an empty database on the server that the URL names.
pub async fn create(options: &StoreOptions, name: &str) -> Result<()> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || !name.starts_with(PREFIX) {
        return Err(format!(
            "a benchmark's database must be named {PREFIX}* in lowercase letters, digits and underscores, not {name:?}"
        )
        .into());
    }
    let mut server = PgConnection::connect(&options.database_url).await?;
    server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    Ok(())
}

/// Deletes the databases and Redis keys of all benchmark runs, those that were killed included.
pub async fn clean(options: &StoreOptions) -> Result<()> {
    let mut server = PgConnection::connect(&options.database_url).await?;
    let drops: Vec<String> = sqlx::query_scalar(
        "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname)
         FROM pg_database WHERE starts_with(datname, $1)",
    )
    .bind(PREFIX)
    .fetch_all(&mut server)
    .await?;
    for drop in drops {
        server.execute(AssertSqlSafe(drop)).await?;
    }
    let mut redis = connect_redis(options).await?;
    let mut cursor = 0;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{PREFIX}*")).arg("COUNT").arg(KEYS_PER_SCAN);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut redis).await?;
        if !keys.is_empty() {
            let _: u64 = redis.unlink(keys).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
