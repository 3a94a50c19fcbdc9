//! The feed of one campaign to everyone in this process who watches it.

use super::ranking_frame::{Frame, encode};
use crate::{
    accounts::TokenSession,
    catalog::{CampaignRecord, Campaigns},
    clock::Clock,
    error::Result,
    metrics,
    orders::OutcomesCache,
    ranking::{Rankings, Snapshot, Standing},
    supervise::catch_panic,
};
use domain::{
    CampaignId, CampaignStatus, Score, SessionId, UserId,
    api::rankings::RankingRow,
    campaign_status::Closing,
    limits,
    websocket_events::{BidAccepted, BidVoided, RankChanged, RankingUpdate, ServerEvent},
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
    time::{Instant, sleep_until, timeout_at},
};

/// Least time between two frames: at most five a second.
const FRAME_INTERVAL: Duration = Duration::from_millis(200);
/// Most time between two frames while a campaign is active, so that a client can tell silence from a lost connection.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Least time between two `rank_changed` of one bidder, unless they enter or leave the winning places.
const RANK_INTERVAL: Duration = Duration::from_secs(2);

/// Personal events a socket may leave unread before it misses some.
const PERSONAL_QUEUE: usize = 32;

/// The services and stores that feeds read from.
#[derive(Clone)]
pub(super) struct FeedSources {
    pub outcomes: OutcomesCache,
    pub campaigns: Arc<Campaigns>,
    pub rankings: Arc<Rankings>,
    pub clock: Clock,
}

/// The receiving ends of the channels of one socket.
pub(super) struct FeedReceivers {
    pub socket_id: u64,
    pub ranking: watch::Receiver<Frame>,
    pub personal: mpsc::Receiver<Frame>,
}

/// One campaign's feed in this process.
pub(super) struct CampaignFeed {
    campaign: CampaignId,
    ranking: watch::Sender<Frame>,
    /// Initialized once the bus delivers other processes' messages about the campaign.
    pub listening: OnceCell<()>,
    changed: Notify,
    /// When the first change since the last frame came.
    changed_at: Mutex<Option<Instant>>,
    sockets: Mutex<Sockets>,
    next_socket_id: AtomicU64,
}

#[derive(Default)]
struct Sockets {
    /// Sockets of signed-in users; a user may have several.
    by_user: HashMap<UserId, HashMap<u64, Socket>>,
    spectators: HashMap<u64, Socket>,
}

struct Socket {
    events: mpsc::Sender<Frame>,
    /// The session that opened it; `None` for spectators.
    session: Option<SessionId>,
    /// Whether `campaign_ended` was sent.
    result_sent: bool,
    /// The standing that was last sent.
    last_sent: Option<SentStanding>,
    /// Whether it was sent since that the bid is void.
    void_sent: bool,
    /// The standing must be sent even if it equals the last one: the socket is new or has missed an event, or the
    /// bidder got a rank in the answer to a bid that no event repeats.
    standing_pending: bool,
    /// The version of the ranking in which the bidder's standing was last sent or looked up.
    checked_version: u64,
    /// When it was last sent or looked up.
    checked_at: Instant,
}

/// What was sent to a socket of its bidder's standing.
#[derive(Clone, Copy)]
struct SentStanding {
    rank: u64,
    score: Score,
}

impl CampaignFeed {
    pub fn new(campaign: CampaignId) -> Self {
        Self {
            campaign,
            ranking: watch::Sender::new(Frame::new()),
            listening: OnceCell::new(),
            changed: Notify::new(),
            changed_at: Mutex::default(),
            sockets: Mutex::default(),
            next_socket_id: AtomicU64::new(0),
        }
    }

    pub fn campaign(&self) -> CampaignId {
        self.campaign
    }

    /// Adds a socket.
    pub fn join(&self, session: Option<TokenSession>) -> FeedReceivers {
        let (events, personal) = mpsc::channel(PERSONAL_QUEUE);
        let new = Socket {
            events,
            session: session.map(|session| session.session_id),
            result_sent: false,
            last_sent: None,
            void_sent: false,
            standing_pending: session.is_some(),
            checked_version: 0,
            checked_at: Instant::now(),
        };
        let socket_id = self.next_socket_id.fetch_add(1, Ordering::Relaxed);
        {
            let mut sockets = self.sockets();
            match session {
                Some(session) => sockets.by_user.entry(session.user_id).or_default().insert(socket_id, new),
                None => sockets.spectators.insert(socket_id, new),
            };
        }
        let mut ranking = self.ranking.subscribe();
        // This socket has not received the current frame.
        ranking.mark_changed();
        // And it gets a fresh one, unless one was made just now.
        self.request_frame();
        FeedReceivers { socket_id, ranking, personal }
    }

    pub fn leave(&self, user: Option<UserId>, socket_id: u64) {
        let mut sockets = self.sockets();
        match user {
            Some(user) => {
                if let Some(of_user) = sockets.by_user.get_mut(&user) {
                    of_user.remove(&socket_id);
                    if of_user.is_empty() {
                        sockets.by_user.remove(&user);
                    }
                }
            }
            None => {
                sockets.spectators.remove(&socket_id);
            }
        }
        let empty = sockets.is_empty();
        drop(sockets);
        if empty {
            self.request_frame();
        }
    }

    /// Disconnects a user.
    pub fn disconnect_user(&self, user: UserId) {
        self.disconnect_if(user, |_| true);
    }

    /// Disconnects some sessions of a user.
    pub fn disconnect(&self, user: UserId, sessions: &HashSet<SessionId>) {
        self.disconnect_if(user, |socket| socket.session.is_some_and(|session| sessions.contains(&session)));
    }

    /// Dropping a sender closes its queue, which ends the subscription.
    fn disconnect_if(&self, user: UserId, is_meant: impl Fn(&Socket) -> bool) {
        let mut sockets = self.sockets();
        let Some(of_user) = sockets.by_user.get_mut(&user) else { return };
        of_user.retain(|_, socket| !is_meant(socket));
        if of_user.is_empty() {
            sockets.by_user.remove(&user);
        }
        let empty = sockets.is_empty();
        drop(sockets);
        if empty {
            self.request_frame();
        }
    }

    /// Requests a frame, at most [`FRAME_INTERVAL`] after the last one.
    pub fn request_frame(&self) {
        self.changed_at().get_or_insert_with(Instant::now);
        self.changed.notify_one();
    }

    pub fn is_empty(&self) -> bool {
        self.sockets().is_empty()
    }

    pub fn has(&self, user: UserId) -> bool {
        self.sockets().by_user.contains_key(&user)
    }

    pub fn users(&self) -> Vec<UserId> {
        self.sockets().by_user.keys().copied().collect()
    }

    /// Sends a frame to all sockets of a user.
    pub fn send_to(&self, user: UserId, frame: &Frame) {
        if let Some(of_user) = self.sockets().by_user.get_mut(&user) {
            for socket in of_user.values_mut() {
                socket.try_send(frame);
            }
        }
    }

    /// Sends an accepted bid to all sockets of its bidder.
    pub fn send_accepted(&self, user: UserId, event: &BidAccepted) {
        let mut sockets = self.sockets();
        let Some(of_user) = sockets.by_user.get_mut(&user) else { return };
        let frame = encode(&ServerEvent::BidAccepted(event.clone()));
        let sent = SentStanding { rank: event.rank, score: event.score };
        for socket in of_user.values_mut() {
            if !socket.try_send(&frame) {
                continue;
            }
            if socket.checked_version <= event.version {
                socket.record_checked(Some(sent), event.version);
            } else {
                // It arrives after a newer standing, which must be sent again to be the last.
                socket.standing_pending = true;
            }
        }
    }

    /// Has the next frame send a bidder their standing, after an answer with a rank that no event repeats.
    pub fn mark_standing_pending(&self, user: UserId) {
        if let Some(of_user) = self.sockets().by_user.get_mut(&user) {
            for socket in of_user.values_mut() {
                socket.standing_pending = true;
            }
        }
    }

    /// The same for all bidders.
    pub fn mark_all_standings_pending(&self) {
        for socket in self.sockets().by_user.values_mut().flat_map(HashMap::values_mut) {
            socket.standing_pending = true;
        }
    }

    pub fn send_to_all(&self, frame: &Frame) {
        let sockets = &mut *self.sockets();
        let of_users = sockets.by_user.values_mut().flat_map(HashMap::values_mut);
        for socket in of_users.chain(sockets.spectators.values_mut()) {
            socket.try_send(frame);
        }
    }

    /// Sends frames and standings until the last socket has left.
    pub async fn run(&self, sources: &FeedSources) {
        let mut last = LastFrame::default();
        while !self.is_empty() {
            let frame_at = Instant::now();
            // Boxed, because it is large.
            let refreshed = Box::pin(catch_panic("feed", self.refresh(sources, &mut last)));
            let next_due = match refreshed.await.unwrap_or(Ok(None)) {
                Ok(next_due) => next_due,
                Err(error) => {
                    tracing::warn!(campaign = %self.campaign, %error, "a feed could not read its ranking");
                    None
                }
            };
            // Until a change, the next standing due or the heartbeat, whichever comes first, but at least one interval.
            let latest = frame_at + HEARTBEAT;
            let _ = timeout_at(next_due.map_or(latest, |due| due.min(latest)), self.changed.notified()).await;
            sleep_until(frame_at + FRAME_INTERVAL).await;
        }
    }

    /// Sends a frame, and to bidders their standings in it where due. Returns when the next standing is due.
    async fn refresh(&self, sources: &FeedSources, last: &mut LastFrame) -> Result<Option<Instant>> {
        let changed_at = self.changed_at().take();
        let campaign = sources.campaigns.get(self.campaign).await?;
        let rows = campaign.rules.quota.get().unsigned_abs().min(limits::FEED_ROWS_MAX);
        let mut snapshot = sources.rankings.top(&campaign, rows).await?;
        // Redis and PostgreSQL may be read alternately, and one may be behind the other. Frames never go back.
        if let Some(last) = last.snapshot.as_ref().filter(|last| last.version > snapshot.version) {
            snapshot = last.clone();
        }
        let now = sources.clock.now();
        let changed = last.snapshot.as_ref() != Some(&snapshot) || last.campaign_version != campaign.version();
        // Without a change a frame is sent only as a heartbeat: a standing that is due to one bidder is no reason to
        // write to ten thousand sockets.
        let is_quiet = last.sent_at.is_none_or(|at| at.elapsed() + FRAME_INTERVAL >= HEARTBEAT);
        let is_time = is_quiet && campaign.rules.status(now) == CampaignStatus::Active;
        let due = if campaign.rules.closing == Closing::Settled {
            None
        } else {
            Some(self.standings_due(sources, &campaign, &snapshot).await)
        };
        if changed || is_time || self.ranking.borrow().is_empty() {
            last.sent_at = Some(Instant::now());
            metrics::FEED_FRAMES.inc();
            let update = RankingUpdate {
                campaign_id: self.campaign,
                top_k: snapshot.rows.iter().take(rows as usize).cloned().collect(),
                total_participants: snapshot.total_participants,
                min_winning_score: snapshot.min_winning_score,
                max_score: snapshot.max_score,
                timestamp: now,
                version: snapshot.version,
                campaign_version: campaign.version(),
            };
            self.ranking.send_replace(encode(&ServerEvent::RankingUpdate(update)));
            if let Some(changed_at) = changed_at {
                metrics::FEED_LAG_SECONDS.observe(changed_at.elapsed().as_secs_f64());
            }
        }
        last.snapshot = Some(snapshot);
        last.campaign_version = campaign.version();
        let Some(due) = due else {
            self.send_results(sources, &campaign).await?;
            return Ok(None);
        };
        // Those that could not be read stay due, and hold up no frame.
        let (standings, next_due) = due?;
        self.send_standings(&standings, campaign.quota());
        Ok(next_due)
    }

    /// Sends the result of the settled campaign to every socket that has not received it, including those that connect
    /// later.
    async fn send_results(&self, sources: &FeedSources, campaign: &CampaignRecord) -> Result<()> {
        let waiting: Vec<UserId> = {
            let sockets = self.sockets();
            let is_waiting = |of_user: &HashMap<u64, Socket>| of_user.values().any(|socket| !socket.result_sent);
            let waiting = sockets.by_user.iter().filter(|(_, of_user)| is_waiting(of_user));
            let waiting = waiting.map(|(user, _)| *user).collect::<Vec<_>>();
            if waiting.is_empty() && !is_waiting(&sockets.spectators) {
                return Ok(());
            }
            waiting
        };
        let outcomes = sources.outcomes.get(campaign).await?;
        let frame = |user| encode(&ServerEvent::CampaignEnded(outcomes.of(user)));
        let mut sockets = self.sockets();
        for user in waiting {
            if let Some(of_user) = sockets.by_user.get_mut(&user) {
                let frame = frame(Some(user));
                for socket in of_user.values_mut() {
                    socket.send_result(&frame);
                }
            }
        }
        let frame = frame(None);
        for socket in sockets.spectators.values_mut() {
            socket.send_result(&frame);
        }
        Ok(())
    }

    /// The standings that are due to be sent, and when the next will be.
    ///
    /// A standing is due if it is pending, if its bidder has entered or left the winning places, or if it may have
    /// changed and was last sent at least [`RANK_INTERVAL`] ago.
    async fn standings_due(
        &self,
        sources: &FeedSources,
        campaign: &CampaignRecord,
        snapshot: &Snapshot,
    ) -> Result<(HashMap<UserId, Standing>, Option<Instant>)> {
        let indexed = IndexedSnapshot::new(snapshot, campaign.quota());
        let now = Instant::now();
        let mut standings = HashMap::new();
        let mut outside_rows = Vec::new();
        let mut next_due: Option<Instant> = None;
        for (user, of_user) in &self.sockets().by_user {
            let mut is_due = false;
            for socket in of_user.values() {
                let (changed, is_urgent) = indexed.standing_change(*user, socket);
                let due_at = socket.checked_at + RANK_INTERVAL;
                if socket.standing_pending || is_urgent || (changed && now >= due_at) {
                    is_due = true;
                } else if changed {
                    next_due = Some(next_due.map_or(due_at, |next| next.min(due_at)));
                }
            }
            match indexed.standing(*user) {
                Some(standing) if is_due => {
                    standings.insert(*user, standing);
                }
                None if is_due => outside_rows.push(*user),
                _ => {}
            }
        }
        if !outside_rows.is_empty() {
            let found = sources.rankings.standings(campaign, &outside_rows).await?;
            for user in outside_rows.iter().filter(|user| !found.by_user.contains_key(user)) {
                if found.void.contains(user) {
                    self.send_void(sources, *user, found.version).await?;
                } else {
                    self.record_no_bid(*user, found.version);
                }
            }
            standings.extend(found.by_user);
        }
        Ok((standings, next_due))
    }

    /// Records that there is nothing to send to a user without a bid.
    fn record_no_bid(&self, user: UserId, version: u64) {
        for socket in self.sockets().by_user.get_mut(&user).into_iter().flat_map(HashMap::values_mut) {
            socket.record_checked(None, version);
        }
    }

    /// Tells the sockets of a user that their bid is void, unless they know.
    async fn send_void(&self, sources: &FeedSources, user: UserId, version: u64) -> Result<()> {
        let is_known = |sockets: &Sockets| {
            sockets.by_user.get(&user).is_none_or(|of_user| of_user.values().all(|socket| socket.void_sent))
        };
        let is_known = is_known(&self.sockets());
        let reason = if is_known { None } else { sources.rankings.void_reason(user, self.campaign).await? };
        let event = BidVoided { campaign_id: self.campaign, reason, version };
        let frame = encode(&ServerEvent::BidVoided(event));
        for socket in self.sockets().by_user.get_mut(&user).into_iter().flat_map(HashMap::values_mut) {
            if socket.checked_version <= version && (socket.void_sent || socket.try_send(&frame)) {
                socket.record_checked(None, version);
                socket.void_sent = true;
            }
        }
        Ok(())
    }

    /// Sends standings to the sockets that have not received them.
    fn send_standings(&self, standings: &HashMap<UserId, Standing>, quota: u64) {
        let mut sockets = self.sockets();
        for (user, standing) in standings {
            for socket in sockets.by_user.get_mut(user).into_iter().flat_map(HashMap::values_mut) {
                socket.send_standing(self.campaign, standing, quota);
            }
        }
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
        self.by_user.is_empty() && self.spectators.is_empty()
    }
}

/// What the last frame was made from.
#[derive(Default)]
struct LastFrame {
    snapshot: Option<Arc<Snapshot>>,
    campaign_version: i64,
    sent_at: Option<Instant>,
}

/// A snapshot with its rows by user, to find the bidders whose standing has changed.
struct IndexedSnapshot<'a> {
    snapshot: &'a Snapshot,
    quota: u64,
    rows: HashMap<UserId, &'a RankingRow>,
}

impl<'a> IndexedSnapshot<'a> {
    fn new(snapshot: &'a Snapshot, quota: u64) -> Self {
        Self { snapshot, quota, rows: snapshot.rows.iter().map(|row| (row.user_id, row)).collect() }
    }

    /// The standing of a bidder who is among the rows.
    fn standing(&self, user: UserId) -> Option<Standing> {
        let row = self.rows.get(&user)?;
        Some(Standing { rank: row.rank, score: row.score, price: row.price, version: self.snapshot.version })
    }

    /// Whether a bidder's standing differs, or may differ, from what a socket was sent; and whether it is urgent,
    /// because they may have entered or left the winning places.
    fn standing_change(&self, user: UserId, socket: &Socket) -> (bool, bool) {
        let row = self.rows.get(&user);
        if socket.checked_version > self.snapshot.version
            || (row.is_none() && socket.checked_version == self.snapshot.version)
        {
            return (false, false);
        }
        // A socket that was sent nothing may have missed its bidder's first bid.
        let Some(sent) = socket.last_sent else { return (true, row.is_some()) };
        let was_winning = sent.rank <= self.quota;
        match row {
            Some(row) => (row.rank != sent.rank || row.score != sent.score, (row.rank <= self.quota) != was_winning),
            None => (true, self.would_win(sent.score) != Some(was_winning)),
        }
    }

    /// Whether a score that is not among the rows wins; `None` if only its rank can tell.
    fn would_win(&self, score: Score) -> Option<bool> {
        if self.snapshot.rows.len() as u64 >= self.quota {
            return Some(false);
        }
        match self.snapshot.min_winning_score {
            Some(last) if score == last => None,
            Some(last) => Some(score > last),
            None => Some(true),
        }
    }
}

impl Socket {
    /// Queues an event and returns whether there was room. A socket that does not read misses the event instead of
    /// holding up the feed, and gets the standing later.
    fn try_send(&mut self, frame: &Frame) -> bool {
        let is_queued = self.events.try_send(frame.clone()).is_ok();
        if !is_queued {
            metrics::FEED_DROPPED.inc();
            self.standing_pending = true;
        }
        is_queued
    }

    /// Records the standing that the socket now has, as of a version of the ranking.
    fn record_checked(&mut self, standing: Option<SentStanding>, version: u64) {
        self.last_sent = standing;
        self.void_sent &= standing.is_none();
        self.checked_version = version;
        self.standing_pending = false;
        self.checked_at = Instant::now();
    }

    /// Sends the standing, unless it is what was sent last, or older.
    fn send_standing(&mut self, campaign_id: CampaignId, standing: &Standing, quota: u64) {
        if self.checked_version > standing.version {
            return;
        }
        let new = SentStanding { rank: standing.rank, score: standing.score };
        let is_same = self.last_sent.is_some_and(|last| last.rank == new.rank && last.score == new.score);
        let previous_rank = self.last_sent.map(|last| last.rank);
        if self.standing_pending || !is_same {
            let event = RankChanged {
                campaign_id,
                rank: standing.rank,
                score: standing.score,
                price: standing.price,
                is_winning: standing.rank <= quota,
                previous_rank,
                version: standing.version,
            };
            if !self.try_send(&encode(&ServerEvent::RankChanged(event))) {
                return;
            }
        }
        self.record_checked(Some(new), standing.version);
    }

    /// Sends the result unless it was sent before. If the queue is full, the next refresh tries again: this event must
    /// not be missed.
    fn send_result(&mut self, frame: &Frame) {
        if !self.result_sent {
            self.result_sent = self.events.try_send(frame.clone()).is_ok();
        }
    }
}
