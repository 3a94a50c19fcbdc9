//! Gavel's bidding core: the only place with SQL, Redis and Lua.
//!
//! [`Engine`] is its whole surface; its methods live with their subjects:
//! [accounts](mod@accounts), catalog, bids, ranking, settlement and orders. PostgreSQL holds the
//! truth, Redis a projection that may be lost at any moment.

mod accounts;
mod admin;
mod audit;
mod bids;
mod bus;
mod catalog;
mod clock;
mod config;
mod error;
mod feed;
mod forms;
pub mod metrics;
mod orders;
mod ranking;
mod seed;
mod settlement;
mod store;
mod threads;

pub use accounts::{AttemptKind, Session};
pub use admin::{
    AuditEntry, AuditLog, BidLine, CampaignSample, OrderLine, ParticipantLine, ProcessNumbers, StockedProduct,
    StockedProducts, UserList,
};
pub use bids::{MyBid, MyBids};
pub use catalog::{Shelf, ShelfCampaign, ShelfCounts};
pub use clock::Clock;
pub use config::{EngineConfig, SignInLimits};
pub use error::{Error, Result};
pub use feed::{Frame, Subscription};
pub use forms::KeptForm;
pub use orders::SettlementProof;
pub use seed::SeedOptions;
pub use threads::{Threads, Urgency};

use accounts::Accounts;
use admin::Latency;
use bids::{CommitRuntime, Committer, Stores};
use bus::{Bus, Heard, Listener, Message};
use catalog::{Campaigns, Stock};
use domain::{CampaignId, Timestamp, UserId};
use feed::Feed;
use ranking::Rankings;
use settlement::Settlement;
use sqlx::{Postgres, Transaction};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{database::Database, keys::Keys, postgres, redis::Redis};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// How often the offset to PostgreSQL's clock is estimated anew.
const CLOCK_REFRESH: Duration = Duration::from_secs(5);

/// The bidding core. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    database: Database,
    redis: Redis,
    keys: Keys,
    process: Uuid,
    clock: Clock,
    accounts: Accounts,
    campaigns: Campaigns,
    rankings: Rankings,
    feed: Feed,
    bus: Bus,
    listener: Mutex<Option<Listener>>,
    committer: Arc<Committer>,
    settlement: Settlement,
    stock: Stock,
    latency: Latency,
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

    fn assemble(config: &EngineConfig, database: Database, clock: Clock) -> Result<Self> {
        let runtime = CommitRuntime::start()?;
        let (redis, commit_database) = runtime.connect(config)?;
        let keys = Keys::new(&config.redis_prefix);
        // Tells this process's messages and totals from others'; a new one at every start.
        let process = Uuid::new_v4();
        let campaigns = Campaigns::new(database.clone(), redis.clone(), keys.clone(), clock.clone());
        let rankings = Rankings::new(database.clone(), redis.clone(), keys.clone());
        let (bus, listener) = Bus::new(config, process, redis.clone(), keys.clone())?;
        let feed = Feed::new(database.clone(), campaigns.clone(), rankings.clone(), clock.clone(), bus.clone());
        let stores = Stores {
            database: commit_database,
            rankings: rankings.clone(),
            feed: feed.clone(),
            bus: bus.clone(),
            process,
        };
        Ok(Self(Arc::new(Inner {
            accounts: Accounts::new(config, &redis, &keys, &clock)?,
            committer: Arc::new(Committer::new(runtime, stores, config.bid_queue_max, config.bid_wait_max)),
            settlement: Settlement::default(),
            stock: Stock::new(redis.clone(), keys.clone()),
            latency: Latency::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            listener: Mutex::new(Some(listener)),
            database,
            redis,
            keys,
            process,
            clock,
            campaigns,
            rankings,
            feed,
            bus,
        })))
    }

    /// Brings the schema up to date. Safe to run from several processes at once.
    pub async fn migrate(&self) -> Result<()> {
        let sessions = self.database().sessions().ok_or_else(|| {
            Error::Internal("migrations need a session: DATABASE_URL must lead to PostgreSQL itself".to_owned())
        })?;
        postgres::MIGRATOR.run(sessions).await?;
        Ok(())
    }

    /// Starts the tasks of a serving process: settlement, repair, sampling, the ear for other
    /// processes and the clock's refresh.
    pub fn start(&self) {
        metrics::register();
        metrics::CLOCK_ERROR_SECONDS.set(self.clock().error_seconds());
        self.spawn(self.clone().run_settlement());
        self.spawn(self.clone().run_clock());
        self.spawn(self.clone().run_sampling());
        self.spawn(self.rankings().clone().run_repair(self.clock().clone()));
        let listener = self.0.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(listener) = listener {
            self.spawn(listener.run(self.clone()));
        }
    }

    /// Makes a committed change known, to the end even if whoever asked for it hangs up.
    async fn after_commit(&self, task: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
        tokio::spawn(task).await.map_err(|_| Error::Internal("a change was not made known".to_owned()))?
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.0.stop.clone().run_until_cancelled_owned(task);
        self.0.tasks.spawn(task);
    }

    /// What other processes say.
    async fn hear(&self, heard: Heard) {
        match heard {
            Heard::Message(Message::BidsAccepted(campaign, accepted)) => {
                self.rankings().changed();
                self.feed().bids_accepted(campaign, &accepted);
            }
            Heard::Message(Message::BidsKept(campaign, bidders)) => self.feed().bids_kept(campaign, &bidders),
            Heard::Message(Message::CampaignChanged(campaign, event)) => {
                self.campaign_cache().forget(campaign).await;
                self.hear_campaign_changed(campaign, event.as_deref());
            }
            Heard::Message(Message::ProductChanged) => self.campaign_cache().forget_all(),
            Heard::Message(Message::UserChanged(user)) => {
                self.accounts().forget(user).await;
                self.tell_accounts(vec![user]);
            }
            Heard::Resync => {
                self.campaign_cache().forget_all();
                self.accounts().forget_all();
                self.tell_accounts(self.feed().users());
                self.rankings().changed();
                self.settlement().reschedule();
                self.feed().everything_changed();
            }
        }
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
        let subscription = self.feed().subscribe(campaign, user).await?;
        // Edited or blocked just before they were there to be told?
        self.tell_accounts(user.into_iter().collect());
        Ok(subscription)
    }

    /// Waits until it is `time`.
    pub async fn sleep_until(&self, time: Timestamp) {
        self.clock().sleep_until(time).await;
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

    /// A transaction in which everything is read as of one instant: a page and its total agree.
    async fn snapshot(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.database().snapshot().await?)
    }

    fn database(&self) -> &Database {
        &self.0.database
    }

    fn keys(&self) -> &Keys {
        &self.0.keys
    }

    fn process(&self) -> Uuid {
        self.0.process
    }

    fn bus(&self) -> &Bus {
        &self.0.bus
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

    fn latency(&self) -> &Latency {
        &self.0.latency
    }
}

/// A fresh id. Ordered by time (version 7), so that indexes grow at their end; the time in it is
/// the machine's and means nothing.
fn new_id() -> Uuid {
    Uuid::now_v7()
}
