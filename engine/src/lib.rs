//! Gavel's bidding core: the only place with SQL, Redis and Lua.
//!
//! [`Engine`] is its whole surface; its methods live with their subjects:
//! [accounts](mod@accounts), catalog, bids, ranking, settlement and orders. PostgreSQL holds the
//! truth, Redis a projection that may be lost at any moment.

mod accounts;
mod audit;
mod bids;
mod catalog;
mod clock;
mod config;
mod error;
mod feed;
pub mod metrics;
mod orders;
mod ranking;
mod seed;
mod settlement;
mod store;

pub use accounts::{AttemptKind, Session};
pub use clock::Clock;
pub use config::{EngineConfig, SignInLimits};
pub use error::{Error, Result};
pub use feed::{Frame, Subscription};
pub use seed::SeedOptions;

use accounts::Accounts;
use bids::Committer;
use catalog::{Campaigns, Stock};
use domain::{CampaignId, Timestamp, UserId};
use feed::Feed;
use ranking::Rankings;
use settlement::Settlement;
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use store::{keys::Keys, postgres, redis::Redis};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// How often the offset to PostgreSQL's clock is estimated anew.
const CLOCK_REFRESH: Duration = Duration::from_secs(5);

/// The bidding core. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    database: PgPool,
    redis: Redis,
    clock: Clock,
    accounts: Accounts,
    campaigns: Arc<Campaigns>,
    rankings: Rankings,
    feed: Feed,
    committer: Arc<Committer>,
    settlement: Settlement,
    stock: Stock,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Whether what the engine depends on is there.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// PostgreSQL answers.
    pub database: bool,
    /// Its schema is the one this binary expects.
    pub migrated: bool,
    /// Redis answers. Without it the engine works on, slower.
    pub redis: bool,
}

impl Engine {
    /// Connects to the stores and goes by PostgreSQL's clock.
    pub async fn connect(config: EngineConfig) -> Result<Self> {
        let database = postgres::connect(&config).await?;
        let clock = Clock::of_database(&database).await?;
        Self::assemble(&config, database, clock)
    }

    /// Connects to the stores and goes by the given clock, for tests.
    pub async fn connect_with_clock(config: EngineConfig, clock: Clock) -> Result<Self> {
        let database = postgres::connect(&config).await?;
        Self::assemble(&config, database, clock)
    }

    fn assemble(config: &EngineConfig, database: PgPool, clock: Clock) -> Result<Self> {
        let redis = Redis::connect(config)?;
        let keys = Keys::new(&config.redis_prefix);
        let campaigns = Arc::new(Campaigns::new());
        let rankings = Rankings::new(database.clone(), redis.clone(), keys.clone());
        let feed = Feed::new(database.clone(), campaigns.clone(), rankings.clone(), clock.clone());
        Ok(Self(Arc::new(Inner {
            accounts: Accounts::new(config, &redis, &keys, &clock)?,
            committer: Arc::new(Committer::new(
                database.clone(),
                rankings.clone(),
                feed.clone(),
                config.bid_queue_max,
                config.bid_wait_max,
            )),
            settlement: Settlement::default(),
            stock: Stock::new(redis.clone(), keys.clone()),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            database,
            redis,

            clock,
            campaigns,
            rankings,
            feed,
        })))
    }

    /// Brings the schema up to date. Safe to run from several processes at once.
    pub async fn migrate(&self) -> Result<()> {
        postgres::MIGRATOR.run(self.database()).await?;
        Ok(())
    }

    /// Starts the tasks of a serving process: settlement and the clock's refresh.
    pub fn start(&self) {
        let inner = &self.0;
        let settlement = inner.stop.clone().run_until_cancelled_owned(self.clone().run_settlement());
        inner.tasks.spawn(settlement);
        let refresh = inner.stop.clone().run_until_cancelled_owned(self.clone().run_clock());
        inner.tasks.spawn(refresh);
    }

    /// Stops: answers every bid that was taken, ends the feeds and the tasks, closes the pool.
    pub async fn shut_down(&self) {
        self.committer().drain().await;
        self.feed().stop().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.database().close().await;
    }

    /// Asks the stores whether they are there.
    pub async fn health(&self) -> Health {
        let migrated = postgres::is_migrated(self.database()).await;
        Health {
            database: migrated.is_ok(),
            migrated: migrated.unwrap_or(false),
            redis: self.0.redis.ping().await.is_ok(),
        }
    }

    /// The time everything goes by.
    pub fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Opens the live feed of a campaign for a user, or for a spectator.
    pub async fn subscribe(&self, campaign: CampaignId, user: Option<UserId>) -> Result<Subscription> {
        self.feed().subscribe(campaign, user).await
    }

    async fn run_clock(self) {
        loop {
            tokio::time::sleep(CLOCK_REFRESH).await;
            if let Err(error) = self.clock().refresh(self.database()).await {
                tracing::warn!(%error, "the database's clock could not be read; the last estimate goes on");
            }
            metrics::CLOCK_ERROR_SECONDS.set(self.clock().error_seconds());
        }
    }

    fn database(&self) -> &PgPool {
        &self.0.database
    }

    fn clock(&self) -> &Clock {
        &self.0.clock
    }

    fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    fn campaign_cache(&self) -> &Campaigns {
        &self.0.campaigns
    }

    fn rankings(&self) -> &Rankings {
        &self.0.rankings
    }

    fn feed(&self) -> &Feed {
        &self.0.feed
    }

    fn committer(&self) -> &Arc<Committer> {
        &self.0.committer
    }

    fn settlement(&self) -> &Settlement {
        &self.0.settlement
    }

    fn stock(&self) -> &Stock {
        &self.0.stock
    }
}

/// A fresh id. Ordered by time (version 7), so that indexes grow at their end; the time in it is
/// the machine's and means nothing.
fn new_id() -> Uuid {
    Uuid::now_v7()
}
