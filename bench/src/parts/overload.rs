//! Overload: far more bids than the server can take, for a while. How many are refused and how soon, how long accepted
//! ones take, and whether the server's memory stays flat.

use crate::{
    context::Context,
    data_stores::DataStores,
    error::Result,
    http_client::HttpConnection,
    load::{
        bidders::{Bidder, split_among_connections},
        latency::{histogram, max_ms, micros, quantile_ms},
    },
    prices::{PriceCounter, StartingPrices},
    probes::{cpu::CpuUsage, memory::resident_mib},
    progress::progress,
    results::{Overload, OverloadLatency, OverloadMemory},
};
use hdrhistogram::Histogram;
use std::{cell::RefCell, collections::BTreeMap, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::{
    task::{JoinSet, LocalSet},
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout_at},
};

/// How long to wait for answers after the load.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// From the last answer to the last reading of the server's memory.
const COOL_DOWN: Duration = Duration::from_secs(10);
/// From the start of the connections' tasks to the first bid.
const LEAD: Duration = Duration::from_millis(100);

/// Counts and latencies of the answers on all connections.
struct AnswerStats {
    count: BTreeMap<String, u64>,
    /// Bids not sent because the connection was still waiting for an answer.
    left_out: u64,
    accepted: Histogram<u64>,
    refused: Histogram<u64>,
}

/// When a connection sends its bids.
#[derive(Clone, Copy)]
struct SendTimes {
    first: Instant,
    interval: Duration,
    end: Instant,
}

/// Overloads a new campaign. Every connection has a user of its own, so that every bid counts.
pub async fn measure(ctx: &mut Context, server_pid: u32, stores: &DataStores) -> Result<Overload> {
    let (connections, rate) = (ctx.plan.overload_connections, ctx.plan.overload_rate);
    progress(&format!("overload: {rate} bids/s over {connections} connections"));
    ctx.fixture.ensure_bidding_users(&stores.database, connections).await?;
    let campaign = ctx.fixture.create_campaign().await?;
    stores.vacuum_and_checkpoint().await;
    let users = &ctx.fixture.users[..usize::try_from(connections)?];
    let starting_prices = StartingPrices::NoStandingBids;
    let groups = split_among_connections(ctx.fixture.server, &campaign, users, starting_prices, connections);
    let bidders = groups.into_iter().flatten().collect();
    let stats = Rc::new(RefCell::new(AnswerStats::new()?));
    let (cpu, memory) = LocalSet::new().run_until(run_load(ctx, server_pid, bidders, &stats)).await?;
    let written = stores.accepted_bids(&campaign).await?;
    let stats = stats.borrow();
    let acknowledged = stats.count.get("201").copied().unwrap_or(0);
    // More may be written: bids on connections that broke, or that were answered too late.
    if written < acknowledged {
        return Err(format!("{acknowledged} bids were acknowledged, but only {written} were written").into());
    }
    let per_second = |count: u64| count as f64 / ctx.plan.overload_s;
    Ok(Overload {
        connections,
        rate,
        seconds: ctx.plan.overload_s,
        answers_per_s: stats.count.iter().map(|(kind, &count)| (kind.clone(), per_second(count))).collect(),
        left_out_per_s: per_second(stats.left_out),
        accepted: percentiles(&stats.accepted),
        refused: percentiles(&stats.refused),
        cpu,
        memory,
    })
}

/// Opens a connection for every bidder, lets all of them bid, and waits until all are answered.
async fn run_load(
    ctx: &Context,
    server_pid: u32,
    bidders: Vec<Bidder>,
    stats: &Rc<RefCell<AnswerStats>>,
) -> Result<(CpuUsage, OverloadMemory)> {
    let (server, rate) = (ctx.fixture.server, ctx.plan.overload_rate);
    let before = resident_mib(server_pid)?;
    let mut clients = Vec::with_capacity(bidders.len());
    for bidder in bidders {
        let connection = Some(HttpConnection::open(server).await?);
        clients.push((OverloadClient { server, connection, prices: ctx.prices.clone() }, bidder));
    }
    let connected = resident_mib(server_pid)?;
    let length = Duration::from_secs_f64(ctx.plan.overload_s);
    let start = Instant::now() + LEAD;
    let interval = Duration::from_secs(1) * ctx.plan.overload_connections / rate;
    let mut tasks = JoinSet::new();
    for (n, (client, bidder)) in (0..).zip(clients) {
        let times = SendTimes { first: start + Duration::from_secs(1) * n / rate, interval, end: start + length };
        tasks.spawn_local(client.run(bidder, times, stats.clone()));
    }
    sleep_until(start).await;
    let cpu = ctx.processes.read()?;
    let mut quarters = Vec::new();
    for quarter in 1..=4 {
        sleep_until(start + length * quarter / 4).await;
        quarters.push(resident_mib(server_pid)?);
    }
    let cpu = ctx.processes.read()?.since(&cpu);
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    sleep(COOL_DOWN).await;
    Ok((cpu, OverloadMemory { before, connected, quarters, after: resident_mib(server_pid)? }))
}

/// A connection that bids at fixed times.
struct OverloadClient {
    server: SocketAddr,
    connection: Option<HttpConnection>,
    prices: Arc<PriceCounter>,
}

impl OverloadClient {
    /// Sends a bid at every interval for which the last bid is answered, as clients do that ignore `Retry-After`.
    async fn run(mut self, mut bidder: Bidder, times: SendTimes, stats: Rc<RefCell<AnswerStats>>) {
        let prices = self.prices.clone();
        let mut ticks = interval_at(times.first, times.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let due = ticks.tick().await;
            if due >= times.end {
                return;
            }
            let sent_at = Instant::now();
            let kind = match self.exchange(bidder.next_request(&prices), times.end + ANSWER_TIMEOUT).await {
                Some(code) => code.to_string(),
                None => "broken or unanswered".to_owned(),
            };
            let latency = sent_at.elapsed();
            let mut stats = stats.borrow_mut();
            match kind.as_str() {
                "200" | "201" => stats.accepted.saturating_record(micros(latency)),
                _ => stats.refused.saturating_record(micros(latency)),
            }
            *stats.count.entry(kind).or_default() += 1;
            stats.left_out += u64::try_from(latency.as_nanos() / times.interval.as_nanos().max(1)).unwrap_or(0);
        }
    }

    async fn exchange(&mut self, request: &[u8], give_up: Instant) -> Option<u16> {
        if self.connection.is_none() {
            self.connection = HttpConnection::open(self.server).await.ok();
        }
        let connection = self.connection.as_mut()?;
        if let Ok(Ok(status)) = timeout_at(give_up, connection.exchange(request)).await {
            return Some(status);
        }
        self.connection = None;
        None
    }
}

impl AnswerStats {
    fn new() -> Result<Self> {
        Ok(Self { count: BTreeMap::new(), left_out: 0, accepted: histogram()?, refused: histogram()? })
    }
}

fn percentiles(latency: &Histogram<u64>) -> OverloadLatency {
    OverloadLatency { p50: quantile_ms(latency, 0.5), p99: quantile_ms(latency, 0.99), max: max_ms(latency) }
}
