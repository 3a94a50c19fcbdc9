//! Spectators: websockets that watch a campaign while others bid, on a thread of their own.

use crate::{Result, record::Window};
use futures_util::StreamExt;
use rustix::process::setpriority_process;
use serde::Serialize;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
    task::{JoinSet, LocalSet},
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// Read buffer of a socket in bytes; a frame of fifteen rows has about two thousand.
const READ_BUFFER_BYTES: usize = 4096;

/// The priority of their thread, as `nice` counts.
const NICE: i32 = 10;

/// What the viewers saw inside a window.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Seen {
    /// Open websockets at the start of the window.
    pub viewers: u32,
    /// Frames received, by all of them together.
    pub frames: u64,
    /// Bytes in these frames.
    pub bytes: u64,
    /// The longest time any of them waited for a frame.
    pub gap_max_ms: f64,
    /// Websockets that ended.
    pub lost: u32,
}

/// Open websockets.
pub struct Viewers {
    window: watch::Sender<Option<Window>>,
    seen: oneshot::Receiver<Result<Seen>>,
}

impl Viewers {
    /// Opens `count` websockets on a campaign.
    pub async fn connect(server: SocketAddr, campaign: &str, count: u32) -> Result<Self> {
        let (window, told) = watch::channel(None);
        let (tell_ready, ready) = oneshot::channel();
        let (tell_seen, seen) = oneshot::channel();
        let url = format!("ws://{server}/ws/{campaign}");
        thread(move || {
            let _ = tell_seen.send(watch_all(server, &url, count, &told, tell_ready));
        })?;
        if ready.await.is_err() {
            return Err(match seen.await? {
                Err(error) => format!("the viewers cannot connect: {error}").into(),
                Ok(_) => "the viewers left before it began".into(),
            });
        }
        Ok(Self { window, seen })
    }

    /// Tells them what counts.
    pub fn begin(&self, window: Window) {
        self.window.send_replace(Some(window));
    }

    /// What they saw, once the window has ended.
    pub async fn finish(self) -> Result<Seen> {
        self.seen.await?
    }
}

/// Starts a thread for viewers. In life they are on other machines, and take nothing from those
/// whose bids are timed.
pub fn thread(work: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new().name("viewers".to_owned()).spawn(move || {
        let _ = setpriority_process(None, NICE);
        work();
    })?;
    Ok(())
}

/// Runs tasks of this thread to their end.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, work)
}

/// Opens a websocket with small buffers.
pub async fn open(server: SocketAddr, url: &str) -> Result<WebSocketStream<TcpStream>> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    Ok(socket)
}

fn watch_all(
    server: SocketAddr,
    url: &str,
    count: u32,
    told: &watch::Receiver<Option<Window>>,
    tell_ready: oneshot::Sender<()>,
) -> Result<Seen> {
    block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            tasks.spawn_local(watch_one(open(server, url).await?, told.clone()));
        }
        let _ = tell_ready.send(());
        let mut sum = Seen { viewers: count, ..Seen::default() };
        while let Some(seen) = tasks.join_next().await {
            let seen = seen?;
            sum.frames += seen.frames;
            sum.bytes += seen.bytes;
            sum.gap_max_ms = sum.gap_max_ms.max(seen.gap_max_ms);
            sum.lost += seen.lost;
        }
        Ok(sum)
    })
}

/// Reads until the window ends. A gap that began before the window counts whole.
async fn watch_one(mut socket: WebSocketStream<TcpStream>, mut told: watch::Receiver<Option<Window>>) -> Seen {
    let mut seen = Seen::default();
    let mut last = Instant::now();
    loop {
        let window = *told.borrow_and_update();
        let received = tokio::select! {
            received = socket.next() => received,
            () = end_of(window) => {
                seen.gap(last, Instant::now());
                return seen;
            }
            changed = told.changed(), if window.is_none() => match changed {
                Ok(()) => continue,
                // The benchmark is ending.
                Err(_) => return seen,
            },
        };
        let now = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => {
                if window.is_some_and(|window| window.counts(now)) {
                    seen.frames += 1;
                    seen.bytes += text.len() as u64;
                    seen.gap(last, now);
                }
                last = now;
            }
            // Pings are answered below us.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => {
                seen.lost = 1;
                return seen;
            }
        }
    }
}

/// Comes true at the end of the window, once there is one.
async fn end_of(window: Option<Window>) {
    match window {
        Some(window) => sleep_until(window.end).await,
        None => std::future::pending().await,
    }
}

impl Seen {
    fn gap(&mut self, from: Instant, to: Instant) {
        let gap: Duration = to.saturating_duration_since(from);
        self.gap_max_ms = self.gap_max_ms.max(gap.as_secs_f64() * 1000.0);
    }
}
