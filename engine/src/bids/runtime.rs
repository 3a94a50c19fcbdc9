//! Where bids are committed: threads and connections of its own.
//!
//! On the threads that serve requests every step of a commit would stand in line behind all the
//! connections that have something to say, and PostgreSQL would wait for us instead of we for it.
//! On connections shared with readers a bid would wait for lists and reports.

use crate::{
    config::EngineConfig,
    error::{Error, Result},
    store::{database::Database, postgres, redis::Redis},
};
use tokio::runtime::{Builder, Handle, Runtime};

/// Cores per thread that commits: nearly all of the machine is for the requests, and large machines
/// commit several campaigns at once.
const CORES_PER_THREAD: usize = 8;

/// The runtime bids are committed on; dropping it ends what is left running there.
pub(crate) struct CommitRuntime(Option<Runtime>);

impl CommitRuntime {
    /// Starts the threads.
    pub fn start() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(CORES_PER_THREAD))
            .thread_name("commit")
            .enable_all()
            .build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(|error| Error::Internal(format!("no threads: {error}")))
    }

    /// The process's connection to Redis and the pool of commits, both served by these threads.
    ///
    /// One connection to Redis for all: two would come back from an outage at different times, and a
    /// ranking rebuilt over the one would miss what the other could not enter.
    pub fn connect(&self, config: &EngineConfig) -> Result<(Redis, Database)> {
        let _connections_belong_here = self.runtime().enter();
        let (redis, database) = (Redis::connect(config)?, postgres::commit_pool(config)?);
        // The first to ask connects, on the threads it is on.
        let first = redis.clone();
        self.handle().spawn(async move { first.ping().await });
        Ok((redis, database))
    }

    pub fn handle(&self) -> &Handle {
        self.runtime().handle()
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when dropped")
    }
}

impl Drop for CommitRuntime {
    fn drop(&mut self) {
        // A runtime may not wait for its threads on a thread of another.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
