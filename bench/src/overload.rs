//! Overload: far more bids than can be taken, for a while. What is refused, how soon, how long what
//! is accepted takes, and whether the server's memory stays what it was.

use crate::{
    Result,
    bidders::{Bidder, Field, Prices, deal},
    cpu::Usage,
    http::Connection,
    measure::Bench,
    memory::resident_mib,
    record::{histogram, micros},
    run::progress,
    stores::Stores,
};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::{cell::RefCell, collections::BTreeMap, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::{
    task::{JoinSet, LocalSet},
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout_at},
};

/// How long answers may take after the end.
const PATIENCE: Duration = Duration::from_secs(15);
/// From the end of the load to the last look at the server's memory.
const REST: Duration = Duration::from_secs(10);
/// From the word to the first bid.
const LEAD: Duration = Duration::from_millis(100);

/// What became of an overload.
#[derive(Serialize)]
pub struct Overload {
    /// Connections that bid.
    pub connections: u32,
    /// Bids per second that they offered together.
    pub rate: u32,
    /// For how long.
    pub seconds: f64,
    /// Answers per second by status.
    pub answers_per_s: BTreeMap<String, f64>,
    /// Turns that were left out because the bid before was not answered yet, per second.
    pub left_out_per_s: f64,
    /// Latency of bids that were accepted.
    pub accepted: Quantiles,
    /// Latency of bids that were refused.
    pub refused: Quantiles,
    /// CPU of the time.
    pub cpu: Usage,
    /// The server's memory.
    pub memory: Memory,
}

/// Milliseconds.
#[derive(Serialize)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// Resident memory of the server in MiB.
#[derive(Serialize)]
pub struct Memory {
    /// With nobody connected.
    pub before: f64,
    /// With all connections open, before the first bid.
    pub connected: f64,
    /// At the end of each quarter of the load.
    pub quarters: Vec<f64>,
    /// A while after the last connection was closed.
    pub after: f64,
}

/// What the connections saw.
struct Answers {
    count: BTreeMap<String, u64>,
    left_out: u64,
    accepted: Histogram<u64>,
    refused: Histogram<u64>,
}

/// When a connection bids.
#[derive(Clone, Copy)]
struct Turns {
    first: Instant,
    every: Duration,
    end: Instant,
}

impl Bench {
    /// Overloads a campaign of its own, with a user for every connection, so that every bid counts.
    pub async fn overload(&mut self, server_pid: u32, stores: &Stores) -> Result<Overload> {
        let (connections, rate) = (self.plan.overload_connections, self.plan.overload_rate);
        progress(&format!("overload: {rate} bids/s over {connections} connections"));
        self.world.recruit(&stores.database, connections).await?;
        let campaign = self.world.campaign().await?;
        stores.settle_down().await;
        let users = &self.world.users[..usize::try_from(connections)?];
        let hands = deal(self.world.server, &campaign, users, Field { standing: None }, connections);
        let bidders = hands.into_iter().flatten().collect();
        let answers = Rc::new(RefCell::new(Answers::new()?));
        let (cpu, memory) = LocalSet::new().run_until(self.drive(server_pid, bidders, &answers)).await?;
        let written = stores.accepted_bids(&campaign).await?;
        let answers = answers.borrow();
        let acknowledged = answers.count.get("201").copied().unwrap_or(0);
        // What broke or was not waited for may have been written all the same.
        if written < acknowledged {
            return Err(format!("{acknowledged} bids were acknowledged and {written} written").into());
        }
        let per_second = |count: u64| count as f64 / self.plan.overload_s;
        Ok(Overload {
            connections,
            rate,
            seconds: self.plan.overload_s,
            answers_per_s: answers.count.iter().map(|(kind, &count)| (kind.clone(), per_second(count))).collect(),
            left_out_per_s: per_second(answers.left_out),
            accepted: Quantiles::of(&answers.accepted),
            refused: Quantiles::of(&answers.refused),
            cpu,
            memory,
        })
    }

    /// Opens a connection for every bidder and lets them bid, until all are answered.
    async fn drive(
        &self,
        server_pid: u32,
        bidders: Vec<Bidder>,
        answers: &Rc<RefCell<Answers>>,
    ) -> Result<(Usage, Memory)> {
        let (server, rate) = (self.world.server, self.plan.overload_rate);
        let before = resident_mib(server_pid)?;
        let mut open = Vec::with_capacity(bidders.len());
        for bidder in bidders {
            let connection = Some(Connection::open(server).await?);
            open.push((Worker { server, connection, prices: self.prices.clone() }, bidder));
        }
        let connected = resident_mib(server_pid)?;
        let length = Duration::from_secs_f64(self.plan.overload_s);
        let start = Instant::now() + LEAD;
        let every = Duration::from_secs(1) * self.plan.overload_connections / rate;
        let mut tasks = JoinSet::new();
        for (n, (worker, bidder)) in (0..).zip(open) {
            let turns = Turns { first: start + Duration::from_secs(1) * n / rate, every, end: start + length };
            tasks.spawn_local(worker.bid(bidder, turns, answers.clone()));
        }
        sleep_until(start).await;
        let cpu = self.processes.read()?;
        let mut quarters = Vec::new();
        for quarter in 1..=4 {
            sleep_until(start + length * quarter / 4).await;
            quarters.push(resident_mib(server_pid)?);
        }
        let cpu = self.processes.read()?.since(&cpu);
        while let Some(ended) = tasks.join_next().await {
            ended?;
        }
        sleep(REST).await;
        Ok((cpu, Memory { before, connected, quarters, after: resident_mib(server_pid)? }))
    }
}

/// One connection at work.
struct Worker {
    server: SocketAddr,
    connection: Option<Connection>,
    prices: Arc<Prices>,
}

impl Worker {
    /// Bids at every turn at which the bid before has been answered, as a crowd does that does not
    /// wait to be told when to come back.
    async fn bid(mut self, mut bidder: Bidder, turns: Turns, answers: Rc<RefCell<Answers>>) {
        let prices = self.prices.clone();
        let mut turn = interval_at(turns.first, turns.every);
        turn.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let due = turn.tick().await;
            if due >= turns.end {
                return;
            }
            let sent = Instant::now();
            let kind = match self.exchange(bidder.next(&prices), turns.end + PATIENCE).await {
                Some(status) => status.to_string(),
                None => "broken or unanswered".to_owned(),
            };
            let taken = sent.elapsed();
            let mut answers = answers.borrow_mut();
            match kind.as_str() {
                "200" | "201" => answers.accepted.saturating_record(micros(taken)),
                _ => answers.refused.saturating_record(micros(taken)),
            }
            *answers.count.entry(kind).or_default() += 1;
            answers.left_out += u64::try_from(taken.as_nanos() / turns.every.as_nanos().max(1)).unwrap_or(0);
        }
    }

    async fn exchange(&mut self, request: &[u8], give_up: Instant) -> Option<u16> {
        if self.connection.is_none() {
            self.connection = Connection::open(self.server).await.ok();
        }
        let connection = self.connection.as_mut()?;
        if let Ok(Ok(status)) = timeout_at(give_up, connection.exchange(request)).await {
            return Some(status);
        }
        self.connection = None;
        None
    }
}

impl Answers {
    fn new() -> Result<Self> {
        Ok(Self { count: BTreeMap::new(), left_out: 0, accepted: histogram()?, refused: histogram()? })
    }
}

impl Quantiles {
    fn of(latency: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1000.0;
        Self {
            p50: ms(latency.value_at_quantile(0.5)),
            p99: ms(latency.value_at_quantile(0.99)),
            max: ms(latency.max()),
        }
    }
}
