//! One multiplexed connection to Redis or to a Redis Cluster.
//!
//! No result depends on Redis. After a failure, a circuit breaker makes calls fail at once for a moment, and their
//! callers fall back to PostgreSQL.

use crate::{config::EngineConfig, error::Result, metrics};
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, RedisResult, ScriptInvocation, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};

/// How long Redis may take to answer before it counts as unreachable.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the circuit breaker stays open after a failure.
const BREAK: Duration = Duration::from_millis(250);

/// A handle to Redis; clones share the connection and the circuit breaker.
#[derive(Clone)]
pub struct Redis {
    backend: Backend,
    breaker: Arc<Breaker>,
}

#[derive(Clone)]
enum Backend {
    Single(ConnectionManager),
    /// Connected on first use, because connecting reads the topology, and a process must be able to start without
    /// Redis.
    Cluster(Arc<ClusterClient>, Arc<OnceCell<ClusterConnection>>),
}

#[derive(Clone)]
enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

struct Breaker {
    origin: Instant,
    /// Milliseconds after `origin` until which calls fail at once.
    open_until_ms: AtomicU64,
}

impl Redis {
    /// Prepares the connection, which is made on first use and again whenever it is lost.
    pub fn connect(config: &EngineConfig) -> Result<Self> {
        let urls: Vec<&str> = config.redis_url.expose_secret().split(',').map(str::trim).collect();
        let backend = match urls.as_slice() {
            [one] => {
                let manager = ConnectionManagerConfig::new()
                    .set_response_timeout(Some(RESPONSE_TIMEOUT))
                    .set_connection_timeout(Some(RESPONSE_TIMEOUT))
                    .set_number_of_retries(1);
                Backend::Single(ConnectionManager::new_lazy_with_config(Client::open(*one)?, manager)?)
            }
            nodes => {
                let client = ClusterClient::builder(nodes.iter().copied())
                    .response_timeout(RESPONSE_TIMEOUT)
                    .connection_timeout(RESPONSE_TIMEOUT)
                    .retries(1)
                    .build()?;
                Backend::Cluster(Arc::new(client), Arc::new(OnceCell::new()))
            }
        };
        let breaker = Breaker { origin: Instant::now(), open_until_ms: AtomicU64::new(0) };
        Ok(Self { backend, breaker: Arc::new(breaker) })
    }

    /// Runs one command. `operation` names it in the metrics.
    pub async fn command<T: FromRedisValue>(&self, operation: &'static str, cmd: &Cmd) -> RedisResult<T> {
        self.run(operation, async |mut connection| cmd.query_async(&mut connection).await).await
    }

    /// Runs several commands, not atomically, in one round trip.
    pub async fn pipeline<T: FromRedisValue>(&self, operation: &'static str, pipeline: &Pipeline) -> RedisResult<T> {
        self.run(operation, async |mut connection| pipeline.query_async(&mut connection).await).await
    }

    /// Runs a script. It must be idempotent: a call that timed out may have run.
    pub async fn script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        self.run(operation, async |mut connection| script.invoke_async(&mut connection).await).await
    }

    /// Checks whether Redis answers.
    pub async fn ping(&self) -> RedisResult<()> {
        self.command("ping", &redis::cmd("PING")).await
    }

    async fn run<T>(
        &self,
        operation: &'static str,
        call: impl AsyncFnOnce(Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        if self.breaker.is_open() {
            return Err(RedisError::from((ErrorKind::Io, "the circuit breaker is open")));
        }
        let timer = metrics::REDIS_SECONDS.with_label_values(&[operation]).start_timer();
        // Unlike the client's own timeout, this covers reconnecting, too.
        let result = tokio::time::timeout(RESPONSE_TIMEOUT, async { call(self.connection().await?).await })
            .await
            .unwrap_or_else(|_| Err(RedisError::from((ErrorKind::Io, "redis did not answer in time"))));
        timer.observe_duration();
        if let Err(error) = &result {
            metrics::REDIS_ERRORS.with_label_values(&[operation]).inc();
            if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
                self.breaker.trip();
            }
        }
        result
    }

    async fn connection(&self) -> RedisResult<Connection> {
        match &self.backend {
            Backend::Single(manager) => Ok(Connection::Single(manager.clone())),
            Backend::Cluster(client, connection) => {
                let connection = connection.get_or_try_init(|| client.get_async_connection()).await?;
                Ok(Connection::Cluster(connection.clone()))
            }
        }
    }
}

impl Breaker {
    fn is_open(&self) -> bool {
        self.elapsed_ms() < self.open_until_ms.load(Ordering::Relaxed)
    }

    fn trip(&self) {
        let until = self.elapsed_ms() + u64::try_from(BREAK.as_millis()).unwrap_or(u64::MAX);
        self.open_until_ms.store(until, Ordering::Relaxed);
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        0
    }
}
