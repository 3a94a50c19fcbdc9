//! Separate thread pools, for work that must not queue behind other work.

use crate::error::{Error, Result};
use rustix::process::setpriority_process;
use tokio::runtime::{Builder, Handle, Runtime};

/// Which threads the system prefers when all cores are busy.
#[derive(Clone, Copy, Debug)]
pub enum Urgency {
    /// The same priority as the threads that serve requests.
    Normal,
    /// A lower one. Such a thread still gets about a tenth of the time of each other thread on its core.
    Low,
}

/// The `nice` value of threads of low urgency.
const NICE: i32 = 10;

/// Threads with a runtime of their own. Dropping the pool cancels what still runs there.
#[derive(Debug)]
pub struct ThreadPool {
    handle: Handle,
    /// `Some` until dropped.
    runtime: Option<Runtime>,
}

impl ThreadPool {
    /// Starts one thread for every `cores_each` cores of the machine, and at least one.
    ///
    /// # Errors
    /// `INTERNAL` if the system cannot start threads.
    pub fn start(name: &str, cores_each: usize, urgency: Urgency) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(cores_each))
            .thread_name(name)
            .on_thread_start(move || {
                if let Urgency::Low = urgency {
                    // On Linux this affects the calling thread only. If it is refused, all threads are equal.
                    let _ = setpriority_process(None, NICE);
                }
            })
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| Error::Internal(format!("no threads: {error}")))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// The handle to spawn tasks with.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // Dropping a runtime blocks until its threads end, which panics on a thread of another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
