//! The threads and connections that are reserved for commits.
//!
//! On the threads that serve requests, every step of a commit would queue behind all the sockets that are ready, and
//! the stores would wait for the process. On connections shared with readers, a bid would wait for lists and reports.

use crate::{
    engine_config::EngineConfig,
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

    /// Prepares the connections to the stores for commits, driven by these threads, and the pool of connections to
    /// Redis for everything else.
    pub fn connect(&self, config: &EngineConfig) -> Result<(Database, Redis, Redis)> {
        let _connections_belong_here = self.handle().enter();
        let commit_database = database_pools::commit_pool(config)?;
        let (commit_redis, redis) = Redis::connect(config)?;
        // The first command connects, and the connection is driven by the runtime it was made on.
        let first = commit_redis.clone();
        self.handle().spawn(async move { first.ping().await });
        Ok((commit_database, commit_redis, redis))
    }

    pub fn handle(&self) -> &Handle {
        self.0.handle()
    }
}
