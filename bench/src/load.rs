//! The threads that bid. Each has a runtime and connections of its own and shares nothing but the
//! counter of prices, so that the load takes as little of the machine as it can.

use crate::{
    Result,
    bidders::{Bidder, Prices},
    closed_loop,
    http::Connection,
    open_loop::{self, Tickets},
    record::{Outcome, Record, Window},
};
use std::{cell::RefCell, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    task::{JoinSet, LocalSet},
    time::{Instant, sleep, timeout_at},
};

/// Pause before a broken connection is opened again.
const REOPEN_PAUSE: Duration = Duration::from_millis(20);

/// The word to begin.
#[derive(Clone)]
pub struct Go {
    /// When.
    pub window: Window,
    /// Open loop: the bids that are due.
    pub tickets: Option<Arc<Tickets>>,
    /// Closed loop: how long a bidder thinks after each answer.
    pub pause: Duration,
}

/// Threads with open connections, waiting for the word.
pub struct Load {
    go: watch::Sender<Option<Go>>,
    records: Vec<oneshot::Receiver<Result<Record>>>,
}

/// One connection at work, on its thread.
pub struct Worker {
    server: SocketAddr,
    connection: Option<Connection>,
    prices: Arc<Prices>,
    /// What this thread saw.
    pub record: Rc<RefCell<Record>>,
}

impl Load {
    /// Opens a connection for every hand of bidders.
    pub async fn connect(
        server: SocketAddr,
        hands: Vec<Vec<Bidder>>,
        prices: &Arc<Prices>,
        threads: u32,
    ) -> Result<Self> {
        let (go, told) = watch::channel(None);
        let mut shares: Vec<Vec<Vec<Bidder>>> = (0..threads).map(|_| Vec::new()).collect();
        let count = shares.len();
        for (n, hand) in hands.into_iter().enumerate() {
            shares[n % count].push(hand);
        }
        let mut records = Vec::new();
        for share in shares {
            let (told, prices) = (told.clone(), prices.clone());
            let (tell_ready, ready) = oneshot::channel();
            let (tell_record, record) = oneshot::channel();
            std::thread::Builder::new().name("load".to_owned()).spawn(move || {
                // Nobody waits for the record only if the benchmark is ending.
                let _ = tell_record.send(drive(server, share, &prices, told, tell_ready));
            })?;
            records.push(record);
            if ready.await.is_err() {
                // The thread has ended before it was ready; its record is the reason.
                return Err(match records.pop() {
                    Some(record) => match record.await? {
                        Err(error) => format!("the load cannot connect: {error}").into(),
                        Ok(_) => "the load ended before it began".into(),
                    },
                    None => "there is no load".into(),
                });
            }
        }
        Ok(Self { go, records })
    }

    /// Gives the word.
    pub fn begin(&self, go: Go) {
        self.go.send_replace(Some(go));
    }

    /// What the threads saw, once all have ended.
    pub async fn finish(self) -> Result<Record> {
        let mut sum = Record::new()?;
        for record in self.records {
            sum.add(&record.await??)?;
        }
        Ok(sum)
    }
}

/// The work of one thread, to its end.
fn drive(
    server: SocketAddr,
    hands: Vec<Vec<Bidder>>,
    prices: &Arc<Prices>,
    told: watch::Receiver<Option<Go>>,
    tell_ready: oneshot::Sender<()>,
) -> Result<Record> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let record = Rc::new(RefCell::new(Record::new()?));
    LocalSet::new().block_on(&runtime, async {
        let mut workers = Vec::with_capacity(hands.len());
        for hand in hands {
            let connection = Some(Connection::open(server).await?);
            workers.push((Worker { server, connection, prices: prices.clone(), record: record.clone() }, hand));
        }
        // Without a listener the word does not come either.
        let _ = tell_ready.send(());
        work(workers, told).await
    })?;
    let record = Rc::into_inner(record).ok_or("a connection is still at work")?;
    Ok(record.into_inner())
}

/// Waits for the word and puts every connection to work.
async fn work(workers: Vec<(Worker, Vec<Bidder>)>, mut told: watch::Receiver<Option<Go>>) -> Result<()> {
    let go = told.wait_for(Option::is_some).await?.clone().ok_or("no word to begin")?;
    let mut tasks = JoinSet::new();
    let count = u32::try_from(workers.len())?;
    for (n, (worker, hand)) in (0..).zip(workers) {
        match go.tickets.clone() {
            None => {
                // Those who think do not all begin in one moment.
                let first = go.window.start + go.pause * n / count;
                tasks.spawn_local(closed_loop::bid(worker, hand, go.window, first, go.pause))
            }
            Some(tickets) => tasks.spawn_local(open_loop::bid(worker, hand, go.window, tickets)),
        };
    }
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    Ok(())
}

impl Worker {
    /// Sends the bidder's next bid and waits for the answer, until `give_up` at most.
    pub async fn bid(&mut self, bidder: &mut Bidder, give_up: Instant) -> Outcome {
        if self.connection.is_none() {
            sleep(REOPEN_PAUSE).await;
            self.connection = Connection::open(self.server).await.ok();
        }
        let Some(connection) = &mut self.connection else { return Outcome::Broken };
        let outcome = match timeout_at(give_up, connection.exchange(bidder.next(&self.prices))).await {
            Ok(Ok(status)) => return Outcome::Answered(status),
            Ok(Err(_)) => Outcome::Broken,
            Err(_) => Outcome::Unanswered,
        };
        self.connection = None;
        outcome
    }
}
