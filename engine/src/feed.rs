//! The live feed: one room per campaign and process.
//!
//! A room encodes a ranking frame once and shows the latest to all its sockets; a slow reader
//! skips to the newest and holds nobody up. Personal events go through a short queue per socket.

mod personal;
mod room;

pub use personal::Subscription;

use crate::{bus::Bus, catalog::Campaigns, clock::Clock, error::Result, ranking::Rankings, store::database::Database};
use bytes::Bytes;
use domain::{
    CampaignId, UserId,
    api::accounts::User,
    ws::{AccountUpdated, BidAccepted, CampaignUpdated, ServerEvent},
};
use room::Room;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// An encoded websocket text, shared by all its receivers.
pub type Frame = Bytes;

/// The rooms of this process; clones share them.
#[derive(Clone)]
pub(crate) struct Feed(Arc<Shared>);

struct Shared {
    rooms: Mutex<HashMap<CampaignId, Arc<Room>>>,
    bus: Bus,
    sources: Sources,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Where rooms read what they show.
#[derive(Clone)]
struct Sources {
    database: Database,
    campaigns: Campaigns,
    rankings: Rankings,
    clock: Clock,
}

impl Feed {
    pub fn new(database: Database, campaigns: Campaigns, rankings: Rankings, clock: Clock, bus: Bus) -> Self {
        Self(Arc::new(Shared {
            rooms: Mutex::new(HashMap::new()),
            bus,
            sources: Sources { database, campaigns, rankings, clock },
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }))
    }

    /// Opens a feed of a campaign for a user, or for a spectator. `CAMPAIGN_NOT_FOUND` if there is
    /// no such campaign.
    pub async fn subscribe(&self, campaign: CampaignId, user: Option<UserId>) -> Result<Subscription> {
        self.0.sources.campaigns.get(campaign).await?;
        let (room, subscription) = {
            let mut rooms = self.rooms();
            let room = rooms.entry(campaign).or_insert_with(|| {
                let room = Arc::new(Room::new(campaign));
                self.0.tasks.spawn(Self::run_room(self.clone(), room.clone()));
                room
            });
            (room.clone(), room.join(user))
        };
        // Joined first, so that the room stays; heard from then on.
        room.listening.get_or_init(|| self.0.bus.listen(campaign)).await;
        Ok(subscription)
    }

    /// A ranking changed: its room, if there is one, shows it.
    pub fn ranking_changed(&self, campaign: CampaignId) {
        if let Some(room) = self.room(campaign) {
            room.touch();
        }
    }

    /// Every ranking may have changed, and nobody knows what was missed.
    pub fn everything_changed(&self) {
        for room in self.rooms().values() {
            room.owe_standings();
            room.touch();
        }
    }

    /// Tells bidders' sockets of their accepted bids, and the room of the change.
    pub fn bids_accepted(&self, campaign: CampaignId, accepted: &[(UserId, BidAccepted)]) {
        let Some(room) = self.room(campaign) else { return };
        for (user, event) in accepted {
            room.tell_accepted(*user, event);
        }
        room.touch();
    }

    /// Has bidders' sockets told where they stand, after an answer that no event repeats.
    pub fn bids_kept(&self, campaign: CampaignId, bidders: &[UserId]) {
        let Some(room) = self.room(campaign) else { return };
        for user in bidders {
            room.owe_standing(*user);
        }
        room.touch();
    }

    /// Tells a room of an edit of its campaign.
    pub fn campaign_updated(&self, event: &CampaignUpdated) {
        if let Some(room) = self.room(event.campaign_id) {
            room.send_to_all(&encode(&ServerEvent::CampaignUpdated(Box::new(event.clone()))));
        }
    }

    /// Tells a user's sockets what their account is like now.
    pub fn account_updated(&self, user: &User) {
        let event = ServerEvent::AccountUpdated(AccountUpdated { user_id: user.user_id, weight: user.weight });
        let frame = encode(&event);
        self.rooms().values().for_each(|room| room.send_to(user.user_id, &frame));
    }

    /// Everyone who is signed in and watches.
    pub fn users(&self) -> Vec<UserId> {
        self.rooms().values().flat_map(|room| room.users()).collect()
    }

    /// Whether a user watches.
    pub fn has(&self, user: UserId) -> bool {
        self.rooms().values().any(|room| room.has(user))
    }

    /// Ends all feeds of a user.
    pub fn dismiss(&self, user: UserId) {
        self.rooms().values().for_each(|room| room.dismiss(user));
    }

    /// Stops all rooms.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn run_room(self, room: Arc<Room>) {
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = room.run(&self.0.sources) => {}
            }
            // The room fell empty. It goes, unless someone has joined since.
            let mut rooms = self.rooms();
            if room.is_empty() {
                self.0.bus.leave(room.campaign());
                rooms.remove(&room.campaign());
                return;
            }
        }
    }

    fn room(&self, campaign: CampaignId) -> Option<Arc<Room>> {
        self.rooms().get(&campaign).cloned()
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, HashMap<CampaignId, Arc<Room>>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event as it goes over the wire.
pub(crate) fn encode(event: &ServerEvent) -> Frame {
    // These types hold nothing JSON cannot: no maps with odd keys, no failing serializers.
    serde_json::to_vec(event).unwrap_or_default().into()
}
