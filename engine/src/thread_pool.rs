//! Thread pools of their own, for work that must not queue behind other work.

use crate::error::{Error, Result};
use rustix::process::setpriority_process;
use tokio::runtime::{Builder, Handle, Runtime};

/// Which threads the system runs first where all cores are busy.
#[derive(Clone, Copy, Debug)]
pub enum Urgency {
    /// Like those that serve requests.
    Normal,
    /// After the others. Work here still gets about a tenth of what each of them gets of a core they fight for.
    Low,
}

/// The `nice` value of threads of low urgency.
const NICE: i32 = 10;

/// Threads with a runtime of their own. Dropping them ends what is left running there.
#[derive(Debug)]
pub struct ThreadPool {
    handle: Handle,
    /// There until dropped.
    runtime: Option<Runtime>,
}

impl ThreadPool {
    /// Starts one thread for every `cores_each` cores of the machine, and at least one.
    pub fn start(name: &str, cores_each: usize, urgency: Urgency) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(cores_each))
            .thread_name(name)
            .on_thread_start(move || {
                if let Urgency::Low = urgency {
                    // Of the calling thread alone, as Linux has it. Where it is refused all are equal.
                    let _ = setpriority_process(None, NICE);
                }
            })
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

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // A runtime may not wait for its threads on a thread of another.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
