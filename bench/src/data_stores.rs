//! Direct connections to the server's PostgreSQL and Redis: what is read and prepared there without the server.

use crate::{cli::StoreOptions, error::Result};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use sqlx::{Executor, PgPool, postgres::PgPoolOptions};

/// Connections to the same PostgreSQL and Redis as the server's.
pub struct DataStores {
    /// PostgreSQL.
    pub database: PgPool,
    /// Redis.
    pub redis: MultiplexedConnection,
    /// Prefix of the server's Redis keys.
    pub redis_prefix: String,
}

impl DataStores {
    /// Opens the connections.
    pub async fn connect(options: &StoreOptions) -> Result<Self> {
        let database = PgPoolOptions::new().max_connections(2).connect(&options.database_url).await?;
        let redis = connect_redis(options).await?;
        Ok(Self { database, redis, redis_prefix: options.redis_prefix.clone() })
    }

    /// The version of a campaign, a parameter of the statement that writes bids.
    pub async fn campaign_version(&self, campaign: &str) -> Result<i64> {
        let version = sqlx::query_scalar("SELECT version FROM campaigns WHERE campaign_id = $1::uuid");
        Ok(version.bind(campaign).fetch_one(&self.database).await?)
    }

    /// How many bids of a campaign were accepted.
    pub async fn accepted_bids(&self, campaign: &str) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM bid_events WHERE campaign_id = $1::uuid");
        Ok(count.bind(campaign).fetch_one(&self.database).await?.unsigned_abs())
    }

    /// How many orders a campaign has.
    pub async fn orders(&self, campaign: &str) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders WHERE campaign_id = $1::uuid");
        Ok(count.bind(campaign).fetch_one(&self.database).await?.unsigned_abs())
    }

    /// Deletes all bids, so that the next measurement starts with empty tables.
    pub async fn clear_bids(&self) -> Result<()> {
        sqlx::query("TRUNCATE bids, bid_events, campaign_totals").execute(&self.database).await?;
        Ok(())
    }

    /// Writes dirty pages to disk, so that no measurement pays for the preparations before it.
    /// Where the user may not do that, PostgreSQL will in its own time.
    pub async fn vacuum_and_checkpoint(&self) {
        for statement in ["VACUUM ANALYZE users, bids, bid_events", "CHECKPOINT"] {
            if let Err(error) = self.database.execute(statement).await {
                eprintln!("warning: {statement}: {error}");
            }
        }
    }

    /// How many bidders the ranking of a campaign has in Redis; 0 while it is incomplete.
    pub async fn ranked_bidders(&mut self, campaign: &str) -> Result<u64> {
        let [ranking, details, meta, _] = self.ranking_keys(campaign);
        let (ranked, detailed, complete): (u64, u64, bool) =
            redis::pipe().zcard(ranking).hlen(details).hexists(meta, "whole").query_async(&mut self.redis).await?;
        Ok(if complete { ranked.min(detailed) } else { 0 })
    }

    /// Deletes the ranking of a campaign from Redis, as if Redis had restarted empty.
    pub async fn delete_ranking(&mut self, campaign: &str) -> Result<()> {
        let keys = self.ranking_keys(campaign);
        let _: u64 = self.redis.unlink(keys.as_slice()).await?;
        Ok(())
    }

    /// The engine's keys: ranking, details, state, and the lock of a rebuild.
    fn ranking_keys(&self, campaign: &str) -> [String; 4] {
        ["bid", "bid_details", "bid_meta", "bid_rebuild"]
            .map(|name| format!("{}{name}:{{{campaign}}}", self.redis_prefix))
    }
}

/// Connects to Redis.
pub async fn connect_redis(options: &StoreOptions) -> Result<MultiplexedConnection> {
    if options.redis_url.contains(',') {
        return Err("the benchmark needs a single Redis, not a cluster".into());
    }
    let client = redis::Client::open(options.redis_url.as_str())?;
    Ok(client.get_multiplexed_async_connection().await?)
}
