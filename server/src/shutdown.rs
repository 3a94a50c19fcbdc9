//! The graceful shutdown of a serving process: the signal that begins it, its steps, and its progress as handlers and
//! websockets see it.

use engine::Engine;
use std::time::Duration;
use tokio::{signal::unix::SignalKind, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Whether a shutdown has begun, and what it stops and waits for.
#[derive(Default)]
pub struct Shutdown {
    /// Cancelled when a shutdown begins: every response from then on closes its connection, so that clients open their
    /// next one at another process.
    pub draining: CancellationToken,
    /// Cancelled when no more connections are accepted.
    pub stop_listening: CancellationToken,
    /// Cancelled when all websockets must close.
    pub close_websockets: CancellationToken,
    /// Counts the open websockets, so that a shutdown can wait until all are closed.
    pub open_websockets: TaskTracker,
}

impl Shutdown {
    /// Whether a shutdown has begun. Requests are still served then.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Drains the process: reports it as not ready, so that load balancers send requests elsewhere, and closes every
    /// connection with its next response; after `delay` accepts no new connections, closes websockets with a request to
    /// reconnect, and answers open requests and queued bids.
    pub async fn drain(&self, delay: Duration, server: JoinHandle<()>, engine: &Engine) {
        self.draining.cancel();
        tracing::info!("draining");
        tokio::time::sleep(delay).await;
        self.stop_listening.cancel();
        self.close_websockets.cancel();
        // Open requests need the engine, so it is shut down last.
        let _ = server.await;
        self.open_websockets.close();
        self.open_websockets.wait().await;
        engine.shut_down().await;
    }
}

/// Registers the signal handlers; the future resolves with the first SIGTERM or SIGINT. Errors are for the operator.
pub fn signal() -> Result<impl Future<Output = ()>, String> {
    let signal = |kind| tokio::signal::unix::signal(kind).map_err(|error| error.to_string());
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
