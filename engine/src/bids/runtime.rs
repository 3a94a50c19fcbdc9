//! Where bids are committed: threads and connections of its own.
//!
//! On the threads that serve requests every step of a commit would stand in line behind all the
//! connections that have something to say, and PostgreSQL would wait for us instead of we for it.
//! On connections shared with readers a bid would wait for lists and reports.

use crate::error::{Error, Result};
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

/// Cores per thread that commits. One thread keeps up with some 50,000 bids per second, so this
/// leaves nearly all of the machine to the requests, and large machines several campaigns at once.
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

    /// Connections that are made while the guard lives belong to this runtime.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime().enter()
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
