//! The progress of a graceful shutdown, as handlers and websockets see it.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Whether a shutdown has begun, and the websockets that it has to wait for.
#[derive(Default)]
pub struct ShutdownState {
    draining: AtomicBool,
    /// Cancelled when all websockets must close.
    pub close_websockets: CancellationToken,
    /// Counts the open websockets, so that a shutdown can wait until all are closed.
    pub open_websockets: TaskTracker,
}

impl ShutdownState {
    /// Whether a shutdown has begun. Requests are still served then.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Begins the shutdown: from now on, load balancers are told to send requests elsewhere.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }
}
