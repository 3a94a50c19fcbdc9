//! The feed of one campaign to everyone in this process who watches it.

use super::frame::{Frame, encode};
use crate::{
    catalog::{CampaignRecord, Campaigns},
    clock::Clock,
    error::Result,
    metrics,
    orders::Outcomes,
    ranking::{Rankings, Snapshot, Standing},
    store::{cache::Versioned, executor::Database},
};
use domain::{
    CampaignId, CampaignStatus, Score, UserId,
    api::rankings::RankingRow,
    campaign_rules::Closing,
    limits,
    websocket::{BidAccepted, RankChanged, RankingUpdate, ServerEvent},
};
use std::{
    collections::HashMap,
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
/// Most time between two frames while a campaign is active, so that a reader can tell silence from
/// a lost connection.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Least time between two `rank_changed` of one bidder, unless they cross the line of the quota.
const RANK_INTERVAL: Duration = Duration::from_secs(2);

/// Personal events a socket may leave unread before it misses some.
const PERSONAL_QUEUE: usize = 32;

/// Where feeds read what they show.
#[derive(Clone)]
pub(super) struct Sources {
    pub database: Database,
    pub campaigns: Arc<Campaigns>,
    pub rankings: Arc<Rankings>,
    pub clock: Clock,
}

/// The receiving ends of a socket that has joined.
pub(super) struct Joined {
    pub socket: u64,
    pub ranking: watch::Receiver<Frame>,
    pub personal: mpsc::Receiver<Frame>,
}

pub(super) struct CampaignFeed {
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
    /// The standing it was last told.
    told: Option<Told>,
    /// Its bidder must be told their standing even if it is what was told last: the socket is new, has
    /// missed an event, or the bidder got an answer elsewhere that no event repeats.
    owed: bool,
    /// The version of the ranking in which its bidder's standing was last told or looked at.
    version: u64,
    /// When.
    told_at: Instant,
}

/// A bidder's standing as a socket was told it.
#[derive(Clone, Copy)]
struct Told {
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
            next_socket: AtomicU64::new(0),
        }
    }

    pub fn campaign(&self) -> CampaignId {
        self.campaign
    }

    /// Adds a socket.
    pub fn join(&self, user: Option<UserId>) -> Joined {
        let (events, personal) = mpsc::channel(PERSONAL_QUEUE);
        let sender = Socket {
            events,
            knows_result: false,
            told: None,
            owed: user.is_some(),
            version: 0,
            told_at: Instant::now(),
        };
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
        Joined { socket, ranking, personal }
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

    /// Sends a user's sockets a frame.
    pub fn send_to(&self, user: UserId, frame: &Frame) {
        if let Some(of_user) = self.sockets().members.get_mut(&user) {
            for socket in of_user.values_mut() {
                socket.deliver(frame);
            }
        }
    }

    /// Tells a bidder's sockets of an accepted bid.
    pub fn tell_accepted(&self, user: UserId, event: &BidAccepted) {
        let mut sockets = self.sockets();
        let Some(of_user) = sockets.members.get_mut(&user) else { return };
        let frame = encode(&ServerEvent::BidAccepted(event.clone()));
        let told = Told { rank: event.rank, score: event.score };
        for socket in of_user.values_mut() {
            if !socket.deliver(&frame) {
                continue;
            }
            if socket.version <= event.version {
                socket.know(Some(told), event.version);
            } else {
                // Answered after newer news: now the older word is the last one.
                socket.owed = true;
            }
        }
    }

    /// A bidder was told a rank that no event repeats: their sockets are told where they stand.
    pub fn owe_standing(&self, user: UserId) {
        if let Some(of_user) = self.sockets().members.get_mut(&user) {
            for socket in of_user.values_mut() {
                socket.owed = true;
            }
        }
    }

    /// The same for all bidders.
    pub fn owe_standings(&self) {
        for socket in self.sockets().members.values_mut().flat_map(HashMap::values_mut) {
            socket.owed = true;
        }
    }

    pub fn send_to_all(&self, frame: &Frame) {
        let sockets = &mut *self.sockets();
        let members = sockets.members.values_mut().flat_map(HashMap::values_mut);
        for socket in members.chain(sockets.spectators.values_mut()) {
            socket.deliver(frame);
        }
    }

    /// Shows the ranking until nobody watches.
    pub async fn run(&self, sources: &Sources) {
        let mut last = Last::default();
        while !self.is_empty() {
            let frame_at = Instant::now();
            let next_due = match self.show(sources, &mut last).await {
                Ok(next_due) => next_due,
                Err(error) => {
                    tracing::warn!(campaign = %self.campaign, %error, "a feed could not read its ranking");
                    None
                }
            };
            // A change, a standing that is due or the heartbeat, whichever comes first, but never too soon.
            let latest = frame_at + HEARTBEAT;
            let _ = timeout_at(next_due.map_or(latest, |due| due.min(latest)), self.changed.notified()).await;
            sleep_until(frame_at + FRAME_INTERVAL).await;
        }
    }

    /// Makes a frame and tells bidders what it means for them. Returns when the next of them is due.
    async fn show(&self, sources: &Sources, last: &mut Last) -> Result<Option<Instant>> {
        let changed_at = self.changed_at().take();
        let campaign = sources.campaigns.get(self.campaign).await?;
        let rows = campaign.rules.quota.get().unsigned_abs().min(limits::FEED_ROWS_MAX);
        let mut snapshot = sources.rankings.top(&campaign, rows).await?;
        // The stores may be read in turn, and what a reader has seen is not taken back.
        if let Some(last) = last.snapshot.as_ref().filter(|last| last.version > snapshot.version) {
            snapshot = last.clone();
        }
        let now = sources.clock.now();
        let changed = last.snapshot.as_ref() != Some(&snapshot) || last.campaign_version != campaign.version();
        // Those who have just come need a frame, and all need one from time to time; but a look that is
        // due to one bidder is no reason to write to ten thousand.
        let is_quiet = last.shown_at.is_none_or(|at| at.elapsed() + FRAME_INTERVAL >= HEARTBEAT);
        let is_time = is_quiet && campaign.rules.status(now) == CampaignStatus::Active;
        let news = if campaign.rules.closing == Closing::Settled {
            None
        } else {
            Some(self.standings_due(sources, &campaign, &snapshot).await?)
        };
        if changed || is_time || self.ranking.borrow().is_empty() {
            last.shown_at = Some(Instant::now());
            metrics::FEED_FRAMES.inc();
            let update = RankingUpdate {
                campaign_id: self.campaign,
                top_k: snapshot.rows.clone(),
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
        let Some((standings, next_due)) = news else {
            self.tell_results(sources).await?;
            return Ok(None);
        };
        self.tell_standings(&standings, campaign.quota());
        Ok(next_due)
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
        let outcomes = Outcomes::load(&sources.database, self.campaign, &waiting).await?;
        let frame = |user| encode(&ServerEvent::CampaignEnded(outcomes.of(user)));
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

    /// Where the bidders stand who are due to be told, and when the next will be.
    ///
    /// Due are those who are owed a word, who have crossed the line of the quota, and whose standing may
    /// have changed since they were told [`RANK_INTERVAL`] ago.
    async fn standings_due(
        &self,
        sources: &Sources,
        campaign: &CampaignRecord,
        snapshot: &Snapshot,
    ) -> Result<(HashMap<UserId, Standing>, Option<Instant>)> {
        let board = Board::new(snapshot, campaign.quota());
        let now = Instant::now();
        let mut standings = HashMap::new();
        let mut elsewhere = Vec::new();
        let mut next_due: Option<Instant> = None;
        for (user, of_user) in &self.sockets().members {
            let mut is_due = false;
            for socket in of_user.values() {
                let (changed, at_once) = board.is_news(*user, socket);
                let due_at = socket.told_at + RANK_INTERVAL;
                if socket.owed || at_once || (changed && now >= due_at) {
                    is_due = true;
                } else if changed {
                    next_due = Some(next_due.map_or(due_at, |next| next.min(due_at)));
                }
            }
            match board.standing(*user) {
                Some(standing) if is_due => {
                    standings.insert(*user, standing);
                }
                None if is_due => elsewhere.push(*user),
                _ => {}
            }
        }
        if !elsewhere.is_empty() {
            let found = sources.rankings.standings(campaign, &elsewhere).await?;
            self.have_no_bid(elsewhere.iter().filter(|user| !found.by_user.contains_key(user)), found.version);
            standings.extend(found.by_user);
        }
        Ok((standings, next_due))
    }

    /// Those without a bid have nothing to be told.
    fn have_no_bid<'a>(&self, users: impl Iterator<Item = &'a UserId>, version: u64) {
        let mut sockets = self.sockets();
        for user in users {
            for socket in sockets.members.get_mut(user).into_iter().flat_map(HashMap::values_mut) {
                if socket.told.is_none() {
                    socket.know(None, version);
                }
            }
        }
    }

    /// Tells bidders where they stand, unless their socket knows.
    fn tell_standings(&self, standings: &HashMap<UserId, Standing>, quota: u64) {
        let mut sockets = self.sockets();
        for (user, standing) in standings {
            for socket in sockets.members.get_mut(user).into_iter().flat_map(HashMap::values_mut) {
                socket.tell_standing(self.campaign, standing, quota);
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
        self.members.is_empty() && self.spectators.is_empty()
    }
}

/// What a feed has shown last.
#[derive(Default)]
struct Last {
    snapshot: Option<Arc<Snapshot>>,
    campaign_version: i64,
    shown_at: Option<Instant>,
}

/// A ranking, to find out for whom it is news.
struct Board<'a> {
    snapshot: &'a Snapshot,
    quota: u64,
    rows: HashMap<UserId, &'a RankingRow>,
}

impl<'a> Board<'a> {
    fn new(snapshot: &'a Snapshot, quota: u64) -> Self {
        Self { snapshot, quota, rows: snapshot.rows.iter().map(|row| (row.user_id, row)).collect() }
    }

    /// The standing of a bidder among the rows.
    fn standing(&self, user: UserId) -> Option<Standing> {
        let row = self.rows.get(&user)?;
        Some(Standing { rank: row.rank, score: row.score, price: row.price, version: self.snapshot.version })
    }

    /// Whether a bidder's standing differs, or may differ, from what a socket was told, and whether it is
    /// one to tell at once: they have come in or been pushed out.
    fn is_news(&self, user: UserId, socket: &Socket) -> (bool, bool) {
        let row = self.rows.get(&user);
        if socket.version > self.snapshot.version || (row.is_none() && socket.version == self.snapshot.version) {
            return (false, false);
        }
        // One that was told nothing may have missed its bidder's first bid.
        let Some(told) = socket.told else { return (true, row.is_some()) };
        let was_winning = told.rank <= self.quota;
        match row {
            Some(row) => (row.rank != told.rank || row.score != told.score, (row.rank <= self.quota) != was_winning),
            None => (true, self.may_win(told.score) != Some(was_winning)),
        }
    }

    /// Whether a score that is not among the rows is a winning one; `None` if that takes a closer look.
    fn may_win(&self, score: Score) -> Option<bool> {
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
    /// Whether it arrived. A socket that does not read misses the event rather than hold up the feed,
    /// and is told where its bidder stands later.
    fn deliver(&mut self, frame: &Frame) -> bool {
        let arrived = self.events.try_send(frame.clone()).is_ok();
        if !arrived {
            metrics::FEED_DROPPED.inc();
            self.owed = true;
        }
        arrived
    }

    /// Keeps what it knows now.
    fn know(&mut self, told: Option<Told>, version: u64) {
        self.told = told;
        self.version = version;
        self.owed = false;
        self.told_at = Instant::now();
    }

    /// Tells where its bidder stands, unless that is what it was told last, or older.
    fn tell_standing(&mut self, campaign_id: CampaignId, standing: &Standing, quota: u64) {
        if self.version > standing.version {
            return;
        }
        let told = Told { rank: standing.rank, score: standing.score };
        let is_same = self.told.is_some_and(|last| last.rank == told.rank && last.score == told.score);
        let previous_rank = self.told.map(|told| told.rank);
        if self.owed || !is_same {
            let event = RankChanged {
                campaign_id,
                rank: standing.rank,
                score: standing.score,
                price: standing.price,
                is_winning: standing.rank <= quota,
                previous_rank,
                version: standing.version,
            };
            if !self.deliver(&encode(&ServerEvent::RankChanged(event))) {
                return;
            }
        }
        self.know(Some(told), standing.version);
    }

    /// Tells the result unless it was told before. A full queue is tried again with the next look,
    /// because this one event must not be missed.
    fn tell_result(&mut self, frame: &Frame) {
        if !self.knows_result {
            self.knows_result = self.events.try_send(frame.clone()).is_ok();
        }
    }
}
