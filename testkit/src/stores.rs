//! The stores of one test.

use engine::{Engine, EngineConfig, MailConfig, SignInLimits};
use sqlx::{Connection, Executor, PgConnection, PgPool};
use std::time::Duration;

/// A database and a Redis key prefix that no other test uses.
#[derive(Clone, Debug)]
pub struct Stores {
    /// The fresh database.
    pub database_url: String,
    /// The Redis server.
    pub redis_url: String,
    /// The prefix of every key of this test.
    pub redis_prefix: String,
}

impl Stores {
    /// Creates a database and migrates it.
    pub async fn new() -> Self {
        let stores = Self::without_schema().await;
        let engine = Engine::connect(stores.direct_config()).await.expect("connects");
        engine.migrate().await.expect("migrates");
        engine.shut_down().await;
        stores
    }

    /// Creates an empty database.
    pub async fn without_schema() -> Self {
        let server_url = std::env::var("DATABASE_URL").expect("DATABASE_URL; run: make test");
        let redis_url = std::env::var("REDIS_URL").expect("REDIS_URL; run: make test");
        let name = format!("gavel_test_{}", uuid::Uuid::new_v4().simple());
        let mut server = PgConnection::connect(&server_url).await.expect("PostgreSQL answers");
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        server.execute(create).await.expect("may create databases");
        let (base, _) = server_url.rsplit_once('/').expect("a URL with a database");
        Self { database_url: format!("{base}/{name}"), redis_url, redis_prefix: format!("{name}:") }
    }

    /// The engine configuration for the database itself, even if tests go through a pooler. Migrations need it.
    pub fn direct_config(&self) -> EngineConfig {
        EngineConfig { database_url: self.database_url.clone().into(), database_pooled: false, ..self.config() }
    }

    /// An engine configuration for these stores.
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
            accepted_jwt_secrets: Vec::new(),
            session_length: Duration::from_hours(1),
            bid_queue_max: 10_000,
            bid_wait_max: Duration::from_secs(10),
            sign_in_limits: SignInLimits {
                failures_per_account_per_minute: 5,
                sign_ins_per_address_per_minute: 100,
                registrations_per_address_per_minute: 100,
            },
            mail: MailConfig::default(),
            admins_need_second_factor: false,
        }
    }

    /// The address of the database through a pooler.
    fn through(&self, pooler: &str) -> String {
        let (credentials, location) = self.database_url.rsplit_once('@').expect("a URL with a user");
        let (_, name) = location.split_once('/').expect("a URL with a database");
        format!("{credentials}@{pooler}/{name}")
    }

    /// A connection pool for reading and writing tables without the engine.
    pub async fn pool(&self) -> PgPool {
        PgPool::connect(&self.database_url).await.expect("PostgreSQL answers")
    }

    /// A connection for reading and writing Redis keys without the engine.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_url.as_str()).expect("a Redis URL");
        client.get_multiplexed_async_connection().await.expect("Redis answers")
    }
}
