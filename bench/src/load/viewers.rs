//! Viewers: spectators' websockets that watch a campaign while others bid.

use crate::{
    error::Result,
    load::{
        websocket_client::{block_on, open, spawn_thread},
        window::Window,
    },
};
use futures_util::StreamExt;
use serde::Serialize;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

/// What the viewers received inside a window.
#[derive(Clone, Copy, Default, Serialize)]
pub struct ViewerStats {
    /// Open websockets at the start.
    pub viewers: u32,
    /// Frames received, by all of them together.
    pub frames: u64,
    /// Bytes in these frames.
    pub bytes: u64,
    /// The longest time between two frames of one viewer.
    pub gap_max_ms: f64,
    /// Websockets that were closed.
    pub lost: u32,
}

/// Open websockets.
pub struct Viewers {
    window: watch::Sender<Option<Window>>,
    stats: oneshot::Receiver<Result<ViewerStats>>,
}

impl Viewers {
    /// Opens `count` websockets on a campaign.
    pub async fn connect(server: SocketAddr, campaign: &str, count: u32) -> Result<Self> {
        let (window, window_receiver) = watch::channel(None);
        let (ready_sender, ready) = oneshot::channel();
        let (stats_sender, stats) = oneshot::channel();
        let url = format!("ws://{server}/ws/{campaign}");
        spawn_thread(move || {
            let _ = stats_sender.send(watch_all(server, &url, count, &window_receiver, ready_sender));
        })?;
        if ready.await.is_err() {
            return Err(match stats.await? {
                Err(error) => format!("the viewers cannot connect: {error}").into(),
                Ok(_) => "the viewers ended before the load started".into(),
            });
        }
        Ok(Self { window, stats })
    }

    /// Sets the window; only frames inside it count.
    pub fn start(&self, window: Window) {
        self.window.send_replace(Some(window));
    }

    /// Waits until the window closes and returns what was received.
    pub async fn finish(self) -> Result<ViewerStats> {
        self.stats.await?
    }
}

fn watch_all(
    server: SocketAddr,
    url: &str,
    count: u32,
    window: &watch::Receiver<Option<Window>>,
    ready: oneshot::Sender<()>,
) -> Result<ViewerStats> {
    block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            tasks.spawn_local(watch_one(open(server, url).await?, window.clone()));
        }
        let _ = ready.send(());
        let mut sum = ViewerStats { viewers: count, ..ViewerStats::default() };
        while let Some(stats) = tasks.join_next().await {
            let stats = stats?;
            sum.frames += stats.frames;
            sum.bytes += stats.bytes;
            sum.gap_max_ms = sum.gap_max_ms.max(stats.gap_max_ms);
            sum.lost += stats.lost;
        }
        Ok(sum)
    })
}

/// Reads until the window closes. A gap that began before the window counts in full.
async fn watch_one(
    mut socket: WebSocketStream<TcpStream>,
    mut window_receiver: watch::Receiver<Option<Window>>,
) -> ViewerStats {
    let mut stats = ViewerStats::default();
    let mut last = Instant::now();
    loop {
        let window = *window_receiver.borrow_and_update();
        let received = tokio::select! {
            received = socket.next() => received,
            () = close_of(window) => {
                stats.record_gap(last, Instant::now());
                return stats;
            }
            changed = window_receiver.changed(), if window.is_none() => match changed {
                Ok(()) => continue,
                // The benchmark is ending.
                Err(_) => return stats,
            },
        };
        let now = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => {
                if window.is_some_and(|window| window.contains(now)) {
                    stats.frames += 1;
                    stats.bytes += text.len() as u64;
                    stats.record_gap(last, now);
                }
                last = now;
            }
            // The websocket library answers pings.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => {
                stats.lost = 1;
                return stats;
            }
        }
    }
}

/// Resolves when the window closes; pending forever while there is none.
async fn close_of(window: Option<Window>) {
    match window {
        Some(window) => sleep_until(window.close).await,
        None => std::future::pending().await,
    }
}

impl ViewerStats {
    fn record_gap(&mut self, from: Instant, to: Instant) {
        let gap: Duration = to.saturating_duration_since(from);
        self.gap_max_ms = self.gap_max_ms.max(gap.as_secs_f64() * 1000.0);
    }
}
