//! The threads that generate the load. Each has a runtime and connections of its own and shares nothing but the price
//! counter, so that the load takes as little of the machine as possible.

use crate::{
    error::Result,
    load::{
        bid_schedule::BidSchedule, bid_stats::BidStats, bidders::Bidder, closed_loop, open_loop, window::Window,
        worker::Worker,
    },
    prices::PriceCounter,
};
use std::{cell::RefCell, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    task::{JoinSet, LocalSet},
};

/// What the threads need to start bidding.
#[derive(Clone)]
pub struct Start {
    /// The times of the measurement.
    pub window: Window,
    /// Open loop: when bids are due. `None` is a closed loop.
    pub schedule: Option<Arc<BidSchedule>>,
    /// Closed loop: how long a bidder pauses after each answer, on average.
    pub pause: Duration,
}

/// Threads with open connections, waiting for the start.
pub struct LoadThreads {
    start: watch::Sender<Option<Start>>,
    stats: Vec<oneshot::Receiver<Result<BidStats>>>,
}

impl LoadThreads {
    /// Starts the threads and opens a connection for every group of bidders.
    pub async fn connect(
        server: SocketAddr,
        groups: Vec<Vec<Bidder>>,
        prices: &Arc<PriceCounter>,
        threads: u32,
    ) -> Result<Self> {
        let (start, start_receiver) = watch::channel(None);
        let mut shares: Vec<Vec<Vec<Bidder>>> = (0..threads).map(|_| Vec::new()).collect();
        let count = shares.len();
        for (n, group) in groups.into_iter().enumerate() {
            shares[n % count].push(group);
        }
        let mut stats = Vec::new();
        for share in shares {
            let (start, prices) = (start_receiver.clone(), prices.clone());
            let (ready_sender, ready) = oneshot::channel();
            let (stats_sender, thread_stats) = oneshot::channel();
            std::thread::Builder::new().name("load".to_owned()).spawn(move || {
                // The receiver is gone only if the benchmark is ending.
                let _ = stats_sender.send(run_thread(server, share, &prices, start, ready_sender));
            })?;
            if ready.await.is_err() {
                // The thread ended before it was ready; its result says why.
                return Err(match thread_stats.await? {
                    Err(error) => format!("the load cannot connect: {error}").into(),
                    Ok(_) => "the load ended before it started".into(),
                });
            }
            stats.push(thread_stats);
        }
        Ok(Self { start, stats })
    }

    /// Starts the load.
    pub fn start(&self, start: Start) {
        self.start.send_replace(Some(start));
    }

    /// Waits for all threads and adds up their bids.
    pub async fn finish(self) -> Result<BidStats> {
        let mut sum = BidStats::new()?;
        for stats in self.stats {
            sum.add(&stats.await??)?;
        }
        Ok(sum)
    }
}

fn run_thread(
    server: SocketAddr,
    groups: Vec<Vec<Bidder>>,
    prices: &Arc<PriceCounter>,
    start: watch::Receiver<Option<Start>>,
    ready: oneshot::Sender<()>,
) -> Result<BidStats> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stats = Rc::new(RefCell::new(BidStats::new()?));
    LocalSet::new().block_on(&runtime, async {
        let mut workers = Vec::with_capacity(groups.len());
        for bidders in groups {
            workers.push((Worker::connect(server, prices.clone(), stats.clone()).await?, bidders));
        }
        // If the receiver is gone, so is the sender of the start, and the next wait fails.
        let _ = ready.send(());
        run_workers(workers, start).await
    })?;
    let stats = Rc::into_inner(stats).ok_or("a worker is still running")?;
    Ok(stats.into_inner())
}

/// Waits for the start and runs all workers to their end.
async fn run_workers(workers: Vec<(Worker, Vec<Bidder>)>, mut start: watch::Receiver<Option<Start>>) -> Result<()> {
    let start = start.wait_for(Option::is_some).await?.clone().ok_or("no start was given")?;
    let Start { window, schedule, pause } = start;
    let mut tasks = JoinSet::new();
    let count = u32::try_from(workers.len())?;
    for (n, (worker, bidders)) in (0..).zip(workers) {
        match schedule.clone() {
            None => {
                // Bidders who pause do not all start at the same moment.
                let first_bid = window.load_start + pause * n / count;
                tasks.spawn_local(closed_loop::run(worker, bidders, window, first_bid, pause))
            }
            Some(schedule) => tasks.spawn_local(open_loop::run(worker, bidders, window, schedule)),
        };
    }
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    Ok(())
}
