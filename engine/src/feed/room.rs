//! A room: everyone in this process who watches one campaign.

use super::{Frame, Sources, Subscription, encode, personal::PERSONAL_QUEUE};
use crate::{catalog::CampaignRecord, error::Result, metrics, ranking::Snapshot, settlement::Results};
use domain::{
    CampaignId, CampaignStatus, UserId, limits,
    rules::Closing,
    ws::{RankChanged, RankingUpdate, ServerEvent},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, OnceCell, mpsc, watch},
    time::{Instant, sleep_until, timeout},
};

/// Least time between two frames: at most five a second.
const FRAME_INTERVAL: Duration = Duration::from_millis(200);
/// Most time between two frames while a campaign is active, so that a reader can tell silence from
/// a lost connection.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Least time between two `rank_changed` of one bidder, unless they cross the line of the quota.
const RANK_INTERVAL: Duration = Duration::from_secs(2);

pub(super) struct Room {
    campaign: CampaignId,
    ranking: watch::Sender<Frame>,
    /// Set once other processes' messages about the campaign arrive here.
    pub listening: OnceCell<()>,
    changed: Notify,
    /// When the oldest change came that no frame shows yet.
    changed_at: Mutex<Option<Instant>>,
    sockets: Mutex<Sockets>,
    next_socket: AtomicU64,
}

#[derive(Default)]
struct Sockets {
    /// Sockets of members by user; a user may have several.
    members: HashMap<UserId, HashMap<u64, Socket>>,
    spectators: HashMap<u64, Socket>,
}

struct Socket {
    events: mpsc::Sender<Frame>,
    /// Whether it was told how the campaign ended.
    knows_result: bool,
}

/// What a user was last told of their rank; `None` while they have no bid.
#[derive(Clone, Copy)]
struct Told {
    place: Option<(u64, bool)>,
    at: Instant,
}

impl Room {
    pub fn new(campaign: CampaignId) -> Self {
        Self {
            campaign,
            ranking: watch::Sender::new(Frame::new()),
            listening: OnceCell::new(),
            changed: Notify::new(),
            changed_at: Mutex::default(),
            sockets: Mutex::default(),
            next_socket: AtomicU64::new(0),
        }
    }

    pub fn campaign(&self) -> CampaignId {
        self.campaign
    }

    pub fn join(self: &Arc<Self>, user: Option<UserId>) -> Subscription {
        let (events, personal) = mpsc::channel(PERSONAL_QUEUE);
        let sender = Socket { events, knows_result: false };
        let socket = self.next_socket.fetch_add(1, Ordering::Relaxed);
        {
            let mut sockets = self.sockets();
            match user {
                Some(user) => sockets.members.entry(user).or_default().insert(socket, sender),
                None => sockets.spectators.insert(socket, sender),
            };
        }
        let mut ranking = self.ranking.subscribe();
        // A frame that is there already is news to this socket.
        ranking.mark_changed();
        // And a fresher one is made for it, unless one was made just now.
        self.touch();
        Subscription { room: self.clone(), socket, user, ranking, personal }
    }

    pub fn leave(&self, user: Option<UserId>, socket: u64) {
        let mut sockets = self.sockets();
        match user {
            Some(user) => {
                if let Some(of_user) = sockets.members.get_mut(&user) {
                    of_user.remove(&socket);
                    if of_user.is_empty() {
                        sockets.members.remove(&user);
                    }
                }
            }
            None => {
                sockets.spectators.remove(&socket);
            }
        }
        let empty = sockets.is_empty();
        drop(sockets);
        if empty {
            self.touch();
        }
    }

    /// Ends the feeds of a user: without their end of it, sockets find their queue closed.
    pub fn dismiss(&self, user: UserId) {
        let mut sockets = self.sockets();
        let was_here = sockets.members.remove(&user).is_some();
        let empty = sockets.is_empty();
        drop(sockets);
        if was_here && empty {
            self.touch();
        }
    }

    /// Asks for a frame.
    pub fn touch(&self) {
        self.changed_at().get_or_insert_with(Instant::now);
        self.changed.notify_one();
    }

    pub fn is_empty(&self) -> bool {
        self.sockets().is_empty()
    }

    pub fn has(&self, user: UserId) -> bool {
        self.sockets().members.contains_key(&user)
    }

    pub fn users(&self) -> Vec<UserId> {
        self.sockets().members.keys().copied().collect()
    }

    /// Sends a user's sockets a frame, which is only made if there are any.
    pub fn send_to(&self, user: UserId, frame: impl FnOnce() -> Frame) {
        let sockets = self.sockets();
        let Some(of_user) = sockets.members.get(&user) else { return };
        let frame = frame();
        for socket in of_user.values() {
            socket.deliver(&frame);
        }
    }

    pub fn send_to_all(&self, frame: &Frame) {
        let sockets = self.sockets();
        let members = sockets.members.values().flat_map(HashMap::values);
        members.chain(sockets.spectators.values()).for_each(|socket| socket.deliver(frame));
    }

    /// Shows the ranking until the room is empty.
    pub async fn run(&self, sources: &Sources) {
        let mut told: HashMap<UserId, Told> = HashMap::new();
        let mut last: Option<Arc<Snapshot>> = None;
        while !self.is_empty() {
            let frame_at = Instant::now();
            match self.show(sources, &mut last, &mut told).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(campaign = %self.campaign, %error, "a room could not read its ranking"),
            }
            // A change or the heartbeat, whichever comes first, but never too soon.
            let _ = timeout(HEARTBEAT, self.changed.notified()).await;
            sleep_until(frame_at + FRAME_INTERVAL).await;
        }
    }

    async fn show(
        &self,
        sources: &Sources,
        last: &mut Option<Arc<Snapshot>>,
        told: &mut HashMap<UserId, Told>,
    ) -> Result<()> {
        let changed_at = self.changed_at().take();
        let campaign = sources.campaigns.get(self.campaign).await?;
        let rows = campaign.rules.quota.get().unsigned_abs().min(limits::FEED_ROWS_MAX);
        let mut snapshot = sources.rankings.top(&campaign, rows).await?;
        // The stores may be read in turn, and what a reader has seen must not be taken back.
        if let Some(last) = last.as_ref().filter(|last| last.version > snapshot.version) {
            snapshot = Arc::new(Snapshot { version: last.version, ..(*snapshot).clone() });
        }
        let now = sources.clock.now();
        let changed = last.as_ref() != Some(&snapshot);
        if changed || campaign.rules.status(now) == CampaignStatus::Active || self.ranking.borrow().is_empty() {
            metrics::FEED_FRAMES.inc();
            let update = RankingUpdate {
                campaign_id: self.campaign,
                top_k: snapshot.rows.clone(),
                total_participants: snapshot.total_participants,
                min_winning_score: snapshot.min_winning_score,
                max_score: snapshot.max_score,
                timestamp: now,
                version: snapshot.version,
            };
            self.ranking.send_replace(encode(&ServerEvent::RankingUpdate(update)));
            if let Some(changed_at) = changed_at {
                metrics::FEED_LAG_SECONDS.observe(changed_at.elapsed().as_secs_f64());
            }
        }
        match campaign.rules.closing {
            Closing::Settled => self.tell_results(sources).await?,
            _ => self.tell_ranks(sources, &campaign, changed, last.as_deref(), &snapshot, told).await?,
        }
        *last = Some(snapshot);
        Ok(())
    }

    /// Tells how the settled campaign ended to every socket that does not know yet: those who were
    /// there, and later those who come late.
    async fn tell_results(&self, sources: &Sources) -> Result<()> {
        let waiting: Vec<UserId> = {
            let sockets = self.sockets();
            let unaware = |of_user: &HashMap<u64, Socket>| of_user.values().any(|socket| !socket.knows_result);
            let members = sockets.members.iter().filter(|(_, of_user)| unaware(of_user));
            let members = members.map(|(user, _)| *user).collect::<Vec<_>>();
            if members.is_empty() && !unaware(&sockets.spectators) {
                return Ok(());
            }
            members
        };
        let results = Results::load(&sources.database, self.campaign, &waiting).await?;
        let frame = |user| encode(&ServerEvent::CampaignEnded(results.of(user)));
        let mut sockets = self.sockets();
        for user in waiting {
            if let Some(of_user) = sockets.members.get_mut(&user) {
                let frame = frame(Some(user));
                for socket in of_user.values_mut() {
                    socket.tell_result(&frame);
                }
            }
        }
        let frame = frame(None);
        for socket in sockets.spectators.values_mut() {
            socket.tell_result(&frame);
        }
        Ok(())
    }

    /// Tells bidders of their new rank: at once when they cross the line of the quota, else at
    /// most every [`RANK_INTERVAL`].
    async fn tell_ranks(
        &self,
        sources: &Sources,
        campaign: &CampaignRecord,
        changed: bool,
        last: Option<&Snapshot>,
        snapshot: &Snapshot,
        told: &mut HashMap<UserId, Told>,
    ) -> Result<()> {
        let users = self.users();
        let here: HashSet<UserId> = users.iter().copied().collect();
        told.retain(|user, _| here.contains(user));
        let now = Instant::now();
        // The rows shown tell who crossed the line; of a quota beyond them everyone waits their turn.
        let winning = |snapshot: &Snapshot| snapshot.rows.iter().map(|row| row.user_id).collect::<HashSet<_>>();
        let (before, after) = (last.map(winning).unwrap_or_default(), winning(snapshot));
        let crossed = |user: &UserId| last.is_some() && before.contains(user) != after.contains(user);
        let due: Vec<UserId> = users
            .into_iter()
            .filter(|user| match told.get(user) {
                None => true,
                Some(told) => now.duration_since(told.at) >= RANK_INTERVAL || (changed && crossed(user)),
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let places = sources.rankings.places(campaign, &due).await?;
        for user in due {
            let place = places.get(&user).copied();
            let is_winning = place.is_some_and(|place| place.rank <= campaign.quota());
            let told_now = Told { place: place.map(|place| (place.rank, is_winning)), at: now };
            let previous = told.insert(user, told_now).and_then(|told| told.place);
            let (Some(place), Some((previous_rank, was_winning))) = (place, previous) else { continue };
            if previous_rank == place.rank && was_winning == is_winning {
                continue;
            }
            let event = RankChanged {
                campaign_id: self.campaign,
                rank: place.rank,
                score: place.score,
                is_winning,
                previous_rank: Some(previous_rank),
            };
            self.send_to(user, || encode(&ServerEvent::RankChanged(event)));
        }
        Ok(())
    }

    fn changed_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.changed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sockets(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sockets {
    fn is_empty(&self) -> bool {
        self.members.is_empty() && self.spectators.is_empty()
    }
}

impl Socket {
    /// A socket that does not read misses the event rather than hold up the room.
    fn deliver(&self, frame: &Frame) {
        if self.events.try_send(frame.clone()).is_err() {
            metrics::FEED_DROPPED.inc();
        }
    }

    /// Tells the result unless it was told before. A full queue is tried again with the next look,
    /// because this one event must not be missed.
    fn tell_result(&mut self, frame: &Frame) {
        if !self.knows_result {
            self.knows_result = self.events.try_send(frame.clone()).is_ok();
        }
    }
}
