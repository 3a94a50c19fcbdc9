//! Threads apart, for work that must not stand in line behind other work.

use crate::error::{Error, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads with a runtime of their own. Dropping them ends what is left running there.
#[derive(Debug)]
pub struct Threads {
    handle: Handle,
    /// There until dropped.
    runtime: Option<Runtime>,
}

impl Threads {
    /// Starts one thread for every `cores_each` cores of the machine, and at least one.
    pub fn start(name: &str, cores_each: usize) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(cores_each))
            .thread_name(name)
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| Error::Internal(format!("no threads: {error}")))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Where tasks are spawned.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A runtime may not wait for its threads on a thread of another.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
