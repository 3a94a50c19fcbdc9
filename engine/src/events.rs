//! Events: each committed change is announced once, to the subscribers in every process.

use crate::{
    error::{Error, Result},
    message_bus::{Bus, Channel, Listener, Received},
    supervise::catch_panic,
};
use domain::{CampaignId, SessionId, Timestamp, UserId, websocket_events::BidAccepted};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A committed change, or a notice that some may have been missed. Processes send them to each other as JSON, so a
/// renamed variant must keep its old name on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// Bids made or improved standing bids, or were made void or valid again, so the ranking of this campaign has changed.
    /// With each bidder whose bid was accepted.
    BidsAccepted(CampaignId, Vec<(UserId, BidAccepted)>),
    /// Bidders whose standing is to be sent again: their bids left their standing bids unchanged, and the answers state a
    /// rank that no other event repeats, or their bids were made void or valid again.
    #[serde(rename = "BidsKept")]
    StandingsPending(CampaignId, Vec<UserId>),
    /// A campaign was created, edited, cancelled, settled or removed.
    CampaignChanged(CampaignId, CampaignChange),
    /// A product changed, and with it all campaigns that sell it.
    ProductChanged,
    /// A user's weight, status or rights changed.
    UserChanged(UserId),
    /// Sessions of a user have ended before their time.
    SessionsEnded(UserId, Vec<EndedSession>),
    /// Events may have been missed: everything may have changed. Never sent to other processes.
    Resync,
}

/// A session that was ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct EndedSession {
    /// The session.
    pub session_id: SessionId,
    /// When it was ended.
    pub ended_at: Timestamp,
    /// When its tokens expire.
    pub expires_at: Timestamp,
}

/// How a campaign changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum CampaignChange {
    /// It was created.
    Created,
    /// Its terms, or its product, were edited.
    Edited,
    /// It was cancelled.
    Cancelled,
    /// It was settled.
    Settled,
    /// It was deleted, as happens to demo campaigns.
    Removed,
}

/// A service that acts on events.
pub(crate) trait Subscriber: Send + Sync {
    /// Acts on an event. Subscribers are called one after the other, the lowest floor first, so that each finds the
    /// caches below it up to date.
    ///
    /// Events from elsewhere arrive one after the other, accepted bids among them, so what takes time is left to a
    /// task of its own.
    fn handle<'a>(&'a self, event: &'a Event, origin: Origin) -> BoxFuture<'a, ()>;
}

/// Where an event was announced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// In this process, which does what is to be done once, such as removing a ranking.
    Here,
    /// In another process, which has done so.
    Elsewhere,
}

/// The subscribers in this process and the bus to the other processes; clones share both.
#[derive(Clone)]
pub(crate) struct Events {
    /// Weak, because subscribers announce events, too, and own a clone of this.
    subscribers: Arc<Mutex<Vec<Weak<dyn Subscriber>>>>,
    bus: Bus,
}

impl Events {
    pub fn new(bus: Bus) -> Self {
        Self { subscribers: Arc::default(), bus }
    }

    /// Adds a subscriber, which is called for every event after those that subscribed before.
    pub fn subscribe<S: Subscriber + 'static>(&self, subscriber: &Arc<S>) {
        let subscriber: Weak<dyn Subscriber> = Arc::<S>::downgrade(subscriber);
        self.lock().push(subscriber);
    }

    /// Announces a committed change in this and all other processes. It finishes even if the caller is cancelled.
    pub async fn announce(&self, event: Event) -> Result<()> {
        let events = self.clone();
        let announced = tokio::spawn(async move { events.deliver_and_publish(event).await });
        announced.await.map_err(|_| Error::Internal("a change was not announced".to_owned()))
    }

    /// The same for a caller that is never cancelled.
    pub async fn deliver_and_publish(&self, event: Event) {
        self.deliver(&event).await;
        self.publish(&event).await;
    }

    /// Delivers an event to the subscribers of this process.
    pub async fn deliver(&self, event: &Event) {
        self.deliver_from(Origin::Here, event).await;
    }

    /// Publishes an event to the other processes.
    pub async fn publish(&self, event: &Event) {
        let channel = match event {
            Event::BidsAccepted(campaign, _) | Event::StandingsPending(campaign, _) => Channel::Campaign(*campaign),
            Event::CampaignChanged(..) | Event::ProductChanged | Event::UserChanged(_) | Event::SessionsEnded(..) => {
                Channel::All
            }
            Event::Resync => return,
        };
        self.bus.publish(channel, event).await;
    }

    /// Delivers the events of other processes to the subscribers of this one, until dropped.
    pub async fn run(self, listener: Listener) {
        let on_received = |received| {
            let events = self.clone();
            async move {
                let event = match received {
                    Received::Message(event) => event,
                    Received::Resync => Event::Resync,
                };
                catch_panic("events", events.deliver_from(Origin::Elsewhere, &event)).await;
            }
        };
        listener.run(on_received).await;
    }

    async fn deliver_from(&self, origin: Origin, event: &Event) {
        // Copied, so that the lock is not held while subscribers work.
        let subscribers: Vec<Weak<dyn Subscriber>> = self.lock().clone();
        for subscriber in subscribers.iter().filter_map(Weak::upgrade) {
            subscriber.handle(event, origin).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Weak<dyn Subscriber>>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
