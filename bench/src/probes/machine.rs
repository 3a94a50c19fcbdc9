//! The machine, PostgreSQL and Redis that the benchmark ran on.

use crate::{data_stores::DataStores, error::Result};
use serde::Serialize;
use std::fs;

/// Their description, for the report.
#[derive(Serialize)]
pub struct Machine {
    /// Name of the processor.
    pub processor: String,
    /// Cores this process may use.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Version of the kernel.
    pub kernel: String,
    /// Version of PostgreSQL.
    pub postgres: String,
    /// Its settings with the largest effect on writes.
    pub postgres_settings: Vec<String>,
    /// Version of Redis.
    pub redis: String,
    /// Whether this program was built without optimisation.
    pub debug_build: bool,
    /// Load average over the minute before the run.
    pub load_before: f64,
}

impl Machine {
    /// Reads /proc and asks PostgreSQL and Redis.
    pub async fn describe(stores: &mut DataStores) -> Result<Self> {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let memory_kib: f64 =
            field(&read("/proc/meminfo"), "MemTotal").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
        let postgres: String = sqlx::query_scalar("SHOW server_version").fetch_one(&stores.database).await?;
        let postgres_settings = sqlx::query_scalar(
            "SELECT name || '=' || current_setting(name) FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')
             ORDER BY name",
        )
        .fetch_all(&stores.database)
        .await?;
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut stores.redis).await?;
        Ok(Self {
            processor: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: memory_kib / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            postgres,
            postgres_settings,
            redis: field(&info, "redis_version"),
            debug_build: cfg!(debug_assertions),
            load_before: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        })
    }
}

/// The first value of `name` in lines like `name : value`.
fn field(text: &str, name: &str) -> String {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}
