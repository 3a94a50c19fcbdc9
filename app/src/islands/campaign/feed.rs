//! The websocket behind the live campaign.
//!
//! One timer drives everything that depends on time: the countdown, questions for the server's
//! clock, silence on the line, and when to connect again.

use super::state::{Link, Live, Schedule};
use crate::live::{
    backoff,
    clock::ServerClock,
    frame,
    snapshot::RankingView,
    standing::{Source, Standing},
};
use domain::{
    CampaignStatus, Timestamp,
    api::rankings::MyStanding,
    ws::{CampaignUpdated, ClientEvent, RankingUpdate, ServerEvent},
};
use gloo_net::http::Request;
use leptos::{prelude::*, task::spawn_local};
use std::{cell::RefCell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

/// How often the countdown looks at the clock.
const TICK: Duration = Duration::from_millis(200);
/// How often the server is asked for its time, which also keeps proxies from hanging up.
const PING_EVERY_MS: f64 = 15_000.0;
/// After this long without a word, answers to pings included, the line is dead.
const SILENCE_MS_MAX: f64 = 40_000.0;
/// After this many failures in a row the reader is told to reload: the session may be over.
const FAILURES_BEFORE_STUCK: u32 = 6;
/// How long to listen on after the result, for the last ranking may come after it.
const LINGER_MS: f64 = 5_000.0;

/// Follows the campaign until it is over.
pub(super) fn start(live: Live, server_time: Timestamp) {
    if live.link.get_untracked() == Link::Closed {
        return;
    }
    let local_ms = local_ms();
    let feed = Rc::new(RefCell::new(Feed {
        live,
        clock: ServerClock::new(millis(server_time), local_ms),
        line: Line::Down { retry_at_ms: local_ms },
        failures: 0,
        opened: 0,
        version: 0,
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
    /// The newest ranking seen.
    version: u64,
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
    let (live, now_ms) = {
        let feed = feed.borrow();
        (feed.live, feed.clock.now_ms(now))
    };
    live.now_ms.set(now_ms);
    let mut inner = feed.borrow_mut();
    match &inner.line {
        Line::Done => {}
        _ if now >= inner.finish_at_ms => inner.finish(),
        Line::Down { retry_at_ms } if now < *retry_at_ms => {}
        Line::Down { .. } => {
            inner.opened += 1;
            match open(feed, live, inner.opened, now) {
                Some(socket) => inner.line = Line::Up(socket),
                None => inner.hang_up(),
            }
        }
        Line::Up(socket) if now - socket.heard_at_ms > SILENCE_MS_MAX => inner.hang_up(),
        Line::Up(socket) if socket.pinged_at_ms.is_none_or(|at| now - at >= PING_EVERY_MS) => inner.ping(),
        Line::Up(_) => {}
    }
}

fn open(feed: &Rc<RefCell<Feed>>, live: Live, number: u32, now: f64) -> Option<Socket> {
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
        _on_open: on_open,
        _on_message: on_message,
        _on_close: on_close,
    })
}

impl Feed {
    fn up(&mut self) {
        self.live.link.set(Link::Live);
        self.ping();
        if self.opened > 1 {
            // My rank may have changed while nobody could tell.
            ask_standing(self.live);
        }
    }

    fn ping(&mut self) {
        let Line::Up(Socket { browser, pinged_at_ms, .. }) = &mut self.line else { return };
        if browser.ready_state() != WebSocket::OPEN {
            return;
        }
        if let Ok(ping) = serde_json::to_string(&ClientEvent::Ping)
            && browser.send_with_str(&ping).is_ok()
        {
            *pinged_at_ms = Some(local_ms());
        }
    }

    fn hang_up(&mut self) {
        if self.finish_at_ms.is_finite() {
            return self.finish();
        }
        let wait_ms = backoff::wait_ms(self.failures, js_sys::Math::random());
        self.failures = self.failures.saturating_add(1);
        self.line = Line::Down { retry_at_ms: local_ms() + wait_ms };
        let stuck = self.failures >= FAILURES_BEFORE_STUCK;
        self.live.link.set(if stuck { Link::Stuck } else { Link::Lost });
    }

    fn finish(&mut self) {
        self.line = Line::Done;
        self.live.link.set(Link::Closed);
    }

    fn hear(&mut self, text: &str) {
        let now = local_ms();
        if let Line::Up(socket) = &mut self.line {
            socket.heard_at_ms = now;
        }
        self.failures = 0;
        let Some(event) = frame::read(text) else { return };
        let live = self.live;
        match event {
            ServerEvent::RankingUpdate(update) => self.rank(update, now),
            ServerEvent::Pong(pong) => {
                if let Line::Up(Socket { pinged_at_ms: Some(sent), .. }) = &self.line {
                    self.clock.learn_round_trip(*sent, now, millis(pong.server_time));
                }
            }
            ServerEvent::BidAccepted(bid) => {
                let news = Standing { rank: bid.rank, score: bid.score, price: Some(bid.price) };
                live.learn_standing(news, Source::Feed);
            }
            ServerEvent::RankChanged(change) => {
                let news = Standing { rank: change.rank, score: change.score, price: None };
                live.learn_standing(news, Source::Feed);
            }
            ServerEvent::CampaignUpdated(update) => self.reschedule(update),
            ServerEvent::CampaignEnded(ended) => {
                live.result.set(Some(ended));
                self.finish_at_ms = now + LINGER_MS;
            }
        }
    }

    fn reschedule(&mut self, update: CampaignUpdated) {
        let cancelled = update.status == CampaignStatus::Cancelled;
        self.live.schedule.set(Schedule {
            start_time: update.start_time,
            end_time: update.end_time,
            status: update.status,
            reason: if cancelled { update.reason } else { None },
        });
        if cancelled {
            self.finish();
        }
    }

    fn rank(&mut self, update: RankingUpdate, now: f64) {
        self.clock.learn_message(now, millis(update.timestamp));
        if update.version < self.version {
            return;
        }
        self.version = update.version;
        let live = self.live;
        if let Some(row) = update.top_k.iter().find(|row| Some(row.user_id) == live.me) {
            let news = Standing { rank: row.rank, score: row.score, price: Some(row.price) };
            live.learn_standing(news, Source::Feed);
        }
        let ranking = RankingView {
            rows: update.top_k,
            total: update.total_participants,
            min_winning_score: update.min_winning_score,
        };
        // The server repeats itself every few seconds; the page need not.
        if live.ranking.with_untracked(|current| *current != ranking) {
            live.ranking.set(ranking);
        }
    }
}

fn millis(at: Timestamp) -> f64 {
    at.unix_millis() as f64
}

fn ask_standing(live: Live) {
    if live.me.is_none() {
        return;
    }
    spawn_local(async move {
        let request = Request::get(&format!("/api/v1/rankings/{}/me", live.campaign_id)).send();
        let Ok(response) = request.await else { return };
        if let Ok(MyStanding { rank: Some(rank), score: Some(score), price, .. }) = response.json().await {
            live.learn_standing(Standing { rank, score, price }, Source::Feed);
        }
    });
}
