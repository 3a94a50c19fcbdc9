//! The websocket behind the live campaign.
//!
//! One timer drives everything that depends on time: the countdown, questions for the server's
//! clock, the pace of the ranking, silence on the line, and when to connect again.

use super::{
    http,
    json::Json,
    product_refresh,
    read::{self, Event as News},
    signals::{CampaignSignals, ConnectionStatus, EditableFields, PageSession},
};
use crate::{
    campaign_model::{
        leaderboard::Leaderboard,
        phase::Phase,
        server_clock::{LocalClock, ServerClock},
        snapshot::RankingView,
        throttle::Throttle,
    },
    islands::{backoff, browser::on_return},
};
use domain::CampaignStatus;
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

/// How often the countdown looks at the clock.
const TICK: Duration = Duration::from_millis(100);
/// What the server answers with its time.
const PING: &str = r#"{"event":"ping"}"#;
/// The first questions for the server's time come soon after each other: the quickest answer tells best.
const FIRST_PINGS: u32 = 4;
/// How soon.
const FIRST_PINGS_EVERY_MS: f64 = 1_000.0;
/// How often the server is asked for its time, which also keeps proxies from hanging up.
const PING_EVERY_MS: f64 = 15_000.0;
/// A ping that is not answered within this finds a dead line.
const ANSWER_MS_MAX: f64 = 4_000.0;
/// The same when there is reason to doubt it: the machine slept, the page was frozen or left.
const DOUBT_MS_MAX: f64 = 1_500.0;
/// A line that is not open within this will not be.
const OPENING_MS_MAX: f64 = 10_000.0;
/// While the campaign runs the server says something every two seconds. After this long without a word the
/// line is doubted.
const SILENCE_MS_MAX: f64 = 4_000.0;
/// What an edit has every reader ask for is asked for within this time, by each at a time of their own.
const SPREAD_MS: f64 = 2_000.0;
/// News of my standing wait so long for their ranking before the page asks for it.
const RANKING_WAIT_MS: f64 = 1_000.0;
/// After this many failures in a row the page asks the API instead; the websocket is tried on.
const FAILURES_BEFORE_POLLING: u32 = 3;
/// How often it asks.
const POLL_EVERY_MS: f64 = 3_000.0;
/// How often the page takes in a ranking at most: a row arrives, and can be read, before it moves
/// again.
const RANKING_EVERY_MS: f64 = 500.0;
/// How long to listen on after the result, for the last ranking may come after it.
const LINGER_MS: f64 = 5_000.0;

/// Follows the campaign until it is over.
pub(super) fn start(live: CampaignSignals, server_ms: i64) {
    if live.link.get_untracked() == ConnectionStatus::Closed {
        return;
    }
    let mut local = LocalClock::new(monotonic_ms(), Date::now());
    let local_ms = local.now_ms(monotonic_ms(), Date::now());
    let feed = Rc::new_cyclic(|this: &Weak<RefCell<Feed>>| {
        RefCell::new(Feed {
            this: this.clone(),
            live,
            local,
            clock: ServerClock::new(server_ms as f64, local_ms),
            line: Line::Down { retry_at_ms: local_ms },
            failures: 0,
            opened: 0,
            pings: 0,
            rankings: Throttle::new(RANKING_EVERY_MS),
            poll_at_ms: f64::INFINITY,
            asks_campaign: false,
            ranking_due_ms: None,
            finish_at_ms: f64::INFINITY,
        })
    });
    on_return({
        let feed = Rc::clone(&feed);
        move || feed.borrow_mut().doubt()
    });
    Effect::new({
        let feed = Rc::clone(&feed);
        move |before: Option<PageSession>| {
            let now = live.session.get();
            if before.is_some_and(|before| before != now) {
                live.leaderboard.update(Leaderboard::clear_standing);
                live.shown.update(Leaderboard::clear_standing);
                // A result that was told to nobody is told by the page.
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

struct Feed {
    this: Weak<RefCell<Self>>,
    live: CampaignSignals,
    local: LocalClock,
    clock: ServerClock,
    line: Line,
    /// Failures since the server last said something.
    failures: u32,
    /// How many lines were opened; it names the current one.
    opened: u32,
    /// How many pings were sent on this line.
    pings: u32,
    /// The newest ranking, until the page takes it in.
    rankings: Throttle<RankingView>,
    /// When to ask the API, while the websocket fails.
    poll_at_ms: f64,
    /// Whether the campaign is being asked for, for an edit was missed.
    asks_campaign: bool,
    /// When to ask for the ranking that news of my standing wait for.
    ranking_due_ms: Option<f64>,
    /// When to stop listening.
    finish_at_ms: f64,
}

enum Line {
    Down {
        retry_at_ms: f64,
    },
    Up(Socket),
    /// The campaign is over: nothing more will come.
    Done,
}

struct Socket {
    browser: WebSocket,
    /// When the server was last heard, or the line was opened.
    heard_at_ms: f64,
    /// When the last ping went out.
    pinged_at_ms: Option<f64>,
    /// When the line is given up, unless something is heard.
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
        // Closing what is closed does nothing.
        let _ = self.browser.close();
    }
}

/// A time in milliseconds that is never set, but may stand still while the machine sleeps.
fn monotonic_ms() -> f64 {
    window().performance().map_or_else(Date::now, |performance| performance.now())
}

fn tick(feed: &Rc<RefCell<Feed>>) {
    let (live, now, server_ms) = {
        let mut inner = feed.borrow_mut();
        let now = inner.now();
        if inner.local.take_pause() {
            inner.clock.invalidate();
            inner.doubt();
            inner.live.link.update(|link| {
                if *link == ConnectionStatus::Live {
                    *link = ConnectionStatus::Lost;
                }
            });
        }
        if !window().navigator().on_line() && inner.live.link.get_untracked() == ConnectionStatus::Live {
            inner.live.link.set(ConnectionStatus::Lost);
            inner.doubt();
        }
        (inner.live, now, inner.clock.now_ms(now))
    };
    live.now_ms.set(server_ms);
    let mut inner = feed.borrow_mut();
    inner.take_in(now);
    if inner.lacks_ranking(now) {
        spawn_local(ask_ranking(Rc::clone(feed)));
    }
    if now >= inner.poll_at_ms {
        inner.poll_at_ms = f64::INFINITY;
        spawn_local(poll(Rc::clone(feed)));
    }
    match &inner.line {
        Line::Done => {}
        _ if now >= inner.finish_at_ms => inner.finish(),
        Line::Down { retry_at_ms } if now < *retry_at_ms => {}
        Line::Down { .. } => {
            inner.opened += 1;
            inner.pings = 0;
            match open(feed, live, inner.opened, now) {
                Some(socket) => inner.line = Line::Up(socket),
                None => inner.hang_up(),
            }
        }
        Line::Up(socket) if now > socket.deadline_ms => inner.hang_up(),
        Line::Up(socket)
            if live.link.get_untracked() == ConnectionStatus::Live
                && live.phase.get_untracked() == Phase::Active
                && now - socket.heard_at_ms > SILENCE_MS_MAX =>
        {
            live.link.set(ConnectionStatus::Lost);
            inner.ping(ANSWER_MS_MAX);
        }
        Line::Up(socket) => {
            let every_ms = if inner.pings < FIRST_PINGS { FIRST_PINGS_EVERY_MS } else { PING_EVERY_MS };
            if socket.pinged_at_ms.is_none_or(|at| now - at >= every_ms) {
                inner.ping(ANSWER_MS_MAX);
            }
        }
    }
}

fn open(feed: &Rc<RefCell<Feed>>, live: CampaignSignals, number: u32, now: f64) -> Option<Socket> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    let address = format!("{scheme}://{}/ws/{}", location.host().ok()?, live.campaign_id);
    let socket = WebSocket::new(&address).ok()?;
    // Runs `act` on the feed, unless the socket is no longer the current one.
    let on_current = {
        let feed = Rc::clone(feed);
        move |act: &dyn Fn(&mut Feed)| {
            let mut feed = feed.borrow_mut();
            if feed.opened == number {
                act(&mut feed);
            }
        }
    };
    let on_open = Closure::<dyn FnMut()>::new({
        let on_current = on_current.clone();
        move || on_current(&Feed::up)
    });
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
        let on_current = on_current.clone();
        move |message: MessageEvent| {
            if let Some(text) = message.data().as_string() {
                on_current(&|feed| feed.hear(&text));
            }
        }
    });
    let on_close = Closure::<dyn FnMut(Event)>::new(move |_| on_current(&Feed::hang_up));
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    Some(Socket {
        browser: socket,
        heard_at_ms: now,
        pinged_at_ms: None,
        deadline_ms: f64::INFINITY,
        _on_open: on_open,
        _on_message: on_message,
        _on_close: on_close,
    })
}

impl Feed {
    fn now(&mut self) -> f64 {
        self.local.now_ms(monotonic_ms(), Date::now())
    }

    fn up(&mut self) {
        self.ping(ANSWER_MS_MAX);
    }

    /// Asks whether the server is there, and gives the line up if nothing is heard within `wait_ms`.
    fn ping(&mut self, wait_ms: f64) {
        let now = self.now();
        let Line::Up(Socket { browser, pinged_at_ms, deadline_ms, .. }) = &mut self.line else { return };
        let is_opening = browser.ready_state() == WebSocket::CONNECTING;
        if !is_opening && browser.send_with_str(PING).is_ok() {
            *pinged_at_ms = Some(now);
            self.pings += 1;
        }
        *deadline_ms = deadline_ms.min(now + if is_opening { OPENING_MS_MAX } else { wait_ms });
    }

    /// The line may be dead: finds out soon, and opens one that is down at once.
    fn doubt(&mut self) {
        if let Line::Down { retry_at_ms } = &mut self.line {
            *retry_at_ms = f64::NEG_INFINITY;
        }
        self.ping(DOUBT_MS_MAX);
    }

    fn hang_up(&mut self) {
        if self.finish_at_ms.is_finite() {
            return self.finish();
        }
        let now = self.now();
        let wait_ms = backoff::wait_ms(self.failures, js_sys::Math::random());
        self.failures = self.failures.saturating_add(1);
        self.line = Line::Down { retry_at_ms: now + wait_ms };
        if self.failures < FAILURES_BEFORE_POLLING {
            self.live.link.set(ConnectionStatus::Lost);
        } else if self.failures == FAILURES_BEFORE_POLLING {
            self.poll_at_ms = now;
        }
    }

    fn finish(&mut self) {
        self.line = Line::Done;
        self.poll_at_ms = f64::INFINITY;
        self.live.link.set(ConnectionStatus::Closed);
    }

    fn hear(&mut self, text: &str) {
        let now = self.now();
        if let Line::Up(socket) = &mut self.line {
            (socket.heard_at_ms, socket.deadline_ms) = (now, f64::INFINITY);
        }
        self.failures = 0;
        if self.live.link.get_untracked() != ConnectionStatus::Live {
            self.poll_at_ms = f64::INFINITY;
            self.live.link.set(ConnectionStatus::Live);
        }
        let Some(news) = Json::parse(text).and_then(|frame| read::event(&frame)) else { return };
        let live = self.live;
        match news {
            News::Ranking { ranking, read_at_ms, campaign_version } => {
                self.clock.add_message(now, read_at_ms);
                live.heard_ms.set(self.clock.now_ms(now));
                self.apply_ranking(ranking, now);
                if campaign_version > live.terms.with_untracked(|terms| terms.version) {
                    self.missed_edit();
                }
            }
            News::Pong(server_ms) => {
                if let Line::Up(Socket { pinged_at_ms: Some(sent), .. }) = &self.line {
                    self.clock.add_round_trip(*sent, now, server_ms);
                    live.accuracy_ms.set(self.clock.accuracy_ms());
                }
            }
            News::Standing(standing) if live.session.get_untracked() == PageSession::Same => {
                live.apply_standing(standing);
                self.take_in(now);
            }
            News::Standing(_) => {}
            News::Campaign(edited) => self.apply_edit(edited),
            News::Account(user, weight) if Some(user) == live.user_id => live.apply_weight(weight),
            // The line was opened in somebody else's session.
            News::Account(..) => live.session.set(PageSession::Changed),
            News::Ended(outcome) => {
                self.rankings.release();
                self.take_in(now);
                live.result.set(Some(outcome));
                self.finish_at_ms = now + LINGER_MS;
            }
        }
    }

    /// A ranking waits for its time, unless it takes me in or out of the winning places.
    fn apply_ranking(&mut self, ranking: RankingView, now: f64) {
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
        self.take_in(now);
    }

    /// Brings the newest ranking to the page, if it is time or news wait for it.
    fn take_in(&mut self, now: f64) {
        if self.live.leaderboard.with_untracked(Leaderboard::awaits_ranking) {
            self.rankings.release();
        }
        if let Some(ranking) = self.rankings.take(now) {
            self.live.apply_ranking(ranking);
        }
    }

    /// Whether it is time to ask for the ranking that news wait for.
    fn lacks_ranking(&mut self, now: f64) -> bool {
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

    /// Opens the line anew: it was opened in another session.
    fn reconnect(&mut self) {
        if !matches!(self.line, Line::Done) {
            self.line = Line::Down { retry_at_ms: f64::NEG_INFINITY };
        }
    }

    fn apply_edit(&mut self, edited: EditableFields) {
        let cancelled = edited.schedule.status == CampaignStatus::Cancelled;
        let is_news = edited.terms.version > self.live.terms.with_untracked(|terms| terms.version);
        self.live.apply_edit(edited);
        if is_news {
            // Not all readers at once.
            spawn_local(async {
                spread().await;
                product_refresh::refresh().await;
            });
        }
        if cancelled {
            self.finish();
        }
    }

    /// Asks for the campaign, of which the server has a later version than the page.
    fn missed_edit(&mut self) {
        if mem::replace(&mut self.asks_campaign, true) {
            return;
        }
        let (this, live) = (self.this.clone(), self.live);
        spawn_local(async move {
            spread().await;
            let campaign = http::get(&format!("/api/v1/campaigns/{}", live.campaign_id)).await;
            let Some(feed) = this.upgrade() else { return };
            let mut feed = feed.borrow_mut();
            // Without an answer the next ranking tells again.
            feed.asks_campaign = false;
            if let Some(edited) = campaign.and_then(|campaign| read::campaign(&campaign)) {
                feed.apply_edit(edited);
            }
        });
    }

    /// Whether the websocket still fails, and the API is asked instead.
    fn is_polling(&self) -> bool {
        self.failures >= FAILURES_BEFORE_POLLING && matches!(self.line, Line::Down { .. } | Line::Up(_))
    }
}

/// Waits for a moment of each reader's own.
async fn spread() {
    http::sleep(Duration::from_secs_f64(js_sys::Math::random() * SPREAD_MS / 1000.0)).await;
}

/// Asks for the ranking that news of my standing wait for.
async fn ask_ranking(feed: Rc<RefCell<Feed>>) {
    let path = format!("/api/v1/rankings/{}", feed.borrow().live.campaign_id);
    let answer = http::get(&path).await;
    if let Some(ranking) = answer.and_then(|answer| read::ranking(&answer, "rankings")) {
        let mut feed = feed.borrow_mut();
        let now = feed.now();
        feed.apply_ranking(ranking, now);
    }
}

/// Asks the API for what the websocket would bring.
async fn poll(feed: Rc<RefCell<Feed>>) {
    let live = feed.borrow().live;
    let answered = ask(&feed, live).await;
    let mut inner = feed.borrow_mut();
    if inner.is_polling() {
        inner.poll_at_ms = inner.now() + POLL_EVERY_MS;
        live.link.set(if answered { ConnectionStatus::Polling } else { ConnectionStatus::Stuck });
    }
}

/// Whether there was an answer.
async fn ask(feed: &Rc<RefCell<Feed>>, live: CampaignSignals) -> bool {
    let id = live.campaign_id;
    let Some(campaign) = http::get(&format!("/api/v1/campaigns/{id}")).await else { return false };
    // First my standing, then the ranking: so the ranking is not behind it.
    let mine = if live.user_id.is_some() { http::get(&format!("/api/v1/rankings/{id}/me")).await } else { None };
    let Some(ranking) = http::get(&format!("/api/v1/rankings/{id}")).await else { return false };
    let mut inner = feed.borrow_mut();
    if !inner.is_polling() {
        return true;
    }
    let now = inner.now();
    if let Some(edited) = read::campaign(&campaign) {
        inner.apply_edit(edited);
    }
    let mine = mine.filter(|mine| mine.get("user_id").parsed() == live.user_id);
    if let Some(mine) = mine {
        if let Some(standing) = read::standing(&mine) {
            live.apply_standing(standing);
        }
        if let Some(weight) = read::weight(&mine) {
            live.apply_weight(weight);
        }
    }
    if let (Some(read_at_ms), Some(ranking)) =
        (ranking.get("updated_at").time_ms(), read::ranking(&ranking, "rankings"))
    {
        inner.clock.add_message(now, read_at_ms);
        live.heard_ms.set(inner.clock.now_ms(now));
        inner.apply_ranking(ranking, now);
    }
    // How it ended for me is told by the websocket and by the page.
    if campaign.get("settled_at").exists() && live.phase.get_untracked() != Phase::Ended {
        let _ = window().location().reload();
    }
    true
}
