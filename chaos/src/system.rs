//! The system under test: PostgreSQL, Redis, three servers that reach both through proxies of their own, and a balancer
//! in front of the servers; on request, a `PgBouncer` between each server's proxy and PostgreSQL.

pub mod balancer;
pub mod pgbouncer;
pub mod postgres;
pub mod processes;
pub mod proxy;
pub mod server;

use crate::{cli::Cli, error::Result, fault::Store, schedule::SERVERS};
use balancer::Balancer;
use domain::CampaignId;
use pgbouncer::PgBouncer;
use postgres::Postgres;
use proxy::Proxy;
use server::{Server, ServerSettings};
use sqlx::{PgPool, Transaction, postgres::PgPoolOptions};
use std::{path::PathBuf, time::Duration};
use testkit::RedisServer;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use uuid::Uuid;

/// How long the system may take to be ready at first.
const START_MAX: Duration = Duration::from_mins(1);

/// All processes and proxies.
pub struct System {
    /// PostgreSQL, on a disk of its own where that is allowed.
    pub postgres: Mutex<Postgres>,
    /// Redis.
    pub redis: Mutex<RedisServer>,
    /// The servers.
    pub servers: Vec<Mutex<Server>>,
    /// The proxies of each server to PostgreSQL and to Redis.
    pub proxies: Vec<Proxies>,
    /// The `PgBouncer`s of the servers, if they have any.
    _poolers: Vec<PgBouncer>,
    /// What clients connect to.
    pub balancer: Balancer,
    /// Connections to PostgreSQL that no fault of the network touches.
    pub database: PgPool,
    /// Signs the tokens of sessions.
    pub jwt_secret: String,
}

/// The proxies of one server.
pub struct Proxies {
    /// To PostgreSQL.
    pub postgres: Proxy,
    /// To Redis.
    pub redis: Proxy,
}

impl Proxies {
    /// The proxy to a store.
    pub fn to(&self, store: Store) -> &Proxy {
        match store {
            Store::Postgres => &self.postgres,
            Store::Redis => &self.redis,
        }
    }
}

impl System {
    /// Starts everything and waits until it is ready.
    pub async fn start(cli: &Cli) -> Result<Self> {
        let out = std::path::absolute(&cli.out)?;
        std::fs::create_dir_all(out.join("site/pkg"))?;
        std::fs::write(out.join("site/hash.txt"), "")?;
        let postgres = Postgres::start(cli.postgres_bin.as_deref(), out.join("postgres.log")).await?;
        let redis = RedisServer::start().await;
        let jwt_secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let (mut servers, mut proxies, mut poolers) = (Vec::new(), Vec::new(), Vec::new());
        let redis_at = ([127, 0, 0, 1], redis.port()).into();
        for number in 0..SERVERS {
            let postgres_at = if cli.pgbouncer {
                let log = out.join(format!("pgbouncer-{number}.log"));
                let pooler = PgBouncer::start(postgres.address(), number, &log).await?;
                let address = pooler.address();
                poolers.push(pooler);
                address
            } else {
                postgres.address()
            };
            let own = Proxies { postgres: Proxy::to(postgres_at).await?, redis: Proxy::to(redis_at).await? };
            let settings = ServerSettings {
                binary: std::path::absolute(&cli.server)?,
                database_url: Postgres::url_at(own.postgres.address(), number),
                database_is_pooled: cli.pgbouncer,
                redis_url: format!("redis://{}", own.redis.address()),
                jwt_secret: jwt_secret.clone(),
                site_root: out.join("site"),
                log: out.join(format!("server-{number}.log")),
                connections_max: None,
            };
            if number == 0 {
                settings.migrate(&postgres.url()).await?;
            }
            servers.push(Server::start(settings)?);
            proxies.push(own);
        }
        let balancer = Balancer::before(&servers).await?;
        let database = PgPoolOptions::new().max_connections(8).connect(&postgres.url()).await?;
        let (postgres, redis) = (Mutex::new(postgres), Mutex::new(redis));
        let servers = servers.into_iter().map(Mutex::new).collect();
        let system = Self { postgres, redis, servers, proxies, _poolers: poolers, balancer, database, jwt_secret };
        system.wait_until_ready(START_MAX).await?;
        Ok(system)
    }

    /// Waits until the balancer sends clients to all servers.
    pub async fn wait_until_ready(&self, at_most: Duration) -> Result<()> {
        let began = Instant::now();
        while !self.balancer.all_ready() {
            if began.elapsed() > at_most {
                return Err(format!("not all servers are ready after {:.1} s", at_most.as_secs_f64()).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Locks the standing bids of a campaign for as long as the transaction lasts: their bidders' bids wait
    /// inside the statements that write them.
    pub async fn lock_bids(&self, campaign: CampaignId) -> Result<Transaction<'static, sqlx::Postgres>> {
        let mut lock = self.database.begin().await?;
        // In the order in which bids take these locks.
        let bids = sqlx::query("SELECT FROM bids WHERE campaign_id = $1 ORDER BY user_id FOR UPDATE");
        bids.bind(campaign.0).execute(&mut *lock).await?;
        Ok(lock)
    }

    /// Ends every fault of the network and sees to it that all processes run.
    pub async fn heal(&self) -> Result<()> {
        for proxies in &self.proxies {
            proxies.postgres.heal();
            proxies.redis.heal();
        }
        self.postgres.lock().await.ensure_running().await?;
        self.redis.lock().await.ensure_running().await;
        for server in &self.servers {
            server.lock().await.ensure_running()?;
        }
        Ok(())
    }
}

/// The newest folder of PostgreSQL's programs.
fn newest_postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(|entry| Some(entry.ok()?.path())).max_by_key(|path| version(path))?;
    Some(newest.join("bin"))
}
