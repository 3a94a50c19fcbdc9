//! The threads and connections that are reserved for commits.
//!
//! On the threads that serve requests, every step of a commit would queue behind all the sockets that are ready, and
//! PostgreSQL would wait for the process. On connections shared with readers, a bid would wait for lists and reports.

use crate::{
    config::EngineConfig,
    error::Result,
    store::{database::Database, database_pools, redis::Redis},
    thread_pool::{ThreadPool, Urgency},
};
use tokio::runtime::Handle;

/// Cores per commit thread: nearly all of the machine is for requests, and large machines commit several campaigns at
/// once.
const CORES_PER_THREAD: usize = 8;

/// The threads bids are committed on.
pub(crate) struct CommitRuntime(ThreadPool);

impl CommitRuntime {
    /// Starts the threads.
    pub fn start() -> Result<Self> {
        ThreadPool::start("commit", CORES_PER_THREAD, Urgency::Normal).map(Self)
    }

    /// Prepares the process's connection to Redis and the pool for commits, both driven by these threads.
    ///
    /// The process has one connection to Redis, because two would recover from an outage at different times: a ranking
    /// rebuilt over one could lack bids that could not be entered over the other.
    pub fn connect(&self, config: &EngineConfig) -> Result<(Redis, Database)> {
        let _connections_belong_here = self.handle().enter();
        let (redis, database) = (Redis::connect(config)?, database_pools::commit_pool(config)?);
        // The first command connects, and the connection is driven by the runtime it was made on.
        let first = redis.clone();
        self.handle().spawn(async move { first.ping().await });
        Ok((redis, database))
    }

    pub fn handle(&self) -> &Handle {
        self.0.handle()
    }
}
