//! The permit by which open connections are counted against their limit.

use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Counts a connection as open until the last clone is dropped. The listener attaches it to every request, so that a
/// websocket, which outlives the HTTP connection it was upgraded from, can keep it.
#[derive(Clone, Debug)]
pub struct ConnectionPermit(#[expect(dead_code, reason = "held, not read")] pub Arc<OwnedSemaphorePermit>);
