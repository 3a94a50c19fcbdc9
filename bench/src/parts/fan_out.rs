//! Fan-out: how long after the answer to a bid each of many websockets shows it, and how much of the server's memory a
//! websocket takes.

use crate::{
    context::Context,
    data_stores::DataStores,
    error::Result,
    http_client::HttpConnection,
    load::{
        bidders::{Bidder, split_among_connections},
        latency::{histogram, micros, quantile_ms},
        websocket_client,
    },
    prices::StartingPrices,
    probes::memory::resident_mib,
    progress::progress,
    results::{FanOut, FanOutRound},
};
use domain::Money;
use futures_util::StreamExt;
use hdrhistogram::Histogram;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    sync::oneshot,
    task::JoinSet,
    time::{Instant, interval, sleep},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

/// From one bid to the next: time for a frame to reach every websocket.
const BID_INTERVAL: Duration = Duration::from_millis(500);
/// A bid that is not shown this long after the last one was sent is missed.
const FRAME_TIMEOUT: Duration = Duration::from_secs(3);
/// Bids that are tracked at a time; an older one that is not shown by then is missed.
const TRACKED_MAX: usize = 8;

/// Measures the delays between the answers to bids and the frames that show them.
struct BidTracker {
    /// The last few bids, newest last.
    bids: VecDeque<TrackedBid>,
    /// Bids so far.
    count: u64,
    /// Delays in microseconds, over all bids and websockets.
    shown: Histogram<u64>,
}

/// A bid that websockets should show.
struct TrackedBid {
    number: u64,
    /// Its price as a frame has it.
    price: String,
    /// When its bidder got the answer; a frame may be quicker.
    answered_at: Option<Instant>,
}

impl BidTracker {
    /// Tracks a bid that is about to be sent.
    fn track(&mut self, price: &str) -> Result<()> {
        let price: Money = price.parse().map_err(|_| "no price")?;
        if self.bids.len() == TRACKED_MAX {
            self.bids.pop_front();
        }
        self.count += 1;
        let price = format!("\"price\":{}", serde_json::to_string(&price)?);
        self.bids.push_back(TrackedBid { number: self.count, price, answered_at: None });
        Ok(())
    }

    /// Records that the newest bid was answered.
    fn answered(&mut self) {
        if let Some(newest) = self.bids.back_mut() {
            newest.answered_at = Some(Instant::now());
        }
    }

    /// Records the delays of the bids that a frame shows and that are newer than number `last`; returns the number of
    /// the newest bid shown so far.
    fn frame_received(&mut self, frame: &str, last: u64) -> u64 {
        let mut newest = last;
        for bid in self.bids.iter().filter(|bid| bid.number > last && frame.contains(&bid.price)) {
            let delay = bid.answered_at.map_or(Duration::ZERO, |at| at.elapsed());
            self.shown.saturating_record(micros(delay));
            newest = newest.max(bid.number);
        }
        newest
    }
}

type SharedTracker = Arc<Mutex<BidTracker>>;

fn lock(tracker: &SharedTracker) -> MutexGuard<'_, BidTracker> {
    tracker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens all websockets on a new campaign and sends a bid now and then.
pub async fn measure(ctx: &Context, server_pid: u32, stores: &DataStores) -> Result<FanOut> {
    let count = ctx.plan.fan_out_viewers;
    progress(&format!("fan-out to {count} websockets"));
    let campaign = ctx.fixture.create_campaign().await?;
    stores.vacuum_and_checkpoint().await;
    let memory_before_mib = resident_mib(server_pid)?;
    let tracker = Arc::new(Mutex::new(BidTracker { bids: VecDeque::new(), count: 0, shown: histogram()? }));
    let _websockets = Websockets::connect(ctx.fixture.server, &campaign, count, &tracker).await?;
    let mut rounds = Vec::new();
    for n in 1..=ctx.plan.repeat {
        progress(&format!("fan-out, {n} of {}", ctx.plan.repeat));
        rounds.push(measure_round(ctx, &campaign, &tracker).await?);
    }
    Ok(FanOut { viewers: count, memory_before_mib, memory_after_mib: resident_mib(server_pid)?, rounds })
}

async fn measure_round(ctx: &Context, campaign: &str, tracker: &SharedTracker) -> Result<FanOutRound> {
    let (server, users) = (ctx.fixture.server, &ctx.fixture.users);
    let groups = split_among_connections(server, campaign, users, StartingPrices::NoStandingBids, 1);
    let mut bidders: Vec<Bidder> = groups.into_iter().flatten().collect();
    let mut connection = HttpConnection::open(server).await?;
    let mut ticks = interval(BID_INTERVAL);
    let end = Instant::now() + ctx.plan.window();
    let cpu = ctx.processes.read()?;
    let mut bids = 0;
    lock(tracker).shown.reset();
    for bidder in &mut bidders {
        if ticks.tick().await >= end {
            break;
        }
        let request = bidder.next_request(&ctx.prices).to_vec();
        lock(tracker).track(bidder.price())?;
        let status = connection.exchange(&request).await?;
        lock(tracker).answered();
        if status != 201 {
            return Err(format!("a bid was answered {status}").into());
        }
        bids += 1;
    }
    let cpu = ctx.processes.read()?.since(&cpu);
    let expected = u64::from(bids) * u64::from(ctx.plan.fan_out_viewers);
    let give_up = Instant::now() + FRAME_TIMEOUT;
    while lock(tracker).shown.len() < expected && Instant::now() < give_up {
        sleep(BID_INTERVAL / 10).await;
    }
    let shown = &lock(tracker).shown;
    Ok(FanOutRound {
        bids,
        shown_p50_ms: quantile_ms(shown, 0.5),
        shown_p90_ms: quantile_ms(shown, 0.9),
        shown_p99_ms: quantile_ms(shown, 0.99),
        shown_max_ms: quantile_ms(shown, 1.0),
        missed: expected.saturating_sub(shown.len()),
        cpu,
    })
}

/// Open websockets on a thread of their own, closed when dropped.
struct Websockets {
    _stay_open: oneshot::Sender<()>,
}

impl Websockets {
    async fn connect(server: SocketAddr, campaign: &str, count: u32, tracker: &SharedTracker) -> Result<Self> {
        let (stay_open, dropped) = oneshot::channel();
        let (ready_sender, ready) = oneshot::channel();
        let (end_sender, end) = oneshot::channel();
        let (url, tracker) = (format!("ws://{server}/ws/{campaign}"), tracker.clone());
        websocket_client::spawn_thread(move || {
            let _ = end_sender.send(websocket_client::block_on(async {
                let mut tasks = JoinSet::new();
                for _ in 0..count {
                    tasks.spawn_local(watch(websocket_client::open(server, &url).await?, tracker.clone()));
                }
                let _ = ready_sender.send(());
                // Dropping the tasks closes the websockets.
                let _ = dropped.await;
                Ok(())
            }));
        })?;
        if ready.await.is_err() {
            end.await??;
        }
        Ok(Self { _stay_open: stay_open })
    }
}

/// Records for each bid when a frame first shows it.
async fn watch(mut socket: WebSocketStream<TcpStream>, tracker: SharedTracker) {
    let mut last = 0;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        last = lock(&tracker).frame_received(&text, last);
    }
}
