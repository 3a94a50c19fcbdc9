//! Fan-out: how long after the answer to a bid each of many websockets shows it, and what a
//! websocket takes of the server's memory.

use crate::{
    Result,
    bidders::{Bidder, Field, deal},
    cpu::Usage,
    http::Connection,
    measure::Bench,
    memory::resident_mib,
    record::{histogram, micros},
    run::progress,
    stores::Stores,
    viewers,
};
use domain::Money;
use futures_util::StreamExt;
use hdrhistogram::Histogram;
use serde::Serialize;
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

/// From one bid to the next: time for a frame to reach everyone.
const BID_EVERY: Duration = Duration::from_millis(500);
/// What has not come this long after the last bid never will.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bids that are waited for at a time; an older one that is not shown by then is missed.
const ANNOUNCED_MAX: usize = 8;

/// What the fan-out of one campaign gave.
#[derive(Serialize)]
pub struct FanOut {
    /// Websockets that watch.
    pub viewers: u32,
    /// Resident memory of the server with nobody connected, in MiB.
    pub memory_before_mib: f64,
    /// The same after all rounds, everyone connected.
    pub memory_after_mib: f64,
    /// How it went.
    pub rounds: Vec<Round>,
}

/// One repetition.
#[derive(Serialize)]
pub struct Round {
    /// Bids, each of which everyone was to see.
    pub bids: u32,
    /// From a bid's answer to the frame that shows it, in milliseconds, over all bids and websockets.
    pub shown_p50_ms: f64,
    /// 90th percentile.
    pub shown_p90_ms: f64,
    /// 99th percentile.
    pub shown_p99_ms: f64,
    /// The last of all.
    pub shown_max_ms: f64,
    /// Times a websocket did not show a bid.
    pub missed: u64,
    /// CPU of the round.
    pub cpu: Usage,
}

/// The bids that everyone waits for.
struct News {
    /// The last few, newest last.
    bids: VecDeque<Announced>,
    /// Bids so far.
    count: u64,
    /// Delays in microseconds.
    shown: Histogram<u64>,
}

/// A bid and when it was answered.
struct Announced {
    number: u64,
    /// How its price stands in a frame.
    price: String,
    /// When its bidder had the answer; a frame may be quicker.
    answered_at: Option<Instant>,
}

impl News {
    fn announce(&mut self, price: &str) -> Result<()> {
        let price: Money = price.parse().map_err(|_| "no price")?;
        if self.bids.len() == ANNOUNCED_MAX {
            self.bids.pop_front();
        }
        self.count += 1;
        let price = format!("\"price\":{}", serde_json::to_string(&price)?);
        self.bids.push_back(Announced { number: self.count, price, answered_at: None });
        Ok(())
    }

    fn answered(&mut self) {
        if let Some(newest) = self.bids.back_mut() {
            newest.answered_at = Some(Instant::now());
        }
    }

    /// Notes the delays of the bids after number `last` that a frame shows; the newest of them.
    fn seen(&mut self, frame: &str, last: u64) -> u64 {
        let mut newest = last;
        for bid in self.bids.iter().filter(|bid| bid.number > last && frame.contains(&bid.price)) {
            let late = bid.answered_at.map_or(Duration::ZERO, |at| at.elapsed());
            self.shown.saturating_record(micros(late));
            newest = newest.max(bid.number);
        }
        newest
    }
}

type Shared = Arc<Mutex<News>>;

fn lock(news: &Shared) -> MutexGuard<'_, News> {
    news.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bench {
    /// Connects everyone to a campaign of its own and bids in it now and then.
    pub async fn fan_out(&self, server_pid: u32, stores: &Stores) -> Result<FanOut> {
        let count = self.plan.fan_out_viewers;
        progress(&format!("fan-out to {count} websockets"));
        let campaign = self.world.campaign().await?;
        stores.settle_down().await;
        let memory_before_mib = resident_mib(server_pid)?;
        let news = Arc::new(Mutex::new(News { bids: VecDeque::new(), count: 0, shown: histogram()? }));
        let _crowd = Crowd::connect(self.world.server, &campaign, count, &news).await?;
        let mut rounds = Vec::new();
        for n in 1..=self.plan.repeat {
            progress(&format!("fan-out, {n} of {}", self.plan.repeat));
            rounds.push(self.round(&campaign, &news).await?);
        }
        Ok(FanOut { viewers: count, memory_before_mib, memory_after_mib: resident_mib(server_pid)?, rounds })
    }

    async fn round(&self, campaign: &str, news: &Shared) -> Result<Round> {
        let hands = deal(self.world.server, campaign, &self.world.users, Field { standing: None }, 1);
        let mut bidders: Vec<Bidder> = hands.into_iter().flatten().collect();
        let mut connection = Connection::open(self.world.server).await?;
        let mut turns = interval(BID_EVERY);
        let end = Instant::now() + self.plan.window();
        let cpu = self.processes.read()?;
        let mut bids = 0;
        lock(news).shown.reset();
        for bidder in &mut bidders {
            if turns.tick().await >= end {
                break;
            }
            let request = bidder.next(&self.prices).to_vec();
            lock(news).announce(bidder.price())?;
            let status = connection.exchange(&request).await?;
            lock(news).answered();
            if status != 201 {
                return Err(format!("a bid was answered {status}").into());
            }
            bids += 1;
        }
        let cpu = self.processes.read()?.since(&cpu);
        let expected = u64::from(bids) * u64::from(self.plan.fan_out_viewers);
        let give_up = Instant::now() + PATIENCE;
        while lock(news).shown.len() < expected && Instant::now() < give_up {
            sleep(BID_EVERY / 10).await;
        }
        let shown = &lock(news).shown;
        let ms = |quantile| shown.value_at_quantile(quantile) as f64 / 1000.0;
        Ok(Round {
            bids,
            shown_p50_ms: ms(0.5),
            shown_p90_ms: ms(0.9),
            shown_p99_ms: ms(0.99),
            shown_max_ms: ms(1.0),
            missed: expected.saturating_sub(shown.len()),
            cpu,
        })
    }
}

/// Open websockets on a thread of their own, until dropped.
struct Crowd {
    _stay: oneshot::Sender<()>,
}

impl Crowd {
    async fn connect(server: SocketAddr, campaign: &str, count: u32, news: &Shared) -> Result<Self> {
        let (stay, leave) = oneshot::channel();
        let (tell_ready, ready) = oneshot::channel();
        let (tell_end, end) = oneshot::channel();
        let (url, news) = (format!("ws://{server}/ws/{campaign}"), news.clone());
        viewers::thread(move || {
            let _ = tell_end.send(viewers::block_on(async {
                let mut tasks = JoinSet::new();
                for _ in 0..count {
                    tasks.spawn_local(watch(viewers::open(server, &url).await?, news.clone()));
                }
                let _ = tell_ready.send(());
                // Dropping the tasks closes the websockets.
                let _ = leave.await;
                Ok(())
            }));
        })?;
        if ready.await.is_err() {
            end.await??;
        }
        Ok(Self { _stay: stay })
    }
}

/// Notes for each bid when a frame first shows it.
async fn watch(mut socket: WebSocketStream<TcpStream>, news: Shared) {
    let mut last = 0;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        last = lock(&news).seen(&text, last);
    }
}
