//! How each fault is brought about, and ended.

use crate::{
    clients::{
        api::Api,
        bidders::{self, Bidder},
        never_reading,
    },
    error::{Error, Result},
    fault::{Fault, Store},
    record::Record,
    schedule::{END, SERVERS, Strike},
    system::{System, postgres::server_of, proxy::Traffic, server::has_libfaketime},
};
use domain::{CampaignId, Timestamp};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use redis::AsyncCommands;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{ops::RangeInclusive, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long a server may take to be ready again.
const READY_MAX: Duration = Duration::from_secs(20);
/// Pause before a server that ended at its start is started again.
const RESTART_AFTER: Duration = Duration::from_millis(500);
/// The delay of a slow network, one way.
const DELAY_MS: RangeInclusive<u64> = 2..=40;
/// How often PostgreSQL ends sessions.
const ENDINGS: u32 = 5;
/// How often PostgreSQL ends sessions that commit.
const INTERRUPTIONS_EVERY: Duration = Duration::from_millis(40);
/// How many bids a crowd sends.
const CROWD: usize = 500;
/// What an admin may be told who declares bids void.
const REFUSED: [&str; 2] = ["404 Not Found", "409 Conflict"];
/// How many bidders' bids are declared void.
const VOIDED: usize = 8;
/// By how much a campaign is extended.
const EXTENSION_MS: i64 = 1500;
/// How long before the end the locks of faults that wait for it are taken.
const BEFORE_END: Duration = Duration::from_millis(500);
/// How long the settler may take to come to the lock it is caught at.
const SETTLER_MAX: Duration = Duration::from_secs(8);

/// What faults act on.
pub struct Scene {
    /// The system.
    pub system: Arc<System>,
    /// The campaign that ends in the middle of the round, and the one that goes on.
    pub campaigns: [CampaignId; 2],
    /// When the first of them ends.
    pub end: Timestamp,
    /// The product of both.
    pub product_id: String,
    /// An admin.
    pub admin: Api,
    /// Those who bid.
    pub bidders: Vec<Bidder>,
    /// What clients see.
    pub record: Arc<Record>,
    /// When the round, and both campaigns, began.
    pub began: Instant,
}

/// Waits for its time, lets a fault happen and ends it.
pub async fn inject(scene: Arc<Scene>, strike: Strike) -> Result<()> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(strike.seed);
    let system = &scene.system;
    let waits_for_end = matches!(strike.fault, Fault::SettlerKilled | Fault::SettlerFrozen | Fault::BidsLocked);
    let at = if waits_for_end { END.saturating_sub(BEFORE_END) } else { strike.at };
    sleep_until(scene.began + at).await;
    match strike.fault {
        Fault::ServerKilled => {
            system.servers[strike.server].lock().await.kill();
            sleep(strike.lasts).await;
            system.servers[strike.server].lock().await.ensure_running()
        }
        Fault::ServerFrozen => {
            system.servers[strike.server].lock().await.freeze();
            sleep(strike.lasts).await;
            system.servers[strike.server].lock().await.thaw();
            Ok(())
        }
        Fault::Deploy => {
            for server in 0..SERVERS {
                replace(system, server, None).await?;
            }
            Ok(())
        }
        Fault::ClockWrong => {
            if !has_libfaketime() {
                scene.record.note("the clock was not wrong: libfaketime is not installed");
            }
            replace(system, strike.server, Some(if rng.random() { "+600" } else { "-600" })).await?;
            sleep(strike.lasts).await;
            replace(system, strike.server, None).await
        }
        Fault::SettlerKilled | Fault::SettlerFrozen => strike_settler(&scene, strike).await,
        Fault::BidsLocked => {
            lock_bids(&scene, strike.lasts).await;
            Ok(())
        }
        Fault::PostgresKilled => {
            system.postgres.lock().await.kill();
            sleep(strike.lasts).await;
            system.postgres.lock().await.ensure_running().await
        }
        Fault::PostgresFrozen => {
            system.postgres.lock().await.freeze();
            sleep(strike.lasts).await;
            system.postgres.lock().await.thaw();
            Ok(())
        }
        Fault::SessionsEnded => end_sessions(system, strike.lasts).await,
        Fault::CommitsInterrupted => interrupt_commits(&scene, strike.lasts).await,
        Fault::DiskFull => {
            if !system.postgres.lock().await.fill_disk().await? {
                scene.record.note("the disk was not filled: this user may not mount a file system");
            }
            sleep(strike.lasts).await;
            system.postgres.lock().await.ensure_running().await
        }
        Fault::RedisKilled => {
            system.redis.lock().await.stop();
            sleep(strike.lasts).await;
            system.redis.lock().await.restart().await;
            Ok(())
        }
        Fault::RedisFrozen => {
            system.redis.lock().await.pause();
            sleep(strike.lasts).await;
            system.redis.lock().await.resume();
            Ok(())
        }
        Fault::RedisEmptied => {
            system.redis.lock().await.flush_all().await;
            Ok(())
        }
        Fault::RedisTampered => tamper(&scene, &mut rng).await,
        Fault::RedisRolledBack => roll_back(system, strike.lasts).await,
        Fault::PostgresSlow
        | Fault::PostgresReset
        | Fault::PostgresHalfOpen
        | Fault::PostgresBlackHoled
        | Fault::PostgresVanished => {
            disturb(system, Store::Postgres, &strike, &mut rng).await;
            Ok(())
        }
        Fault::RedisSlow | Fault::RedisReset | Fault::RedisHalfOpen | Fault::RedisBlackHoled | Fault::RedisVanished => {
            disturb(system, Store::Redis, &strike, &mut rng).await;
            Ok(())
        }
        Fault::NeverReading => {
            let address = system.servers[strike.server].lock().await.address;
            // A task of its own: it writes all the time, and would use up the turns of the other faults.
            Ok(tokio::spawn(never_reading::run(address, scene.campaigns[1], strike.lasts)).await?)
        }
        Fault::Crowd => {
            bidders::crowd(&scene.bidders, scene.campaigns[1], CROWD, strike.seed, &scene.record).await;
            Ok(())
        }
        Fault::Edited => edit(&scene).await,
        Fault::BidsVoided => declare_void(&scene, strike.lasts, &mut rng).await,
        Fault::Migrated => migrate(&scene, strike.lasts).await,
    }
}

/// Shuts a server down gracefully, starts another in its place and waits until it is in use.
async fn replace(system: &System, server: usize, clock: Option<&str>) -> Result<()> {
    let mut process = system.servers[server].lock().await;
    process.terminate().await?;
    // The balancer must have seen that it is gone: otherwise it would find the new one ready before it is.
    let began = Instant::now();
    while system.balancer.is_ready(server) && began.elapsed() < READY_MAX {
        sleep(Duration::from_millis(10)).await;
    }
    process.launch(clock)?;
    let began = Instant::now();
    while !system.balancer.is_ready(server) {
        // A server that cannot reach PostgreSQL at its start ends, and whoever runs it starts it again.
        if process.has_crashed() {
            sleep(RESTART_AFTER).await;
            process.launch(clock)?;
        }
        if began.elapsed() > READY_MAX {
            return Err(format!("server {server} is not ready").into());
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

async fn strike_settler(scene: &Scene, strike: Strike) -> Result<()> {
    let server = match catch_settler(scene, strike.fault).await {
        Ok(server) => server,
        Err(error) => {
            scene.record.note(&format!("no server was caught settling: {error}"));
            return Ok(());
        }
    };
    sleep(strike.lasts).await;
    scene.system.servers[server].lock().await.ensure_running()
}

/// Holds the row that a settlement locks second, waits until a server stands before it in its transaction, and kills or
/// freezes that server.
///
/// # Errors
/// If none came, or if PostgreSQL fails at the same time and the lock is lost.
async fn catch_settler(scene: &Scene, fault: Fault) -> Result<usize> {
    let system = &scene.system;
    let mut holder = system.database.begin().await?;
    // Bids only need the row's key.
    let lock = sqlx::query("SELECT FROM products WHERE product_id = $1::uuid FOR NO KEY UPDATE");
    lock.bind(&scene.product_id).execute(&mut *holder).await?;
    let settler = timeout(SETTLER_MAX, wait_for_settler(system)).await.map_err(|_| "none came")??;
    let mut process = system.servers[settler].lock().await;
    match fault {
        Fault::SettlerKilled => process.kill(),
        _ => process.freeze(),
    }
    holder.rollback().await?;
    Ok(settler)
}

/// Waits until a server waits for the lock of its settlement, and returns which.
async fn wait_for_settler(system: &System) -> Result<usize> {
    loop {
        // On a connection of its own: a transaction sees the statements of others as they were at its first look.
        let waiting: Option<String> = sqlx::query_scalar(
            "SELECT usename::text FROM pg_stat_activity
             WHERE wait_event_type = 'Lock' AND usename LIKE 'server%'
                 -- Edits of the product lock the row in other ways.
                 AND query LIKE 'SELECT stock FROM products%' LIMIT 1",
        )
        .fetch_optional(&system.database)
        .await?;
        if let Some(server) = waiting.as_deref().and_then(server_of) {
            return Ok(server);
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Locks the standing bids of the campaign that ends: their bidders' bids wait inside the statements that write
/// them, and settlement has to wait for those.
async fn lock_bids(scene: &Scene, lasts: Duration) {
    let held = async {
        let lock = scene.system.lock_bids(scene.campaigns[0]).await?;
        sleep(lasts).await;
        Ok::<_, Error>(lock.rollback().await?)
    };
    // If PostgreSQL fails at the same time, the lock is lost.
    if let Err(error) = held.await {
        scene.record.note(&format!("the standing bids were not locked all the time: {error}"));
    }
}

async fn end_sessions(system: &System, lasts: Duration) -> Result<()> {
    for _ in 0..ENDINGS {
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'server%'")
            .execute(&system.database)
            .await?;
        sleep(lasts / ENDINGS).await;
    }
    Ok(())
}

/// Lets every commit wait for a standby that does not exist, and ends the sessions that wait. What they committed is durable
/// by then.
async fn interrupt_commits(scene: &Scene, lasts: Duration) -> Result<()> {
    let database = &scene.system.database;
    set_standby(database, "'nobody'").await?;
    let interrupt = async {
        let (began, mut interrupted) = (Instant::now(), 0);
        while began.elapsed() < lasts {
            let ended = sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE usename LIKE 'server%' AND wait_event = 'SyncRep'",
            );
            interrupted += ended.execute(database).await?.rows_affected();
            sleep(INTERRUPTIONS_EVERY).await;
        }
        Ok::<_, Error>(interrupted)
    };
    let interrupted = interrupt.await;
    // Those that still wait are told that their commit is complete.
    set_standby(database, "DEFAULT").await?;
    if interrupted? == 0 {
        scene.record.note("no commit was interrupted");
    }
    Ok(())
}

/// Sets the standbys that a commit waits for.
async fn set_standby(database: &PgPool, value: &'static str) -> Result<()> {
    let set = sqlx::AssertSqlSafe(format!("ALTER SYSTEM SET synchronous_standby_names = {value}"));
    sqlx::query(set).execute(database).await?;
    sqlx::query("SELECT pg_reload_conf()").execute(database).await?;
    Ok(())
}

/// What programs that share a Redis, or its eviction, may do to a ranking.
async fn tamper(scene: &Scene, rng: &mut Xoshiro256PlusPlus) -> Result<()> {
    let mut redis = scene.system.redis.lock().await.connection().await;
    for campaign in scene.campaigns {
        let (ranking, meta) = (format!("bid:{{{campaign}}}"), format!("bid_meta:{{{campaign}}}"));
        let details = format!("bid_details:{{{campaign}}}");
        match rng.random_range(0..5) {
            0 => redis.zadd::<_, _, _, ()>(&ranking, "foreign", 1e12).await?,
            1 => redis.zpopmax::<_, ()>(&ranking, 3).await?,
            2 => redis.del::<_, ()>(&ranking).await?,
            3 => redis.del::<_, ()>(&details).await?,
            _ => redis.del::<_, ()>(&meta).await?,
        }
    }
    Ok(())
}

/// Sets Redis back to what it was when the fault began.
async fn roll_back(system: &System, lasts: Duration) -> Result<()> {
    let mut redis = system.redis.lock().await.connection().await;
    let keys: Vec<String> = redis.keys("*").await?;
    let mut read = redis::pipe();
    read.atomic();
    for key in &keys {
        read.cmd("DUMP").arg(key).cmd("PTTL").arg(key);
    }
    let values: Vec<redis::Value> = read.query_async(&mut redis).await?;
    sleep(lasts).await;
    let mut write = redis::pipe();
    write.atomic().cmd("FLUSHALL").ignore();
    for (key, value) in keys.iter().zip(values.chunks_exact(2)) {
        // A key that has expired meanwhile has neither.
        if let [redis::Value::BulkString(value), redis::Value::Int(ttl)] = value {
            write.cmd("RESTORE").arg(key).arg((*ttl).max(0)).arg(value.as_slice()).ignore();
        }
    }
    Ok(write.query_async(&mut redis).await?)
}

/// Disturbs the network between a store and one server, or all of them.
async fn disturb(system: &System, store: Store, strike: &Strike, rng: &mut Xoshiro256PlusPlus) {
    let concerns_all = rng.random_bool(0.3);
    let servers = (0..SERVERS).filter(|server| concerns_all || *server == strike.server);
    let proxies: Vec<_> = servers.map(|server| system.proxies[server].to(store)).collect();
    let (traffic, reset_after) = match strike.fault {
        Fault::PostgresReset | Fault::RedisReset => {
            let resets: u32 = rng.random_range(1..=4);
            for _ in 0..resets {
                for proxy in &proxies {
                    proxy.reset_all();
                }
                sleep(strike.lasts / resets).await;
            }
            return;
        }
        Fault::PostgresVanished | Fault::RedisVanished => {
            for proxy in &proxies {
                proxy.lose_all();
            }
            return;
        }
        Fault::PostgresSlow | Fault::RedisSlow => {
            (Traffic::IsSlow(Duration::from_millis(rng.random_range(DELAY_MS))), false)
        }
        Fault::PostgresHalfOpen | Fault::RedisHalfOpen => (Traffic::IsHalfOpen, true),
        _ => (Traffic::Stands, rng.random()),
    };
    for proxy in &proxies {
        proxy.set(traffic);
    }
    sleep(strike.lasts).await;
    for proxy in proxies {
        if reset_after {
            proxy.reset_all();
        }
        proxy.heal();
    }
}

/// Extends the campaign that is about to end, and renames the product.
async fn edit(scene: &Scene) -> Result<()> {
    let path = format!("/api/v1/campaigns/{}", scene.campaigns[0]);
    let extension = json!({ "end_time": scene.end.plus_millis(EXTENSION_MS) });
    // After the end this is refused, which is right.
    let extended: Result<Value> = scene.admin.send(Method::PATCH, &path, Some(&extension)).await;
    let path = format!("/api/v1/products/{}", scene.product_id);
    let renamed: Result<Value> = scene.admin.send(Method::PATCH, &path, Some(&json!({ "name": "Edited" }))).await;
    for error in [extended.err(), renamed.err()].into_iter().flatten() {
        scene.record.note(&format!("an edit failed: {error}"));
    }
    Ok(())
}

/// Declares bids of some bidders void in both campaigns, one after the other, and makes every other one valid again.
async fn declare_void(scene: &Scene, lasts: Duration, rng: &mut Xoshiro256PlusPlus) -> Result<()> {
    let bidders: Vec<&Bidder> = scene.bidders.sample(rng, VOIDED).collect();
    for (n, bidder) in bidders.iter().enumerate() {
        for campaign in scene.campaigns {
            let path = format!("/api/v1/campaigns/{campaign}/bids/{}/void", bidder.user_id);
            let reason = json!({ "reason": "a slip of the pen" });
            let mut done: Result<Value> = scene.admin.send(Method::PUT, &path, Some(&reason)).await;
            if n % 2 == 0 && done.is_ok() {
                sleep(lasts / (4 * u32::try_from(VOIDED).unwrap_or(1))).await;
                done = scene.admin.send(Method::DELETE, &path, None).await;
            }
            // There may be no bid yet (404), or a new one already, and after the end it is refused (409).
            let other =
                done.err().map(|error| error.to_string()).filter(|error| !REFUSED.iter().any(|it| error.contains(it)));
            if let Some(error) = other {
                scene.record.note(&format!("a bid was not declared void or made valid again: {error}"));
            }
        }
        sleep(lasts / u32::try_from(VOIDED).unwrap_or(1)).await;
    }
    Ok(())
}

/// Runs `gavel migrate`, then what the next version's migration might do to the busiest tables, and undoes that.
async fn migrate(scene: &Scene, lasts: Duration) -> Result<()> {
    let system = &scene.system;
    let url = system.postgres.lock().await.url();
    system.servers[0].lock().await.settings.migrate(&url).await?;
    for table in ["bids", "bid_events", "campaigns", "campaign_totals", "products", "users"] {
        alter(system, &format!("ALTER TABLE {table} ADD COLUMN IF NOT EXISTS of_next_version TEXT")).await?;
    }
    // One that was interrupted before is there, but invalid.
    sqlx::query("DROP INDEX CONCURRENTLY IF EXISTS idx_of_next_version").execute(&system.database).await?;
    let index = "CREATE INDEX CONCURRENTLY idx_of_next_version ON bids (campaign_id, accepted_at)";
    sqlx::query(index).execute(&system.database).await?;
    sleep(lasts).await;
    sqlx::query("DROP INDEX CONCURRENTLY idx_of_next_version").execute(&system.database).await?;
    for table in ["bids", "bid_events", "campaigns", "campaign_totals", "products", "users"] {
        alter(system, &format!("ALTER TABLE {table} DROP COLUMN IF EXISTS of_next_version")).await?;
    }
    Ok(())
}

/// Changes a table the way a migration under load must: it gives up soon, rather than make all bids wait behind it, and
/// tries again.
async fn alter(system: &System, statement: &str) -> Result<()> {
    let attempts = async {
        loop {
            let mut transaction = system.database.begin().await?;
            sqlx::query("SET LOCAL lock_timeout = '200ms'").execute(&mut *transaction).await?;
            let statement = sqlx::AssertSqlSafe(statement.to_owned());
            if sqlx::query(statement).execute(&mut *transaction).await.is_ok() {
                transaction.commit().await?;
                return Ok(());
            }
            transaction.rollback().await?;
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(READY_MAX, attempts).await.map_err(|_| format!("{statement}: no lock"))?
}
