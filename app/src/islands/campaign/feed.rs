//! The websocket of the live campaign.
//!
//! One timer drives everything that depends on time: the countdown, pings, the throttled ranking, timeouts and
//! reconnecting.

use super::{
    api_client,
    feed_event::{self, FeedEvent},
    product_refresh,
    signals::{CampaignSignals, ConnectionStatus, EditableFields, PageSession},
};
use crate::{
    campaign_model::{
        leaderboard::Leaderboard,
        phase::Phase,
        server_clock::{LocalClock, ServerClock},
        snapshot::{BidState, RankingView},
        throttle::Throttle,
        versioned_standing::VersionedStanding,
    },
    islands::{backoff, browser::on_return},
};
use domain::{
    CampaignStatus, Timestamp, Weight,
    api::{
        campaigns::Campaign,
        rankings::{MyStanding, Ranking},
    },
};
use js_sys::Date;
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::RefCell,
    mem,
    rc::{Rc, Weak},
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

/// The interval of the timer.
const TICK: Duration = Duration::from_millis(100);
/// The server answers it with its time.
const PING: &str = r#"{"event":"ping"}"#;
/// The number of pings in quick succession after connecting: the one with the shortest round trip is the most accurate.
const FIRST_PINGS: u32 = 4;
/// The interval of those pings.
const FIRST_PINGS_EVERY_MS: f64 = 1_000.0;
/// The interval of later pings, which also keep proxies from closing the connection.
const PING_EVERY_MS: f64 = 15_000.0;
/// A connection on which a ping is not answered within this time is dead.
const ANSWER_MS_MAX: f64 = 4_000.0;
/// The same after the machine slept, or the page was frozen or hidden.
const SUSPECT_ANSWER_MS_MAX: f64 = 1_500.0;
/// Connecting is given up after this time.
const OPENING_MS_MAX: f64 = 10_000.0;
/// While the campaign runs, the server sends a frame every two seconds. After this time without one, the connection counts
/// as lost.
const SILENCE_MS_MAX: f64 = 4_000.0;
/// Requests that an edit triggers in every browser are spread over this time.
const SPREAD_MS: f64 = 2_000.0;
/// A standing waits this long for its ranking before the page requests the ranking.
const RANKING_WAIT_MS: f64 = 1_000.0;
/// After this many consecutive failures the page polls the API, and keeps trying the websocket.
const FAILURES_BEFORE_POLLING: u32 = 3;
/// The interval of polling.
const POLL_EVERY_MS: f64 = 3_000.0;
/// The minimum interval between rankings on the page, so that a moving row arrives and can be read before it moves again.
const RANKING_EVERY_MS: f64 = 500.0;
/// How long to stay connected after the result or a cancellation, because the last ranking may arrive after it.
const LINGER_MS: f64 = 5_000.0;

/// Follows the campaign until it is over.
pub(super) fn start(live: CampaignSignals, server_ms: i64) {
    if live.link.get_untracked() == ConnectionStatus::Closed {
        return;
    }
    let mut local = LocalClock::new(monotonic_ms(), Date::now());
    let local_ms = local.now_ms(monotonic_ms(), Date::now());
    let feed = Rc::new_cyclic(|this: &Weak<RefCell<LiveFeed>>| {
        RefCell::new(LiveFeed {
            this: this.clone(),
            live,
            local,
            clock: ServerClock::new(server_ms as f64, local_ms),
            connection: Connection::Down { retry_at_ms: local_ms },
            failures: 0,
            opened: 0,
            pings: 0,
            rankings: Throttle::new(RANKING_EVERY_MS),
            poll_at_ms: f64::INFINITY,
            is_fetching_campaign: false,
            ranking_due_ms: None,
            finish_at_ms: f64::INFINITY,
        })
    });
    on_return({
        let feed = Rc::clone(&feed);
        move || feed.borrow_mut().check_connection()
    });
    Effect::new({
        let feed = Rc::clone(&feed);
        move |before: Option<PageSession>| {
            let now = live.session.get();
            if before.is_some_and(|before| before != now) {
                live.leaderboard.update(Leaderboard::clear_standing);
                live.shown.update(Leaderboard::clear_standing);
                // A refusal because of the former session is no longer so.
                if now != PageSession::Over && live.bid.with_untracked(BidState::is_about_the_session) {
                    live.bid.set(BidState::Idle);
                }
                // The result was sent for a visitor; the page has the user's own.
                if now == PageSession::Same && live.result.with_untracked(Option::is_some) {
                    let _ = window().location().reload();
                }
                feed.borrow_mut().reconnect();
            }
            now
        }
    });
    let tick = {
        let feed = Rc::clone(&feed);
        move || tick(&feed)
    };
    tick();
    set_interval(tick, TICK);
}

struct LiveFeed {
    this: Weak<RefCell<Self>>,
    live: CampaignSignals,
    local: LocalClock,
    clock: ServerClock,
    connection: Connection,
    /// Failures since the last message of the server.
    failures: u32,
    /// How many sockets were opened; the number identifies the current one.
    opened: u32,
    /// How many pings were sent on the current socket.
    pings: u32,
    /// The newest ranking, until the page shows it.
    rankings: Throttle<RankingView>,
    /// When to poll next; infinite unless the websocket fails.
    poll_at_ms: f64,
    /// Whether the campaign is being requested because an edit was missed.
    is_fetching_campaign: bool,
    /// When to request the ranking that a standing is waiting for.
    ranking_due_ms: Option<f64>,
    /// When to disconnect for good; infinite until the result or a cancellation.
    finish_at_ms: f64,
}

enum Connection {
    Down {
        retry_at_ms: f64,
    },
    Open(Socket),
    /// The campaign is over.
    Finished,
}

struct Socket {
    browser: WebSocket,
    /// When the last message arrived, or the socket was created.
    last_message_ms: f64,
    /// When the last ping was sent.
    pinged_at_ms: Option<f64>,
    /// When the socket is given up, unless a message arrives.
    deadline_ms: f64,
    /// The browser calls these; they live as long as the socket.
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.browser.set_onopen(None);
        self.browser.set_onmessage(None);
        self.browser.set_onclose(None);
        // Closing a closed socket has no effect.
        let _ = self.browser.close();
    }
}

/// An instant in milliseconds since the Unix epoch.
fn millis(time: Timestamp) -> f64 {
    time.unix_micros() as f64 / 1000.0
}

/// Monotonic time in milliseconds; it may stand still while the machine sleeps.
fn monotonic_ms() -> f64 {
    window().performance().map_or_else(Date::now, |performance| performance.now())
}

fn tick(feed: &Rc<RefCell<LiveFeed>>) {
    let (live, now, server_ms, accuracy_ms) = {
        let mut inner = feed.borrow_mut();
        let now = inner.now();
        if inner.local.take_pause() {
            inner.clock.invalidate();
            inner.check_connection();
            inner.live.link.update(|link| {
                if *link == ConnectionStatus::Live {
                    *link = ConnectionStatus::Lost;
                }
            });
        }
        if !window().navigator().on_line() && inner.live.link.get_untracked() == ConnectionStatus::Live {
            inner.live.link.set(ConnectionStatus::Lost);
            inner.check_connection();
        }
        (inner.live, now, inner.clock.now_ms(now), inner.clock.accuracy_ms())
    };
    // After a pause first that it is unknown: a bid waits for it.
    if accuracy_ms.is_none() && live.accuracy_ms.get_untracked().is_some() {
        live.accuracy_ms.set(None);
    }
    live.now_ms.set(server_ms);
    let mut inner = feed.borrow_mut();
    inner.show_due_ranking(now);
    if inner.needs_ranking(now) {
        spawn_local(fetch_ranking(Rc::clone(feed)));
    }
    if now >= inner.poll_at_ms {
        inner.poll_at_ms = f64::INFINITY;
        spawn_local(poll(Rc::clone(feed)));
    }
    match &inner.connection {
        Connection::Finished => {}
        _ if now >= inner.finish_at_ms => inner.finish(),
        Connection::Down { retry_at_ms } if now < *retry_at_ms => {}
        Connection::Down { .. } => {
            inner.opened += 1;
            inner.pings = 0;
            match open(feed, live, inner.opened, now) {
                Some(socket) => inner.connection = Connection::Open(socket),
                None => inner.on_close(),
            }
        }
        Connection::Open(socket) if now > socket.deadline_ms => inner.on_close(),
        Connection::Open(socket)
            if live.link.get_untracked() == ConnectionStatus::Live
                && live.phase.get_untracked() == Phase::Active
                && now - socket.last_message_ms > SILENCE_MS_MAX =>
        {
            live.link.set(ConnectionStatus::Lost);
            inner.ping(ANSWER_MS_MAX);
        }
        Connection::Open(socket) => {
            let every_ms = if inner.pings < FIRST_PINGS { FIRST_PINGS_EVERY_MS } else { PING_EVERY_MS };
            if socket.pinged_at_ms.is_none_or(|at| now - at >= every_ms) {
                inner.ping(ANSWER_MS_MAX);
            }
        }
    }
}

fn open(feed: &Rc<RefCell<LiveFeed>>, live: CampaignSignals, number: u32, now: f64) -> Option<Socket> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    let address = format!("{scheme}://{}/ws/{}", location.host().ok()?, live.campaign_id);
    let socket = WebSocket::new(&address).ok()?;
    // Runs `act` on the feed if the socket is still the current one.
    let on_current = {
        let feed = Rc::clone(feed);
        move |act: &dyn Fn(&mut LiveFeed)| {
            let mut feed = feed.borrow_mut();
            if feed.opened == number {
                act(&mut feed);
            }
        }
    };
    let on_open = Closure::<dyn FnMut()>::new({
        let on_current = on_current.clone();
        move || on_current(&LiveFeed::on_open)
    });
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
        let on_current = on_current.clone();
        move |message: MessageEvent| {
            if let Some(text) = message.data().as_string() {
                on_current(&|feed| feed.on_message(&text));
            }
        }
    });
    let on_close = Closure::<dyn FnMut(Event)>::new(move |_| on_current(&LiveFeed::on_close));
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    Some(Socket {
        browser: socket,
        last_message_ms: now,
        pinged_at_ms: None,
        deadline_ms: f64::INFINITY,
        _on_open: on_open,
        _on_message: on_message,
        _on_close: on_close,
    })
}

impl LiveFeed {
    fn now(&mut self) -> f64 {
        self.local.now_ms(monotonic_ms(), Date::now())
    }

    fn on_open(&mut self) {
        self.ping(ANSWER_MS_MAX);
    }

    /// Pings the server, and gives the socket up unless a message arrives within `wait_ms`.
    fn ping(&mut self, wait_ms: f64) {
        let now = self.now();
        let Connection::Open(Socket { browser, pinged_at_ms, deadline_ms, .. }) = &mut self.connection else { return };
        let is_opening = browser.ready_state() == WebSocket::CONNECTING;
        if !is_opening && browser.send_with_str(PING).is_ok() {
            *pinged_at_ms = Some(now);
            self.pings += 1;
        }
        *deadline_ms = deadline_ms.min(now + if is_opening { OPENING_MS_MAX } else { wait_ms });
    }

    /// The connection may be dead: pings with a short timeout, or reconnects at once.
    fn check_connection(&mut self) {
        if let Connection::Down { retry_at_ms } = &mut self.connection {
            *retry_at_ms = f64::NEG_INFINITY;
        }
        self.ping(SUSPECT_ANSWER_MS_MAX);
    }

    fn on_close(&mut self) {
        if self.finish_at_ms.is_finite() {
            return self.finish();
        }
        let now = self.now();
        let wait_ms = backoff::wait_ms(self.failures, js_sys::Math::random());
        self.failures = self.failures.saturating_add(1);
        self.connection = Connection::Down { retry_at_ms: now + wait_ms };
        if self.failures < FAILURES_BEFORE_POLLING {
            self.live.link.set(ConnectionStatus::Lost);
        } else if self.failures == FAILURES_BEFORE_POLLING {
            self.poll_at_ms = now;
        }
    }

    fn finish(&mut self) {
        self.connection = Connection::Finished;
        self.poll_at_ms = f64::INFINITY;
        self.live.link.set(ConnectionStatus::Closed);
    }

    fn on_message(&mut self, text: &str) {
        let now = self.now();
        if let Connection::Open(socket) = &mut self.connection {
            (socket.last_message_ms, socket.deadline_ms) = (now, f64::INFINITY);
        }
        self.failures = 0;
        let Some(event) = feed_event::decode(text) else { return };
        let live = self.live;
        // Browsers slow the timers of hidden pages down, but not messages.
        live.now_ms.set(self.clock.now_ms(now));
        // Until the first ranking of a new connection, the page of a running campaign has the one of before.
        let is_news = matches!(event, FeedEvent::Ranking(_)) || live.phase.get_untracked() != Phase::Active;
        if live.link.get_untracked() != ConnectionStatus::Live && is_news {
            self.poll_at_ms = f64::INFINITY;
            self.rankings.release();
            live.link.set(ConnectionStatus::Live);
        }
        match event {
            FeedEvent::Ranking(update) => {
                let campaign_version = update.campaign_version;
                self.clock.add_message(now, millis(update.timestamp));
                live.ranking_received_ms.set(self.clock.now_ms(now));
                self.queue_ranking(update.into(), now);
                if campaign_version > live.terms.with_untracked(|terms| terms.version) {
                    self.fetch_campaign(campaign_version);
                }
            }
            FeedEvent::Pong(pong) => {
                if let Connection::Open(Socket { pinged_at_ms: Some(sent), .. }) = &self.connection {
                    self.clock.add_round_trip(*sent, now, millis(pong.server_time));
                    live.accuracy_ms.set(self.clock.accuracy_ms());
                }
            }
            FeedEvent::Standing(standing) if live.session.get_untracked() == PageSession::Same => {
                live.apply_standing(standing);
                self.show_due_ranking(now);
            }
            FeedEvent::Standing(_) => {}
            FeedEvent::BidVoided(version) => reload_if_void(live, version),
            FeedEvent::Campaign(campaign) => self.apply_edit((&campaign).into()),
            FeedEvent::Account(account) if Some(account.user_id) == live.user_id => self.apply_weight(account.weight),
            // The socket was opened in another user's session.
            FeedEvent::Account(_) => live.session.set(PageSession::Changed),
            FeedEvent::Ended(ended) => {
                self.rankings.release();
                self.show_due_ranking(now);
                live.apply_result((&ended).into());
                self.finish_at_ms = now + LINGER_MS;
            }
        }
    }

    /// Queues a ranking for its interval; one that takes the reader into or out of the quota is shown at once.
    fn queue_ranking(&mut self, ranking: RankingView, now: f64) {
        if self.rankings.newest().is_some_and(|newest| newest.version > ranking.version) {
            return;
        }
        let mut next = self.live.leaderboard.get_untracked();
        let wins = next.position().map(|position| position.wins);
        next.apply_ranking(ranking.clone());
        if next.position().map(|position| position.wins) != wins {
            self.rankings.release();
        }
        self.rankings.put(ranking);
        self.show_due_ranking(now);
    }

    /// Shows the newest ranking if its interval has passed or a standing is waiting for it.
    fn show_due_ranking(&mut self, now: f64) {
        if self.live.leaderboard.with_untracked(Leaderboard::awaits_ranking) {
            self.rankings.release();
        }
        if let Some(ranking) = self.rankings.take(now) {
            self.live.apply_ranking(ranking);
        }
    }

    /// Whether to request now the ranking that a standing is waiting for.
    fn needs_ranking(&mut self, now: f64) -> bool {
        if !self.live.leaderboard.with_untracked(Leaderboard::awaits_ranking) {
            self.ranking_due_ms = None;
            return false;
        }
        let due_ms = *self.ranking_due_ms.get_or_insert(now + RANKING_WAIT_MS);
        if now >= due_ms {
            self.ranking_due_ms = Some(now + RANKING_WAIT_MS);
        }
        now >= due_ms
    }

    /// Reconnects, because the session has changed.
    fn reconnect(&mut self) {
        if !matches!(self.connection, Connection::Finished) {
            self.connection = Connection::Down { retry_at_ms: f64::NEG_INFINITY };
        }
    }

    fn apply_edit(&mut self, edited: EditableFields) {
        let cancelled = edited.schedule.status == CampaignStatus::Cancelled;
        let is_newer = edited.terms.version > self.live.terms.with_untracked(|terms| terms.version);
        self.live.apply_edit(edited);
        if is_newer {
            // Spread, because all browsers get the edit at once.
            spawn_local(async {
                sleep_within_spread().await;
                product_refresh::refresh().await;
            });
        }
        if cancelled && self.finish_at_ms.is_infinite() {
            self.finish_at_ms = self.now() + LINGER_MS;
        }
    }

    /// Applies the user's weight; the explanation of the score beside the island states it, too.
    fn apply_weight(&self, weight: Weight) {
        let is_new = self.live.weight.get_untracked() != Some(weight);
        self.live.apply_weight(weight);
        if is_new {
            spawn_local(product_refresh::refresh());
        }
    }

    /// Requests the campaign, because the server has this version, which is newer than the page's.
    fn fetch_campaign(&mut self, version: i64) {
        if mem::replace(&mut self.is_fetching_campaign, true) {
            return;
        }
        let (this, live) = (self.this.clone(), self.live);
        spawn_local(async move {
            sleep_within_spread().await;
            // Usually the event of the edit has arrived by now.
            let is_known = live.terms.with_untracked(|terms| terms.version) >= version;
            let path = format!("/api/v1/campaigns/{}", live.campaign_id);
            let campaign: Option<Campaign> = if is_known { None } else { api_client::get(&path).await };
            let Some(feed) = this.upgrade() else { return };
            let mut feed = feed.borrow_mut();
            // Without a response, the next ranking triggers it again.
            feed.is_fetching_campaign = false;
            if let Some(campaign) = campaign {
                feed.apply_edit((&campaign).into());
            }
        });
    }

    /// Whether the websocket keeps failing, so that the API is polled.
    fn is_polling(&self) -> bool {
        self.failures >= FAILURES_BEFORE_POLLING
            && matches!(self.connection, Connection::Down { .. } | Connection::Open(_))
    }
}

/// Waits for a random part of the spread.
async fn sleep_within_spread() {
    api_client::sleep(Duration::from_secs_f64(js_sys::Math::random() * SPREAD_MS / 1000.0)).await;
}

/// Requests the ranking that a standing is waiting for.
async fn fetch_ranking(feed: Rc<RefCell<LiveFeed>>) {
    let path = format!("/api/v1/rankings/{}", feed.borrow().live.campaign_id);
    let ranking: Option<Ranking> = api_client::get(&path).await;
    if let Some(ranking) = ranking {
        let mut feed = feed.borrow_mut();
        let now = feed.now();
        feed.queue_ranking(ranking.into(), now);
    }
}

/// Polls the API for what the websocket would send.
async fn poll(feed: Rc<RefCell<LiveFeed>>) {
    let live = feed.borrow().live;
    let answered = fetch_all(&feed, live).await;
    let mut inner = feed.borrow_mut();
    if inner.is_polling() {
        inner.poll_at_ms = inner.now() + POLL_EVERY_MS;
        live.link.set(if answered { ConnectionStatus::Polling } else { ConnectionStatus::Stuck });
    }
}

/// Requests the campaign, the standing and the ranking; returns whether the server responded.
async fn fetch_all(feed: &Rc<RefCell<LiveFeed>>, live: CampaignSignals) -> bool {
    let id = live.campaign_id;
    let campaign: Option<Campaign> = api_client::get(&format!("/api/v1/campaigns/{id}")).await;
    let Some(campaign) = campaign else { return false };
    // The standing before the ranking, so that the ranking is not older.
    let mine: Option<MyStanding> = match live.user_id {
        Some(_) => api_client::get(&format!("/api/v1/rankings/{id}/me")).await,
        None => None,
    };
    let ranking: Option<Ranking> = api_client::get(&format!("/api/v1/rankings/{id}")).await;
    let Some(ranking) = ranking else { return false };
    let mut inner = feed.borrow_mut();
    if !inner.is_polling() {
        return true;
    }
    let now = inner.now();
    inner.apply_edit((&campaign).into());
    if let Some(mine) = mine.filter(|mine| Some(mine.user_id) == live.user_id) {
        match VersionedStanding::of_mine(&mine) {
            Some(standing) => live.apply_standing(standing),
            None => reload_if_void(live, mine.version),
        }
        inner.apply_weight(mine.weight);
    }
    inner.clock.add_message(now, millis(ranking.updated_at));
    live.ranking_received_ms.set(inner.clock.now_ms(now));
    inner.queue_ranking(ranking.into(), now);
    // The user's result is only in the websocket's event and in the page.
    if campaign.settled_at.is_some() && live.phase.get_untracked() != Phase::Ended {
        let _ = window().location().reload();
    }
    true
}

/// Reloads a page that shows a standing which the ranking of this version does not have. The new page says why.
fn reload_if_void(live: CampaignSignals, version: u64) {
    if live.leaderboard.with_untracked(|leaderboard| leaderboard.is_void_in(version)) {
        let _ = window().location().reload();
    }
}
