//! Gavel's bidding core: all SQL, Redis commands and Lua are here.
//!
//! [`Engine`] builds, starts, stops and holds the services; each service is the public API of one subject. PostgreSQL
//! decides every result. Redis holds a projection of it that may be lost at any moment.
//!
//! The `# Errors` sections name the stable codes ([`domain::ErrorCode`]) that are particular to a method. Every method
//! that accesses PostgreSQL can also fail with `UNAVAILABLE` if it does not answer, and with `INTERNAL` after a bug.

mod accounts;
mod audit;
mod authorization;
mod bidding;
mod catalog;
mod clock;
mod demo_data;
mod edit_precondition;
mod engine_config;
mod error;
mod events;
mod export_rows;
mod hex;
mod idempotency_key;
mod live;
mod mailer;
mod message_bus;
pub mod metrics;
mod monitoring;
mod new_id;
mod orders;
mod personal_records;
mod ranking;
mod saved_forms;
mod settlement;
mod store;
mod supervise;
mod thread_pool;

pub use accounts::{
    Accounts, AttemptKind, DeviceToken, EmailLink, SecondFactorSetup, Session, SignInSource, TokenSession, UserList,
    is_easily_guessed,
};
pub use audit::{AuditEntry, AuditFilter, AuditLog, AuditPage, AuditSubject};
pub use authorization::require_admin;
pub use bidding::{Bidding, MyBid, MyBids, OpenBid, VoidBids};
pub use catalog::{
    CampaignListing, Campaigns, ListedCampaign, ListingCounts, ProductStock, ProductStockList, Products,
};
pub use clock::Clock;
pub use demo_data::{DemoData, SeedOptions};
pub use edit_precondition::{EditPrecondition, entity_tag};
pub use engine_config::{EngineConfig, MailConfig, SignInLimits};
pub use error::{Error, Result};
pub use export_rows::{BidHistoryRange, ExportedBid, ExportedOrder, ExportedParticipant, Exports};
pub use idempotency_key::IdempotencyKey;
pub use live::{Frame, Live, Subscription};
pub use mailer::{Email, Mailer};
pub use monitoring::{CampaignSample, Monitoring, ProcessStats, ThresholdSample};
pub use orders::{Orders, SettlementAudit};
pub use personal_records::PersonalRecords;
pub use ranking::Rankings;
pub use saved_forms::{SavedForm, SavedForms};
pub use supervise::supervise;
pub use thread_pool::{ThreadPool, Urgency};

use bidding::{CommitRuntime, Committer};
use catalog::StockCounters;
use events::Events;
use message_bus::{Bus, Listener};
use orders::OutcomesCache;
use ranking::Writers;
use settlement::Settlement;
use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{
    database::{Database, within},
    database_pools,
    keys::Keys,
    redis::Redis,
    schema,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// How long PostgreSQL may take to answer a health check.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(1);
/// How often the offset to PostgreSQL's clock is estimated.
const CLOCK_REFRESH: Duration = Duration::from_secs(5);

/// The services of one process. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Engine(Arc<Services>);

/// What [`Engine`] gives access to.
pub struct Services {
    /// Accounts, sessions, and users as admins see them.
    pub accounts: Arc<Accounts>,
    /// E-mails to users.
    pub mailer: Mailer,
    /// Products and their stock.
    pub products: Arc<Products>,
    /// Campaigns: their terms and status.
    pub campaigns: Arc<Campaigns>,
    /// Rankings, standings, and campaigns with the statistics of their ranking.
    pub rankings: Arc<Rankings>,
    /// Placing bids, and a bidder's own bids.
    pub bidding: Bidding,
    /// Making bids void, and valid again.
    pub void_bids: Arc<VoidBids>,
    /// Live feeds of campaigns.
    pub live: Arc<Live>,
    /// Orders, outcomes, and the audit of a settlement.
    pub orders: Orders,
    /// What is stored about a person, for themselves.
    pub personal_records: PersonalRecords,
    /// How campaigns and this process are doing.
    pub monitoring: Arc<Monitoring>,
    /// Orders, bids and participants of a campaign, page by page.
    pub exports: Exports,
    /// What admins have done.
    pub audit_log: AuditLog,
    /// Form input that is saved until its user returns.
    pub saved_forms: SavedForms,
    /// Demo accounts, products and campaigns.
    pub demo_data: DemoData,
    /// The clock that every rule uses.
    pub clock: Clock,
    settlement: Arc<Settlement>,
    events: Events,
    listener: Mutex<Option<Listener>>,
    database: Database,
    /// A connection for health checks: however busy all others are, the process is as healthy as PostgreSQL is.
    probe_database: Database,
    redis: Redis,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Whether the stores can be used.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Whether PostgreSQL answers.
    pub database: bool,
    /// Whether its schema is the one this binary expects.
    pub migrated: bool,
    /// Whether Redis answers. Without it the engine works, but slower.
    pub redis: bool,
}

impl Engine {
    /// Connects to the stores and uses PostgreSQL's clock.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer or an address is malformed; `INTERNAL` if no threads can be started.
    /// Redis need not answer.
    pub async fn connect(config: EngineConfig) -> Result<Self> {
        let database = database_pools::connect(&config).await?;
        let clock = Clock::of_database(&database).await?;
        Self::build(&config, database, clock).await
    }

    /// The same with the given clock, for tests.
    ///
    /// # Errors
    /// As [`Engine::connect`].
    pub async fn connect_with_clock(config: EngineConfig, clock: Clock) -> Result<Self> {
        let database = database_pools::connect(&config).await?;
        Self::build(&config, database, clock).await
    }

    /// Builds the services, from the lowest floor up.
    async fn build(config: &EngineConfig, database: Database, clock: Clock) -> Result<Self> {
        let runtime = CommitRuntime::start()?;
        let (commit_database, commit_redis, redis) = runtime.connect(config)?;
        let keys = Keys::new(&config.redis_prefix);
        // Identifies this process's messages and totals; a new one at every start.
        let process = Uuid::new_v4();
        let writers = Writers::of(process);
        let (bus, listener) = Bus::new(config, process, commit_redis.clone(), keys.clone())?;
        let events = Events::new(bus.clone());

        let accounts = Arc::new(Accounts::new(config, &database, &redis, &keys, &clock, &events)?);
        accounts.read_ended_sessions().await;
        let stock = StockCounters::new(redis.clone(), keys.clone());
        let products = Arc::new(Products::new(database.clone(), stock.clone(), events.clone()));
        let campaigns = Arc::new(Campaigns::new(&database, &clock, &events));
        let rankings =
            Arc::new(Rankings::new(&database, commit_redis, redis.clone(), &keys, &clock, campaigns.clone(), writers));
        let outcomes = OutcomesCache::new(&database, &rankings);
        let orders = Orders::new(database.clone(), campaigns.clone(), outcomes.clone());
        let live = Live::new(outcomes, &clock, &accounts, &campaigns, &rankings, bus);
        let committer = Committer::new(runtime, commit_database, rankings.clone(), events.clone(), writers, config);
        let bidding = Bidding::new(database.clone(), clock.clone(), campaigns.clone(), rankings.clone(), committer);
        let void_bids = Arc::new(VoidBids::new(database.clone(), campaigns.clone(), rankings.clone(), events.clone()));
        let settlement = Arc::new(Settlement::new(&database, &clock, &stock, &rankings, &events));
        let monitoring =
            Arc::new(Monitoring::new(database.clone(), clock.clone(), campaigns.clone(), rankings.clone(), process));
        let exports = Exports::new(database.clone(), campaigns.clone());
        let audit_log = AuditLog::new(database.clone());
        let saved_forms = SavedForms::new(database.clone());
        let personal_records = PersonalRecords::new(database.clone(), accounts.clone());
        let demo_data = DemoData::new(
            database.clone(),
            clock.clone(),
            accounts.clone(),
            campaigns.clone(),
            stock,
            settlement.clone(),
            events.clone(),
        );

        events.subscribe(&accounts);
        events.subscribe(&products);
        events.subscribe(&campaigns);
        events.subscribe(&rankings);
        events.subscribe(&void_bids);
        events.subscribe(&settlement);
        events.subscribe(&live);
        Ok(Self(Arc::new(Services {
            accounts,
            mailer: Mailer::new(&config.mail)?,
            products,
            campaigns,
            rankings,
            bidding,
            void_bids,
            live,
            orders,
            personal_records,
            monitoring,
            exports,
            audit_log,
            saved_forms,
            demo_data,
            clock,
            settlement,
            events,
            listener: Mutex::new(Some(listener)),
            database,
            probe_database: database_pools::probe_pool(config)?,
            redis,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })))
    }

    /// Migrates the schema. Several processes may do so at once.
    ///
    /// # Errors
    /// `INTERNAL` behind a pooler, or if a migration fails.
    pub async fn migrate(&self) -> Result<()> {
        schema::migrate(&self.database).await
    }

    /// Starts the tasks of a serving process: settlement, repair, sampling, receiving events of other processes and
    /// refreshing the clock.
    pub fn start(&self) {
        metrics::register();
        metrics::CLOCK_ERROR_SECONDS.set(self.clock.error_seconds());
        let (settlement, monitoring, rankings) = (&self.settlement, &self.monitoring, &self.rankings);
        let engine = self.clone();
        self.spawn(supervise("sessions", restartable(&self.accounts, Accounts::keep_ended_sessions)));
        self.spawn(supervise("clock", move || engine.clone().refresh_clock()));
        self.spawn(supervise("void bids", restartable(&self.void_bids, VoidBids::run)));
        self.spawn(supervise("settlement", restartable(settlement, Settlement::run)));
        self.spawn(supervise("monitoring", restartable(monitoring, Monitoring::run)));
        self.spawn(supervise("repair", restartable(rankings, Rankings::run_repair)));
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(listener) = listener {
            self.spawn(self.events.clone().run(listener));
        }
    }

    /// Stops: answers every bid that was taken, ends the feeds and tasks, and closes the connections.
    pub async fn shut_down(&self) {
        self.bidding.drain().await;
        self.live.stop().await;
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.probe_database.close().await;
        self.database.close().await;
    }

    /// Checks whether the stores can be used, within a second or so.
    pub async fn health(&self) -> Health {
        let migrated = within(HEALTH_TIMEOUT, schema::is_migrated(&self.probe_database)).await;
        Health {
            database: migrated.is_ok(),
            migrated: migrated.unwrap_or(false),
            redis: self.redis.ping().await.is_ok(),
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.stop.clone().run_until_cancelled_owned(task);
        self.tasks.spawn(task);
    }

    async fn refresh_clock(self) {
        loop {
            tokio::time::sleep(CLOCK_REFRESH).await;
            if let Err(error) = self.clock.refresh(&self.database).await {
                tracing::warn!(%error, "the database's clock could not be read; the last estimate remains in use");
            }
            metrics::CLOCK_ERROR_SECONDS.set(self.clock.error_seconds());
        }
    }
}

/// Starts a task of a service, any number of times.
fn restartable<S, F, R: Fn(Arc<S>) -> F>(service: &Arc<S>, run: R) -> impl Fn() -> F + use<S, F, R> {
    let service = service.clone();
    move || run(service.clone())
}

impl Deref for Engine {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}
