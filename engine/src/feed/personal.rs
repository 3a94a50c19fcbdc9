//! What one socket receives.

use super::{Frame, room::Room};
use domain::UserId;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// Personal events a socket may leave unread before it misses some.
pub(super) const PERSONAL_QUEUE: usize = 32;

/// One socket's view of a room. Dropping it leaves the room.
pub struct Subscription {
    pub(super) room: Arc<Room>,
    pub(super) socket: u64,
    pub(super) user: Option<UserId>,
    pub(super) ranking: watch::Receiver<Frame>,
    pub(super) personal: mpsc::Receiver<Frame>,
}

impl Subscription {
    /// The next frame to send: events first, in order; else the newest ranking, if it was not sent
    /// yet. `None` once the user has been blocked.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            tokio::select! {
                biased;
                event = self.personal.recv() => return event,
                changed = self.ranking.changed() => {
                    changed.ok()?;
                    let frame = self.ranking.borrow_and_update().clone();
                    // Empty until the room has read the ranking once.
                    if !frame.is_empty() {
                        return Some(frame);
                    }
                }
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.room.leave(self.user, self.socket);
    }
}
