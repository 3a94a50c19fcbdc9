//! Live feeds of the campaigns in the list. Of what they bring only that something has changed is used.

use super::schedule::spread_ms;
use crate::islands::backoff;
use js_sys::{Date, Math};
use leptos::prelude::window;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

/// Feeds open at a time. A list with more campaigns is fetched every few seconds.
const FEEDS_MAX: usize = 8;
/// After this long without a frame a line is dead: there are several in a while a campaign runs.
const SILENCE_MS_MAX: f64 = 40_000.0;

/// The open feeds.
pub(super) struct Feeds {
    open: Vec<Feed>,
    /// The least spread of the news that have come, if any have.
    news: Rc<Cell<Option<f64>>>,
    failures: u32,
    retry_at_ms: f64,
}

struct Feed {
    campaign: String,
    socket: WebSocket,
    opened_at_ms: f64,
    /// When the last frame came.
    heard_at_ms: Rc<Cell<Option<f64>>>,
    /// The browser calls this; it lives as long as the socket.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        // Closing what is closed does nothing.
        let _ = self.socket.close();
    }
}

impl Feeds {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), news: Rc::default(), failures: 0, retry_at_ms: f64::NEG_INFINITY }
    }

    /// Closes all of them; the next tick opens those that are wanted.
    pub(super) fn close(&mut self) {
        self.open.clear();
        self.failures = 0;
        self.retry_at_ms = f64::NEG_INFINITY;
    }

    /// Follows the `wanted` campaigns and no others. Returns the spread of news that have come.
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
                match Feed::open(campaign, &self.news, now_ms) {
                    Some(feed) => self.open.push(feed),
                    None => self.back_off(now_ms),
                }
            }
        }
        if self.cover(wanted) {
            self.failures = 0;
        }
        self.news.take()
    }

    fn back_off(&mut self, now_ms: f64) {
        self.retry_at_ms = now_ms + backoff::wait_ms(self.failures, Math::random());
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether there is a feed of each of the `campaigns`.
    pub(super) fn cover(&self, campaigns: &[String]) -> bool {
        let is_heard = |campaign: &String| {
            self.open.iter().any(|feed| feed.campaign == *campaign && feed.heard_at_ms.get().is_some())
        };
        !campaigns.is_empty() && campaigns.iter().all(is_heard)
    }
}

impl Feed {
    fn open(campaign: &str, news: &Rc<Cell<Option<f64>>>, now_ms: f64) -> Option<Self> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let address = format!("{scheme}://{}/ws/{campaign}", location.host().ok()?);
        let socket = WebSocket::new(&address).ok()?;
        let heard_at_ms = Rc::new(Cell::new(None));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let (heard_at_ms, news) = (Rc::clone(&heard_at_ms), Rc::clone(news));
            move |message: MessageEvent| {
                let is_first = heard_at_ms.replace(Some(Date::now())).is_none();
                let spread = message.data().as_string().and_then(|frame| spread_ms(&frame));
                // Nobody tells what happened between the list and the first frame.
                let spread = if is_first { Some(0.0) } else { spread };
                if let Some(spread) = spread {
                    news.set(Some(news.get().map_or(spread, |known| known.min(spread))));
                }
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let campaign = campaign.to_owned();
        Some(Self { campaign, socket, opened_at_ms: now_ms, heard_at_ms, _on_message: on_message })
    }

    fn is_alive(&self, now_ms: f64) -> bool {
        let heard_at_ms = self.heard_at_ms.get().unwrap_or(self.opened_at_ms);
        self.socket.ready_state() < WebSocket::CLOSING && now_ms - heard_at_ms < SILENCE_MS_MAX
    }
}
