//! The websocket behind the live campaign.
//!
//! One timer drives everything that depends on time: the countdown, questions for the server's
//! clock, the pace of the ranking, silence on the line, and when to connect again.

use super::{
    http,
    json::Json,
    read::{self, Event as News},
    state::{Link, Live},
};
use crate::live::{
    backoff,
    clock::ServerClock,
    pace::Paced,
    phase::Phase,
    snapshot::{RankingView, Schedule},
    standing::Source,
};
use domain::CampaignStatus;
use leptos::{prelude::*, task::spawn_local};
use std::{cell::RefCell, rc::Rc, time::Duration};
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
/// After this long without a word, answers to pings included, the line is dead.
const SILENCE_MS_MAX: f64 = 40_000.0;
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
pub(super) fn start(live: Live, server_ms: i64) {
    if live.link.get_untracked() == Link::Closed {
        return;
    }
    let local_ms = local_ms();
    let feed = Rc::new(RefCell::new(Feed {
        live,
        clock: ServerClock::new(server_ms as f64, local_ms),
        line: Line::Down { retry_at_ms: local_ms },
        failures: 0,
        opened: 0,
        pings: 0,
        version: 0,
        read_at_ms: 0.0,
        rankings: Paced::new(RANKING_EVERY_MS),
        poll_at_ms: f64::INFINITY,
        finish_at_ms: f64::INFINITY,
    }));
    let tick = {
        let feed = Rc::clone(&feed);
        move || tick(&feed)
    };
    tick();
    set_interval(tick, TICK);
}

struct Feed {
    live: Live,
    clock: ServerClock,
    line: Line,
    /// Failures since the server last said something.
    failures: u32,
    /// How many lines were opened; it names the current one.
    opened: u32,
    /// How many pings were sent on this line.
    pings: u32,
    /// The newest ranking seen.
    version: u64,
    /// When the server had read it, by its clock.
    read_at_ms: f64,
    /// The newest ranking, until the page takes it in.
    rankings: Paced<RankingView>,
    /// When to ask the API, while the websocket fails.
    poll_at_ms: f64,
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

/// A monotonic time in milliseconds.
fn local_ms() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

fn tick(feed: &Rc<RefCell<Feed>>) {
    let now = local_ms();
    let live = feed.borrow().live;
    live.now_ms.set(feed.borrow().clock.now_ms(now));
    let mut inner = feed.borrow_mut();
    inner.take_in(now);
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
        Line::Up(socket) if now - socket.heard_at_ms > SILENCE_MS_MAX => inner.hang_up(),
        Line::Up(socket) => {
            let every_ms = if inner.pings < FIRST_PINGS { FIRST_PINGS_EVERY_MS } else { PING_EVERY_MS };
            if socket.pinged_at_ms.is_none_or(|at| now - at >= every_ms) {
                inner.ping();
            }
        }
    }
}

fn open(feed: &Rc<RefCell<Feed>>, live: Live, number: u32, now: f64) -> Option<Socket> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    let address = format!("{scheme}://{}/ws/{}", location.host().ok()?, live.terms.campaign_id);
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
        _on_open: on_open,
        _on_message: on_message,
        _on_close: on_close,
    })
}

impl Feed {
    fn up(&mut self) {
        self.ping();
        if self.opened > 1 {
            // My rank may have changed while nobody could tell.
            let live = self.live;
            spawn_local(async move { ask_standing(live).await });
        }
    }

    fn ping(&mut self) {
        let Line::Up(Socket { browser, pinged_at_ms, .. }) = &mut self.line else { return };
        if browser.ready_state() == WebSocket::OPEN && browser.send_with_str(PING).is_ok() {
            *pinged_at_ms = Some(local_ms());
            self.pings += 1;
        }
    }

    fn hang_up(&mut self) {
        if self.finish_at_ms.is_finite() {
            return self.finish();
        }
        let now = local_ms();
        let wait_ms = backoff::wait_ms(self.failures, js_sys::Math::random());
        self.failures = self.failures.saturating_add(1);
        self.line = Line::Down { retry_at_ms: now + wait_ms };
        if self.failures < FAILURES_BEFORE_POLLING {
            self.live.link.set(Link::Lost);
        } else if self.failures == FAILURES_BEFORE_POLLING {
            self.poll_at_ms = now;
        }
    }

    fn finish(&mut self) {
        self.line = Line::Done;
        self.poll_at_ms = f64::INFINITY;
        self.live.link.set(Link::Closed);
    }

    fn hear(&mut self, text: &str) {
        let now = local_ms();
        if let Line::Up(socket) = &mut self.line {
            socket.heard_at_ms = now;
        }
        self.failures = 0;
        if self.live.link.get_untracked() != Link::Live {
            self.poll_at_ms = f64::INFINITY;
            self.live.link.set(Link::Live);
        }
        let Some(news) = Json::parse(text).and_then(|frame| read::event(&frame)) else { return };
        let live = self.live;
        match news {
            News::Ranking(ranking, version, read_at_ms) => {
                self.clock.learn_message(now, read_at_ms);
                live.heard_ms.set(self.clock.now_ms(now));
                // After a new connection too an older frame may come: versions never go back.
                if version >= self.version {
                    self.version = version;
                    self.read_at_ms = read_at_ms;
                    self.learn_ranking(ranking, now);
                }
            }
            News::Pong(server_ms) => {
                if let Line::Up(Socket { pinged_at_ms: Some(sent), .. }) = &self.line {
                    self.clock.learn_round_trip(*sent, now, server_ms);
                    live.accuracy_ms.set(self.clock.accuracy_ms());
                }
            }
            News::Standing(standing) => live.learn_standing(standing, Source::Feed),
            News::Schedule(schedule) => self.reschedule(schedule),
            News::Ended(outcome) => {
                self.rankings.hurry();
                self.take_in(now);
                live.result.set(Some(outcome));
                self.finish_at_ms = now + LINGER_MS;
            }
        }
    }

    /// My own row does not wait: what is heard of my standing keeps its order.
    fn learn_ranking(&mut self, ranking: RankingView, now: f64) {
        self.live.learn_own_row(&ranking);
        self.rankings.put(ranking);
        self.take_in(now);
    }

    /// Brings the newest ranking to the page, if it is time.
    fn take_in(&mut self, now: f64) {
        if let Some(ranking) = self.rankings.take(now) {
            self.live.learn_ranking(ranking);
        }
    }

    fn reschedule(&mut self, schedule: Schedule) {
        let cancelled = schedule.status == CampaignStatus::Cancelled;
        if self.live.schedule.with_untracked(|current| *current != schedule) {
            self.live.schedule.set(schedule);
        }
        if cancelled {
            self.finish();
        }
    }

    /// Whether the websocket still fails, and the API is asked instead.
    fn is_polling(&self) -> bool {
        self.failures >= FAILURES_BEFORE_POLLING && matches!(self.line, Line::Down { .. } | Line::Up(_))
    }
}

/// Asks the API for what the websocket would bring.
async fn poll(feed: Rc<RefCell<Feed>>) {
    let live = feed.borrow().live;
    let answered = ask(&feed, live).await;
    let mut inner = feed.borrow_mut();
    if inner.is_polling() {
        inner.poll_at_ms = local_ms() + POLL_EVERY_MS;
        live.link.set(if answered { Link::Polling } else { Link::Stuck });
    }
}

/// Whether there was an answer.
async fn ask(feed: &Rc<RefCell<Feed>>, live: Live) -> bool {
    let id = live.terms.campaign_id;
    let Some(campaign) = http::get(&format!("/api/v1/campaigns/{id}")).await else { return false };
    let Some(ranking) = http::get(&format!("/api/v1/rankings/{id}")).await else { return false };
    ask_standing(live).await;
    let now = local_ms();
    let mut inner = feed.borrow_mut();
    if !inner.is_polling() {
        return true;
    }
    if let (Some(read_at_ms), Some(ranking)) =
        (ranking.get("updated_at").time_ms(), read::ranking(&ranking, "rankings"))
    {
        inner.clock.learn_message(now, read_at_ms);
        live.heard_ms.set(inner.clock.now_ms(now));
        if read_at_ms >= inner.read_at_ms {
            inner.read_at_ms = read_at_ms;
            inner.learn_ranking(ranking, now);
        }
    }
    if let Some(schedule) = read::schedule(&campaign) {
        inner.reschedule(schedule);
    }
    // How it ended for me is told by the websocket and by the page.
    if campaign.get("settled_at").exists() && live.phase.get_untracked() != Phase::Ended {
        let _ = window().location().reload();
    }
    true
}

async fn ask_standing(live: Live) {
    if live.terms.me.is_none() {
        return;
    }
    let answer = http::get(&format!("/api/v1/rankings/{}/me", live.terms.campaign_id)).await;
    if let Some(standing) = answer.and_then(|answer| read::standing(&answer)) {
        live.learn_standing(standing, Source::Feed);
    }
}
