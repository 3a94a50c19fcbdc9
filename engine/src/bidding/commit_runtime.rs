//! Where bids are committed: threads and connections of its own.
//!
//! On the threads that serve requests every step of a commit would stand in line behind all the
//! connections that have something to say, and PostgreSQL would wait for us instead of we for it.
//! On connections shared with readers a bid would wait for lists and reports.

use crate::{
    config::EngineConfig,
    error::Result,
    store::{executor::Database, postgres, redis::Redis},
    thread_pool::{ThreadPool, Urgency},
};
use tokio::runtime::Handle;

/// Cores per thread that commits: nearly all of the machine is for the requests, and large machines
/// commit several campaigns at once.
const CORES_PER_THREAD: usize = 8;

/// The threads bids are committed on.
pub(crate) struct CommitRuntime(ThreadPool);

impl CommitRuntime {
    /// Starts the threads.
    pub fn start() -> Result<Self> {
        ThreadPool::start("commit", CORES_PER_THREAD, Urgency::Normal).map(Self)
    }

    /// The process's connection to Redis and the pool of commits, both served by these threads.
    ///
    /// One connection to Redis for all: two would come back from an outage at different times, and a
    /// ranking rebuilt over the one would miss what the other could not enter.
    pub fn connect(&self, config: &EngineConfig) -> Result<(Redis, Database)> {
        let _connections_belong_here = self.handle().enter();
        let (redis, database) = (Redis::connect(config)?, postgres::commit_pool(config)?);
        // The first to ask connects, on the threads it is on.
        let first = redis.clone();
        self.handle().spawn(async move { first.ping().await });
        Ok((redis, database))
    }

    pub fn handle(&self) -> &Handle {
        self.0.handle()
    }
}
