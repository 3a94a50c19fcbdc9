//! The stores: databases of benchmarks, made and deleted, and what Redis holds.

use crate::{Result, options::StoreOptions};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

/// What the names of our databases and Redis keys begin with.
const NAMES: &str = "gavel_bench_";
/// Keys asked for at a time.
const KEYS_PER_SCAN: usize = 1000;

/// Connections past the server.
pub struct Stores {
    /// PostgreSQL.
    pub database: PgPool,
    /// Redis.
    pub redis: MultiplexedConnection,
    /// What the server's keys begin with.
    pub redis_prefix: String,
}

impl Stores {
    /// Opens them.
    pub async fn connect(options: &StoreOptions) -> Result<Self> {
        let database = PgPoolOptions::new().max_connections(2).connect(&options.database_url).await?;
        let redis = redis(options).await?;
        Ok(Self { database, redis, redis_prefix: options.redis_prefix.clone() })
    }

    /// How many bidders the whole ranking of a campaign has in Redis; 0 if it is not whole.
    pub async fn ranked(&mut self, campaign: &str) -> Result<u64> {
        let [ranking, details, meta, _] = self.ranking_keys(campaign);
        let (ranked, detailed, whole): (u64, u64, bool) =
            redis::pipe().zcard(ranking).hlen(details).hexists(meta, "whole").query_async(&mut self.redis).await?;
        Ok(if whole { ranked.min(detailed) } else { 0 })
    }

    /// Makes Redis forget the ranking of a campaign, as after a restart.
    pub async fn forget_ranking(&mut self, campaign: &str) -> Result<()> {
        let keys = self.ranking_keys(campaign);
        let _: u64 = self.redis.unlink(keys.as_slice()).await?;
        Ok(())
    }

    /// Ranking, details, state and the claim of a rebuild.
    fn ranking_keys(&self, campaign: &str) -> [String; 4] {
        ["bid", "bid_details", "bid_meta", "bid_rebuild"]
            .map(|name| format!("{}{name}:{{{campaign}}}", self.redis_prefix))
    }

    /// Writes out what is dirty, so that no measurement pays for the preparations before it.
    /// Where that is not allowed, PostgreSQL does it in its own time.
    pub async fn settle_down(&self) {
        for statement in ["VACUUM ANALYZE users, bids, bid_events", "CHECKPOINT"] {
            if let Err(error) = self.database.execute(statement).await {
                eprintln!("warning: {statement}: {error}");
            }
        }
    }
}

/// Makes an empty database on the server that the URL names.
pub async fn create_database(options: &StoreOptions, name: &str) -> Result<()> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || !name.starts_with(NAMES) {
        return Err(format!("the name of a benchmark's database is {NAMES} and letters or digits, not {name:?}").into());
    }
    let mut server = PgConnection::connect(&options.database_url).await?;
    server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    Ok(())
}

/// Deletes the databases and the Redis keys of all benchmarks, finished or killed.
pub async fn clean(options: &StoreOptions) -> Result<()> {
    let mut server = PgConnection::connect(&options.database_url).await?;
    let drops: Vec<String> = sqlx::query_scalar(
        "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname)
         FROM pg_database WHERE starts_with(datname, $1)",
    )
    .bind(NAMES)
    .fetch_all(&mut server)
    .await?;
    for drop in drops {
        server.execute(AssertSqlSafe(drop)).await?;
    }
    let mut redis = redis(options).await?;
    let mut cursor = 0;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{NAMES}*")).arg("COUNT").arg(KEYS_PER_SCAN);
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

async fn redis(options: &StoreOptions) -> Result<MultiplexedConnection> {
    if options.redis_url.contains(',') {
        return Err("the benchmark takes a single Redis, not a cluster".into());
    }
    let client = redis::Client::open(options.redis_url.as_str())?;
    Ok(client.get_multiplexed_async_connection().await?)
}
