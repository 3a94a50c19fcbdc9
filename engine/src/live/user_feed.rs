//! What one socket receives.

use super::{
    campaign_feed::{CampaignFeed, Joined},
    frame::Frame,
};
use domain::UserId;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// One socket's part in a campaign's feed. Dropping it leaves the feed.
pub struct Subscription {
    feed: Arc<CampaignFeed>,
    socket: u64,
    user: Option<UserId>,
    ranking: watch::Receiver<Frame>,
    personal: mpsc::Receiver<Frame>,
}

impl Subscription {
    /// Joins a feed for a user, or for a spectator.
    pub(super) fn open(feed: &Arc<CampaignFeed>, user: Option<UserId>) -> Self {
        let Joined { socket, ranking, personal } = feed.join(user);
        Self { feed: feed.clone(), socket, user, ranking, personal }
    }

    /// The next frame to send: personal events first, in order; else the newest ranking, if it was not sent
    /// yet. `None` once the user has been blocked.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            tokio::select! {
                biased;
                event = self.personal.recv() => return event,
                changed = self.ranking.changed() => {
                    changed.ok()?;
                    let frame = self.ranking.borrow_and_update().clone();
                    // Empty until the feed has read the ranking once.
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
        self.feed.leave(self.user, self.socket);
    }
}
