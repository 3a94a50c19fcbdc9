//! What one socket receives.

use super::{
    campaign_feed::{CampaignFeed, FeedReceivers},
    ranking_frame::Frame,
};
use crate::accounts::TokenSession;
use domain::UserId;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// One socket's membership in a campaign feed. Dropping it leaves the feed.
pub struct Subscription {
    feed: Arc<CampaignFeed>,
    socket_id: u64,
    user: Option<UserId>,
    ranking: watch::Receiver<Frame>,
    personal: mpsc::Receiver<Frame>,
}

impl Subscription {
    /// Joins a feed in a user's session or, without one, as a spectator.
    pub(super) fn open(feed: &Arc<CampaignFeed>, session: Option<TokenSession>) -> Self {
        let FeedReceivers { socket_id, ranking, personal } = feed.join(session);
        let user = session.map(|session| session.user_id);
        Self { feed: feed.clone(), socket_id, user, ranking, personal }
    }

    /// The next message to send: personal events first, in order, then the newest frame unless it was sent already.
    /// `None` once the user's session has ended or their account was blocked.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            tokio::select! {
                biased;
                event = self.personal.recv() => return event,
                changed = self.ranking.changed() => {
                    changed.ok()?;
                    let frame = self.ranking.borrow_and_update().clone();
                    // Empty until the feed has read the ranking for the first time.
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
        self.feed.leave(self.user, self.socket_id);
    }
}
