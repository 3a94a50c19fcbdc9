//! What Gavel's tests stand on: real PostgreSQL and Redis, with a database and a key space of
//! their own for every test, and a clock that stands still until it is turned.
//!
//! `DATABASE_URL` and `REDIS_URL` name the servers (`make test` sets them). Databases are called
//! `gavel_test_*`; `make test` drops them before and after. `GAVEL_TEST_POOLER`, as host and port, puts a
//! pooler in transaction mode between engine and database.
#![expect(clippy::missing_panics_doc, reason = "every function here panics where a test has failed")]

mod redis_server;

pub use redis_server::{RedisCluster, RedisServer};

use domain::{
    CampaignId, Money, Timestamp, UserId, Weight,
    api::{
        accounts::{RegisterRequest, User},
        bids::{BidOutcome, PlaceBid},
        campaigns::CreateCampaign,
        products::{CreateProduct, Product},
    },
    score::Coefficient,
    validated::{Password, Quota, Stock},
};
use engine::{Clock, Engine, EngineConfig, SignInLimits};
use sqlx::{Connection, Executor, PgConnection, PgPool};
use std::{sync::Arc, time::Duration};

/// The password of every account made here.
pub const PASSWORD: &str = "correct horse";
/// A condition that has not come true by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// A database and a key space that no other test has.
#[derive(Clone, Debug)]
pub struct Stores {
    /// The fresh, migrated database.
    pub database_url: String,
    /// The Redis server.
    pub redis_url: String,
    /// What every key of this test begins with.
    pub redis_prefix: String,
}

impl Stores {
    /// Makes a fresh database and brings it up to date.
    pub async fn new() -> Self {
        let server_url = std::env::var("DATABASE_URL").expect("DATABASE_URL; run: make test");
        let redis_url = std::env::var("REDIS_URL").expect("REDIS_URL; run: make test");
        let name = format!("gavel_test_{}", uuid::Uuid::new_v4().simple());
        let mut server = PgConnection::connect(&server_url).await.expect("PostgreSQL answers");
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        server.execute(create).await.expect("may create databases");
        let (base, _) = server_url.rsplit_once('/').expect("a URL with a database");
        let stores = Self { database_url: format!("{base}/{name}"), redis_url, redis_prefix: format!("{name}:") };
        let direct = EngineConfig {
            database_url: stores.database_url.clone().into(),
            database_pooled: false,
            ..stores.config()
        };
        let engine = Engine::connect(direct).await.expect("connects");
        engine.migrate().await.expect("migrates");
        engine.shut_down().await;
        stores
    }

    /// A configuration for these stores.
    pub fn config(&self) -> EngineConfig {
        let pooler = std::env::var("GAVEL_TEST_POOLER").ok();
        EngineConfig {
            database_url: pooler
                .as_deref()
                .map_or_else(|| self.database_url.clone(), |pooler| self.through(pooler))
                .into(),
            database_connections: 8,
            database_pooled: pooler.is_some(),
            redis_url: self.redis_url.clone().into(),
            redis_prefix: self.redis_prefix.clone(),
            jwt_secret: "a secret for tests".to_owned().into(),
            session_length: Duration::from_hours(1),
            bid_queue_max: 10_000,
            bid_wait_max: Duration::from_secs(10),
            sign_in_limits: SignInLimits {
                failures_per_account_per_minute: 5,
                sign_ins_per_address_per_minute: 100,
                registrations_per_address_per_minute: 100,
            },
        }
    }

    /// The database behind a pooler.
    fn through(&self, pooler: &str) -> String {
        let (credentials, place) = self.database_url.rsplit_once('@').expect("a URL with a user");
        let (_, name) = place.split_once('/').expect("a URL with a database");
        format!("{credentials}@{pooler}/{name}")
    }

    /// A pool of its own, to look at the tables past the engine.
    pub async fn pool(&self) -> PgPool {
        PgPool::connect(&self.database_url).await.expect("PostgreSQL answers")
    }

    /// A connection to Redis, to look at the keys past the engine.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_url.as_str()).expect("a Redis URL");
        client.get_multiplexed_async_connection().await.expect("Redis answers")
    }
}

/// An engine on stores of its own, under a manual clock.
pub struct World {
    /// Where it keeps everything.
    pub stores: Stores,
    /// The engine; its background tasks run only if a test starts them.
    pub engine: Engine,
    /// The clock it goes by.
    pub clock: Clock,
    /// A pool past the engine.
    pub pool: PgPool,
    /// An admin.
    pub admin: User,
}

impl World {
    /// A fresh world at a fixed instant.
    pub async fn new() -> Self {
        Self::on(Stores::new().await).await
    }

    /// A fresh world on the given stores.
    pub async fn on(stores: Stores) -> Self {
        let clock = Clock::manual(noon());
        let engine = Engine::connect_with_clock(stores.config(), clock.clone()).await.expect("connects");
        let pool = stores.pool().await;
        let admin = engine.accounts.create_admin(registration("admin")).await.expect("an admin");
        Self { stores, engine, clock, pool, admin }
    }

    /// Another engine on the same stores and clock: another process.
    pub async fn another_process(&self) -> Engine {
        Engine::connect_with_clock(self.stores.config(), self.clock.clone()).await.expect("connects")
    }

    /// Turns the clock to `ms` milliseconds after noon.
    pub fn at(&self, ms: i64) {
        self.clock.set(noon().plus_millis(ms));
    }

    /// A member with the weight of a new one.
    pub async fn member(&self, name: &str) -> Arc<User> {
        Arc::new(self.engine.accounts.register(registration(name)).await.expect("registers"))
    }

    /// How many connections to this world's database are waiting for a lock.
    pub async fn waiting_for_locks(&self) -> usize {
        let waiting: Vec<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_all(&self.pool)
        .await
        .expect("reads");
        waiting.len()
    }

    /// Many members at once, written past the engine to spare the hashing.
    pub async fn members(&self, count: usize) -> Vec<Arc<User>> {
        let names: Vec<String> = (0..count).map(|n| format!("member{n:05}")).collect();
        let ids: Vec<uuid::Uuid> = names.iter().map(|_| uuid::Uuid::new_v4()).collect();
        sqlx::query(
            "INSERT INTO users (user_id, email, username, password_hash)
             SELECT id, name || '@test.example', name, 'none' FROM unnest($1::uuid[], $2::text[]) AS new (id, name)",
        )
        .bind(&ids)
        .bind(&names)
        .execute(&self.pool)
        .await
        .expect("inserts");
        let user = |(id, name): (uuid::Uuid, String)| {
            Arc::new(User {
                user_id: UserId(id),
                email: format!("{name}@test.example"),
                username: name,
                weight: Weight::NEW_MEMBER,
                is_admin: false,
                status: domain::api::accounts::UserStatus::Active,
                created_at: noon(),
            })
        };
        ids.into_iter().zip(names).map(user).collect()
    }

    /// A product with a minimum price of 800.
    pub async fn product(&self, stock: i32) -> Product {
        let product = CreateProduct {
            name: "Headphones".parse().expect("a name"),
            description: None,
            image_url: None,
            stock: Stock::new(stock).expect("in range"),
            min_price: price(80_000),
        };
        self.engine.products.create(&self.admin, product).await.expect("a product")
    }

    /// A campaign from noon for a minute, with the default coefficients.
    pub async fn campaign(&self, product: &Product, quota: i32) -> CampaignId {
        let request = CreateCampaign { quota: Quota::new(quota), ..minute(product) };
        self.engine.campaigns.create(&self.admin, request).await.expect("a campaign").campaign_id
    }

    /// The same, in which only the price counts, so that scores can be made equal.
    pub async fn price_only_campaign(&self, product: &Product, quota: i32) -> CampaignId {
        let request = CreateCampaign {
            quota: Quota::new(quota),
            beta: Coefficient::new(0.0),
            gamma: Coefficient::new(0.0),
            ..minute(product)
        };
        self.engine.campaigns.create(&self.admin, request).await.expect("a campaign").campaign_id
    }

    /// Bids `cents`, which must be accepted.
    pub async fn bid(&self, bidder: &User, campaign: CampaignId, cents: i64) -> BidOutcome {
        let bid = PlaceBid { campaign_id: campaign, price: price(cents), user_id: None };
        self.engine.bidding.place(bidder, bid).await.expect("accepted")
    }
}

/// Noon of a day, to the microsecond.
pub fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().expect("a time")
}

/// An amount.
pub fn price(cents: i64) -> Money {
    Money::from_cents(cents).expect("in range")
}

/// A registration of `name@test.example` with [`PASSWORD`].
pub fn registration(name: &str) -> RegisterRequest {
    RegisterRequest {
        email: format!("{name}@test.example").parse().expect("an address"),
        password: Password::new_password(PASSWORD).expect("long enough"),
        username: name.parse().expect("a name"),
    }
}

/// A campaign of `product` from noon for a minute, with everything by default.
pub fn minute(product: &Product) -> CreateCampaign {
    CreateCampaign {
        product_id: product.product_id,
        start_time: noon(),
        end_time: noon().plus_millis(60_000),
        alpha: None,
        beta: None,
        gamma: None,
        quota: None,
    }
}

/// Waits until `condition` yields a value: a level, not an edge, so nothing can be missed.
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let Ok(value) = tokio::time::timeout(PATIENCE, waiting).await else {
        panic!("waited in vain until {what}");
    };
    value
}
