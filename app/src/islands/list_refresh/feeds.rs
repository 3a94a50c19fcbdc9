//! The live feeds of the campaigns in the list, used only to learn that the list has changed.

use super::schedule::spread_ms;
use crate::islands::backoff;
use js_sys::{Date, Math};
use leptos::prelude::window;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

/// The maximum number of open feeds. A list with more campaigns is polled.
const FEEDS_MAX: usize = 8;
/// A feed without a frame for this long is dead: while a campaign runs, several arrive in this time.
const SILENCE_MS_MAX: f64 = 40_000.0;

/// The open feeds.
pub(super) struct Feeds {
    open: Vec<ListFeed>,
    /// The shortest spread of the events since the last tick, if any.
    event_spread_ms: Rc<Cell<Option<f64>>>,
    failures: u32,
    retry_at_ms: f64,
}

struct ListFeed {
    campaign: String,
    socket: WebSocket,
    opened_at_ms: f64,
    /// When the last frame arrived.
    last_frame_ms: Rc<Cell<Option<f64>>>,
    /// The socket's callback, which must live as long as the socket.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for ListFeed {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        // Closing a closed socket has no effect.
        let _ = self.socket.close();
    }
}

impl Feeds {
    /// No feeds yet.
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), event_spread_ms: Rc::default(), failures: 0, retry_at_ms: f64::NEG_INFINITY }
    }

    /// Closes all feeds; the next tick opens the wanted ones again.
    pub(super) fn close(&mut self) {
        self.open.clear();
        self.failures = 0;
        self.retry_at_ms = f64::NEG_INFINITY;
    }

    /// Opens the feeds of the `wanted` campaigns and closes all others. Returns the shortest spread of the events since the
    /// last tick.
    pub(super) fn tick(&mut self, wanted: &[String], now_ms: f64) -> Option<f64> {
        let wanted = &wanted[..wanted.len().min(FEEDS_MAX)];
        self.open.retain(|feed| wanted.contains(&feed.campaign));
        let before = self.open.len();
        self.open.retain(|feed| feed.is_alive(now_ms));
        if self.open.len() < before {
            self.back_off(now_ms);
        }
        for campaign in wanted {
            if now_ms >= self.retry_at_ms && self.open.iter().all(|feed| feed.campaign != *campaign) {
                match ListFeed::open(campaign, &self.event_spread_ms, now_ms) {
                    Some(feed) => self.open.push(feed),
                    None => self.back_off(now_ms),
                }
            }
        }
        if self.cover(wanted) {
            self.failures = 0;
        }
        self.event_spread_ms.take()
    }

    fn back_off(&mut self, now_ms: f64) {
        self.retry_at_ms = now_ms + backoff::wait_ms(self.failures, Math::random());
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether each of the `campaigns` has a feed that delivers frames.
    pub(super) fn cover(&self, campaigns: &[String]) -> bool {
        let is_delivering = |campaign: &String| {
            self.open.iter().any(|feed| feed.campaign == *campaign && feed.last_frame_ms.get().is_some())
        };
        !campaigns.is_empty() && campaigns.iter().all(is_delivering)
    }
}

impl ListFeed {
    fn open(campaign: &str, event_spread_ms: &Rc<Cell<Option<f64>>>, now_ms: f64) -> Option<Self> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let address = format!("{scheme}://{}/ws/{campaign}", location.host().ok()?);
        let socket = WebSocket::new(&address).ok()?;
        let last_frame_ms = Rc::new(Cell::new(None));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let (last_frame_ms, event_spread_ms) = (Rc::clone(&last_frame_ms), Rc::clone(event_spread_ms));
            move |message: MessageEvent| {
                let is_first = last_frame_ms.replace(Some(Date::now())).is_none();
                let spread = message.data().as_string().and_then(|frame| spread_ms(&frame));
                // Changes between the rendering of the list and the first frame are unknown.
                let spread = if is_first { Some(0.0) } else { spread };
                if let Some(spread) = spread {
                    event_spread_ms.set(Some(event_spread_ms.get().map_or(spread, |known| known.min(spread))));
                }
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let campaign = campaign.to_owned();
        Some(Self { campaign, socket, opened_at_ms: now_ms, last_frame_ms, _on_message: on_message })
    }

    fn is_alive(&self, now_ms: f64) -> bool {
        let last_frame_ms = self.last_frame_ms.get().unwrap_or(self.opened_at_ms);
        self.socket.ready_state() < WebSocket::CLOSING && now_ms - last_frame_ms < SILENCE_MS_MAX
    }
}
