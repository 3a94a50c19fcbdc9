//! Connections to Redis or to a Redis Cluster.
//!
//! No result depends on Redis. After a failure, a circuit breaker makes calls fail at once for a moment, and their
//! callers fall back to PostgreSQL.

use crate::{engine_config::EngineConfig, error::Result, metrics};
use deadpool_redis::{PoolError, Runtime, cluster};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, RedisResult,
    ScriptInvocation, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};

/// How long Redis may take to answer before it counts as unreachable.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the circuit breaker stays open after a failure.
const BREAK: Duration = Duration::from_millis(250);
/// Connections of the pool.
const POOL_SIZE: usize = 8;
/// How long a call waits for a free connection of the pool. It then fails, which says nothing about Redis.
const POOL_WAIT: Duration = Duration::from_millis(250);

/// How long a connection of the pool may take to show that it is alive before it is used again.
const RECYCLE_TIMEOUT: Duration = Duration::from_millis(100);

/// A handle to Redis; clones share its connections.
///
/// Commits and the messages that announce them share one connection, which pipelines their small calls. Everything else
/// goes through a pool, so that no bid waits behind the rows of a ranking or the pages of a rebuild. Both have the same
/// circuit breaker, because they should recover from an outage at the same time: a ranking that is read again must not
/// lack bids that cannot be entered yet.
#[derive(Clone)]
pub struct Redis {
    connections: Connections,
    breaker: Arc<Breaker>,
}

#[derive(Clone)]
enum Connections {
    Shared(Arc<Shared>),
    /// Connected on first use, because connecting reads the topology, and a process must be able to start without
    /// Redis. It looks after the connections to its nodes by itself.
    SharedCluster(Arc<ClusterClient>, Arc<OnceCell<ClusterConnection>>),
    Pool(deadpool_redis::Pool),
    ClusterPool(cluster::Pool),
}

/// A connection that many calls use at the same time.
struct Shared {
    client: Client,
    /// The connection, and since when it is used.
    connection: Mutex<(ConnectionManager, Instant)>,
}

/// A connection for one call.
enum Connection {
    Shared(ConnectionManager),
    SharedCluster(ClusterConnection),
    Pooled(deadpool_redis::Connection),
    PooledCluster(cluster::Connection),
}

/// What is sent to Redis.
#[derive(Clone, Copy)]
enum Call<'a> {
    Command(&'a Cmd),
    Pipeline(&'a Pipeline),
    Script(&'a ScriptInvocation<'a>),
}

struct Breaker {
    origin: Instant,
    /// Milliseconds after `origin` until which calls fail at once.
    open_until_ms: AtomicU64,
}

impl Redis {
    /// Prepares the connection of commits, and the pool for everything else. Connections are made on first use and
    /// again whenever they are lost.
    pub fn connect(config: &EngineConfig) -> Result<(Self, Self)> {
        let urls: Vec<&str> = config.redis_url.expose_secret().split(',').map(str::trim).collect();
        let (shared, pool) = match urls.as_slice() {
            [one] => (shared(one)?, pool(one)?),
            nodes => (shared_cluster(nodes)?, cluster_pool(nodes)?),
        };
        let breaker = Arc::new(Breaker { origin: Instant::now(), open_until_ms: AtomicU64::new(0) });
        let handle = |connections| Self { connections, breaker: breaker.clone() };
        Ok((handle(shared), handle(pool)))
    }

    /// Runs one command. `operation` names it in the metrics.
    pub async fn command<T: FromRedisValue>(&self, operation: &'static str, cmd: &Cmd) -> RedisResult<T> {
        self.run(operation, Call::Command(cmd)).await
    }

    /// Runs several commands, not atomically, in one round trip.
    pub async fn pipeline<T: FromRedisValue>(&self, operation: &'static str, pipeline: &Pipeline) -> RedisResult<T> {
        self.run(operation, Call::Pipeline(pipeline)).await
    }

    /// Runs a script. It must be idempotent: a call that timed out may have run.
    pub async fn script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        self.run(operation, Call::Script(script)).await
    }

    /// Checks whether Redis answers.
    pub async fn ping(&self) -> RedisResult<()> {
        self.command("ping", &redis::cmd("PING")).await
    }

    async fn run<T: FromRedisValue>(&self, operation: &'static str, call: Call<'_>) -> RedisResult<T> {
        if self.breaker.is_open() {
            return Err(RedisError::from((ErrorKind::Io, "the circuit breaker is open")));
        }
        let timer = metrics::REDIS_SECONDS.with_label_values(&[operation]).start_timer();
        // Unlike the client's own timeout, this covers reconnecting, too.
        let result = tokio::time::timeout(RESPONSE_TIMEOUT, async {
            match self.attempt(call).await {
                // A restart of Redis is noticed by the first call after it. That call must not fail: the bid it enters
                // would be missing from a ranking that other processes rely on again.
                Err(error) if error.is_connection_dropped() => self.attempt(call).await,
                result => result,
            }
        });
        let result = result.await.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
        timer.observe_duration();
        if let Err(error) = &result {
            metrics::REDIS_ERRORS.with_label_values(&[operation]).inc();
            if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
                if let Connections::Shared(shared) = &self.connections
                    && error.is_timeout()
                {
                    shared.replace();
                }
                self.breaker.trip();
            }
        }
        result
    }

    async fn attempt<T: FromRedisValue>(&self, call: Call<'_>) -> RedisResult<T> {
        let mut connection = self.connection().await?;
        match call {
            Call::Command(cmd) => cmd.query_async(&mut connection).await,
            Call::Pipeline(pipeline) => pipeline.query_async(&mut connection).await,
            Call::Script(script) => script.invoke_async(&mut connection).await,
        }
    }

    async fn connection(&self) -> RedisResult<Connection> {
        Ok(match &self.connections {
            Connections::Shared(shared) => Connection::Shared(shared.get()),
            Connections::SharedCluster(client, connection) => {
                let connection = connection.get_or_try_init(|| client.get_async_connection()).await?;
                Connection::SharedCluster(connection.clone())
            }
            // Boxed, because the futures are kilobytes large.
            Connections::Pool(pool) => Connection::Pooled(Box::pin(pool.get()).await.map_err(pool_error)?),
            Connections::ClusterPool(pool) => {
                Connection::PooledCluster(Box::pin(pool.get()).await.map_err(pool_error)?)
            }
        })
    }
}

impl Shared {
    fn get(&self) -> ConnectionManager {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Gives the connection up after a timeout: the other end may have vanished, which the kernel would not notice for a
    /// quarter of an hour. Calls that time out together replace it once.
    fn replace(&self) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // The configuration that made the first one makes another.
        if connection.1.elapsed() > RESPONSE_TIMEOUT
            && let Ok(manager) = lazy_manager(&self.client)
        {
            *connection = (manager, Instant::now());
        }
    }
}

fn shared(url: &str) -> Result<Connections> {
    let client = Client::open(url)?;
    let connection = Mutex::new((lazy_manager(&client)?, Instant::now()));
    Ok(Connections::Shared(Arc::new(Shared { client, connection })))
}

fn lazy_manager(client: &Client) -> RedisResult<ConnectionManager> {
    let manager = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(RESPONSE_TIMEOUT))
        .set_number_of_retries(1);
    ConnectionManager::new_lazy_with_config(client.clone(), manager)
}

fn shared_cluster(nodes: &[&str]) -> Result<Connections> {
    let client = ClusterClient::builder(nodes.iter().copied())
        .response_timeout(RESPONSE_TIMEOUT)
        .connection_timeout(RESPONSE_TIMEOUT)
        .retries(1)
        .build()?;
    Ok(Connections::SharedCluster(Arc::new(client), Arc::new(OnceCell::new())))
}

fn pool(url: &str) -> Result<Connections> {
    let connection = AsyncConnectionConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(RESPONSE_TIMEOUT));
    let manager = deadpool_redis::Manager::new_with_config(url, connection)?;
    let pool = deadpool_redis::Pool::builder(manager).max_size(POOL_SIZE).wait_timeout(Some(POOL_WAIT));
    let pool = pool.recycle_timeout(Some(RECYCLE_TIMEOUT));
    let pool = pool.runtime(Runtime::Tokio1).build();
    Ok(Connections::Pool(pool.map_err(build_error)?))
}

fn cluster_pool(nodes: &[&str]) -> Result<Connections> {
    let manager = cluster::Manager::new(nodes.to_vec(), false)?;
    let pool = cluster::Pool::builder(manager).max_size(POOL_SIZE).wait_timeout(Some(POOL_WAIT));
    let pool = pool.recycle_timeout(Some(RECYCLE_TIMEOUT));
    let pool = pool.runtime(Runtime::Tokio1).build();
    Ok(Connections::ClusterPool(pool.map_err(build_error)?))
}

fn build_error(error: impl std::fmt::Display) -> crate::error::Error {
    crate::error::Error::Internal(format!("redis pool: {error}"))
}

fn pool_error(error: PoolError) -> RedisError {
    match error {
        PoolError::Backend(error) => error,
        // Not an IO error, which would open the circuit breaker.
        _ => RedisError::from((ErrorKind::Client, "no connection of the pool is free")),
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
        self.inner().req_packed_command(cmd)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.inner().req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        0
    }
}

impl Connection {
    fn inner(&mut self) -> &mut dyn ConnectionLike {
        match self {
            Self::Shared(connection) => connection,
            Self::SharedCluster(connection) => connection,
            Self::Pooled(connection) => connection,
            Self::PooledCluster(connection) => connection,
        }
    }
}
