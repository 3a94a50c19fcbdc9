//! The committer: bids queue per campaign, and whatever has queued while one batch was being
//! committed makes the next (natural group commit; only a busy lane waits for fuller batches).
//!
//! A lane is one campaign's queue with two stages. The first, a few writers that take turns at the
//! queue, commits batches; the second brings them into the Redis ranking, learns the ranks and
//! answers, while the first commits the next.

use super::{
    batch::{self, NewBid, Written},
    commit_runtime::CommitRuntime,
};
use crate::{
    catalog::CampaignRecord,
    config::EngineConfig,
    error::{Error, Result},
    events::{Event, Events},
    metrics,
    ranking::{Rankings, Ranks, StandingBid},
    store::executor::Database,
};
use domain::{BidId, CampaignId, Money, Score, Timestamp, UserId, campaign_rules::Closing, websocket::BidAccepted};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Most bids of one batch: beyond this a larger batch is no cheaper per bid, but later.
const BATCH_MAX: usize = 500;
/// After a batch of so many, a lane is busy: bids came while others were being written. A batch that
/// would be smaller than the last then waits for more, for large batches are cheap per bid. A lane
/// that is not busy never waits: whoever bids alone is answered at once.
const BUSY_FROM: usize = 2;
/// How long it waits: the shortest wait the timer knows, which takes one to two milliseconds.
const LINGER: Duration = Duration::from_millis(1);
/// How often it waits again, while PostgreSQL has the other writer's batch to write.
const LINGERS_MAX: usize = 6;
/// Batches of a lane that are being committed at once: while one becomes durable, PostgreSQL writes
/// the next. More of them would be smaller, and dearer per bid.
const WRITERS: u128 = 2;
/// Committed batches that may wait for Redis before commits wait too.
const COMMITTED_MAX: usize = 4;
/// A lane without bids for this long is taken down.
const LANE_IDLE: Duration = Duration::from_mins(1);
/// How long a bidder waits for a bid that is being committed, before being told that the outcome
/// is unknown. PostgreSQL is then in trouble; sending the bid again is safe.
const COMMIT_WAIT: Duration = Duration::from_secs(10);

/// What became of a submitted bid.
pub(crate) enum Verdict {
    /// It is durable; the bidder's standing bid after it.
    Standing(RankedBid),
    /// It was not written: the campaign is closed, or (`Open`) was edited since it was read.
    Closed(Closing),
}

/// A standing bid and its rank.
pub(crate) struct RankedBid {
    pub bid_id: BidId,
    pub price: Money,
    pub score: Score,
    pub elapsed_ms: u64,
    pub bid_number: u32,
    pub created_at: Timestamp,
    pub accepted_at: Timestamp,
    pub rank: u64,
    /// Of the ranking in which it has this rank.
    pub version: u64,
    pub improved: bool,
}

/// Takes bids and answers when they are durable.
pub(crate) struct Committer {
    lanes: Mutex<Option<HashMap<CampaignId, mpsc::Sender<Pending>>>>,
    stores: Stores,
    queue_max: usize,
    wait_max: Duration,
    tasks: TaskTracker,
    runtime: CommitRuntime,
}

/// What a lane works with.
#[derive(Clone)]
struct Stores {
    database: Database,
    rankings: Arc<Rankings>,
    events: Events,
    process: Uuid,
}

impl Stores {
    /// The names under which a lane's writers count bids: none must wait for another's row of
    /// `campaign_totals`.
    fn writers(&self) -> impl Iterator<Item = Uuid> {
        let process = self.process.as_u128();
        (0..WRITERS).map(move |writer| Uuid::from_u128(process ^ writer))
    }
}

struct Pending {
    bid: NewBid,
    campaign: Arc<CampaignRecord>,
    queued_at: Instant,
    /// Set by whoever comes first: the lane that takes the bid, or the bidder who gives up.
    decided: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Verdict>>,
}

/// A durable batch on its way to the ranking.
struct Committed {
    campaign: Arc<CampaignRecord>,
    pending: Vec<Pending>,
    /// The bids that were written, by the ids they brought; the others were folded into them.
    best: HashSet<Uuid>,
    improved: HashMap<UserId, StandingBid>,
    kept: HashMap<UserId, StandingBid>,
}

impl Committer {
    pub fn new(
        runtime: CommitRuntime,
        database: Database,
        rankings: Arc<Rankings>,
        events: Events,
        process: Uuid,
        config: &EngineConfig,
    ) -> Self {
        Self {
            lanes: Mutex::new(Some(HashMap::new())),
            stores: Stores { database, rankings, events, process },
            // A channel holds at least one.
            queue_max: config.bid_queue_max.max(1),
            wait_max: config.bid_wait_max,
            tasks: TaskTracker::new(),
            runtime,
        }
    }

    /// Queues a bid and waits until it is durable or refused. A full queue refuses at once.
    pub async fn submit(self: &Arc<Self>, campaign: &Arc<CampaignRecord>, bid: NewBid) -> Result<Verdict> {
        let (answer, mut verdict) = oneshot::channel();
        let decided = Arc::new(AtomicBool::new(false));
        let mut pending =
            Pending { bid, campaign: campaign.clone(), queued_at: Instant::now(), decided: decided.clone(), answer };
        loop {
            match self.lane(campaign.campaign_id)?.try_send(pending) {
                Ok(()) => break,
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Error::Overloaded),
                // The lane was taken down for idleness just now; the next round makes a new one.
                Err(mpsc::error::TrySendError::Closed(back)) => {
                    self.remove_closed(campaign.campaign_id);
                    pending = back;
                }
            }
        }
        metrics::QUEUE_DEPTH.inc();
        if let Ok(verdict) = tokio::time::timeout(self.wait_max, &mut verdict).await {
            return verdict.unwrap_or(Err(Error::ShuttingDown));
        }
        if !decided.swap(true, Ordering::AcqRel) {
            // Still queued: the lane will pass it over.
            return Err(Error::Overloaded);
        }
        match tokio::time::timeout(COMMIT_WAIT, verdict).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Err(Error::ShuttingDown),
            Err(_) => Err(Error::Unavailable("a commit takes too long; its outcome is unknown".to_owned())),
        }
    }

    /// Takes no more bids and waits until all that were taken are answered.
    pub async fn drain(&self) {
        // Dropping the senders ends the lanes once their queues are empty.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.tasks.close();
        self.tasks.wait().await;
        self.stores.database.close().await;
    }

    fn lane(self: &Arc<Self>, campaign: CampaignId) -> Result<mpsc::Sender<Pending>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lanes = lanes.as_mut().ok_or(Error::ShuttingDown)?;
        let lane = lanes.entry(campaign).or_insert_with(|| {
            let (sender, bids) = mpsc::channel(self.queue_max);
            let queue = Arc::new(Queue::new(bids));
            let (to_ranking, committed) = mpsc::channel(COMMITTED_MAX);
            let runtime = self.runtime.handle();
            for writer in self.stores.writers() {
                let stage = commit_stage(self.stores.clone(), writer, queue.clone(), to_ranking.clone());
                self.tasks.spawn_on(stage, runtime);
            }
            self.tasks.spawn_on(ranking_stage(self.stores.clone(), committed), runtime);
            sender
        });
        Ok(lane.clone())
    }

    fn remove_closed(&self, campaign: CampaignId) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lanes) = lanes.as_mut()
            && lanes.get(&campaign).is_some_and(mpsc::Sender::is_closed)
        {
            lanes.remove(&campaign);
        }
    }
}

/// The end of a lane's queue where its writers take turns.
struct Queue {
    waiting: tokio::sync::Mutex<Waiting>,
    /// Writers whose batch PostgreSQL has.
    writing: AtomicUsize,
}

struct Waiting {
    bids: mpsc::Receiver<Pending>,
    /// The size of the last batch.
    last: usize,
}

impl Queue {
    fn new(bids: mpsc::Receiver<Pending>) -> Self {
        Self { waiting: tokio::sync::Mutex::new(Waiting { bids, last: 0 }), writing: AtomicUsize::new(0) }
    }

    /// Whatever waits, once something does; empty when the lane is to end.
    async fn next_batch(&self) -> Vec<Pending> {
        let Waiting { bids, last } = &mut *self.waiting.lock().await;
        for _ in 0..LINGERS_MAX {
            if *last < BUSY_FROM || bids.len() >= *last {
                break;
            }
            tokio::time::sleep(LINGER).await;
            if self.writing.load(Ordering::Relaxed) == 0 {
                break;
            }
        }
        let mut batch = Vec::with_capacity(bids.len().clamp(1, BATCH_MAX));
        if tokio::time::timeout(LANE_IDLE, bids.recv_many(&mut batch, BATCH_MAX)).await.is_err() {
            // Closing first, then emptying: a bid sent meanwhile is still served.
            bids.close();
            bids.recv_many(&mut batch, BATCH_MAX).await;
        }
        *last = batch.len();
        metrics::QUEUE_DEPTH.sub(i64::try_from(batch.len()).unwrap_or(0));
        batch
    }
}

async fn commit_stage(stores: Stores, writer: Uuid, queue: Arc<Queue>, to_ranking: mpsc::Sender<Committed>) {
    loop {
        let batch = queue.next_batch().await;
        if batch.is_empty() {
            return;
        }
        // An edit of the campaign may fall between two bids of a batch; each goes with the version
        // it was scored under.
        for (campaign, batch) in by_version(admit(batch)) {
            queue.writing.fetch_add(1, Ordering::Relaxed);
            let committed = commit(&stores, writer, campaign, batch).await;
            queue.writing.fetch_sub(1, Ordering::Relaxed);
            if let Some(committed) = committed {
                // The ranking stage outlives this one.
                let _ = to_ranking.send(committed).await;
            }
        }
    }
}

/// Passes over the bids whose bidders have given up waiting.
fn admit(batch: Vec<Pending>) -> Vec<Pending> {
    let mut admitted = Vec::with_capacity(batch.len());
    for pending in batch {
        let waited = pending.queued_at.elapsed();
        metrics::QUEUE_WAIT_SECONDS.observe(waited.as_secs_f64());
        // A bidder who gave up has been told that nothing was done, and so it shall be.
        let given_up = pending.decided.swap(true, Ordering::AcqRel);
        if !given_up {
            admitted.push(pending);
        }
    }
    admitted
}

fn by_version(batch: Vec<Pending>) -> Vec<(Arc<CampaignRecord>, Vec<Pending>)> {
    let mut groups: Vec<(Arc<CampaignRecord>, Vec<Pending>)> = Vec::new();
    for pending in batch {
        match groups.iter_mut().find(|(campaign, _)| campaign.version == pending.campaign.version) {
            Some((_, group)) => group.push(pending),
            None => groups.push((pending.campaign.clone(), vec![pending])),
        }
    }
    groups
}

async fn commit(
    stores: &Stores,
    writer: Uuid,
    campaign: Arc<CampaignRecord>,
    pending: Vec<Pending>,
) -> Option<Committed> {
    metrics::BATCH_SIZE.observe(pending.len() as f64);
    let folded = batch::fold(pending.iter().map(|pending| &pending.bid));
    let written = batch::write(&stores.database, writer, &campaign, &folded).await;
    let best = folded.iter().map(|bid| bid.bid_id).collect();
    match written {
        Ok(Written::Committed { improved, kept }) => Some(Committed { campaign, pending, best, improved, kept }),
        Ok(Written::Closed(closing)) => {
            for pending in pending {
                answer(pending, Ok(Verdict::Closed(closing)));
            }
            None
        }
        Err(error) => {
            tracing::error!(%error, campaign = %campaign.campaign_id, bids = pending.len(), "a batch was not written");
            for pending in pending {
                answer(pending, Err(error.for_another()));
            }
            None
        }
    }
}

async fn ranking_stage(stores: Stores, mut batches: mpsc::Receiver<Committed>) {
    // One batch is announced while the next is being ranked.
    let mut announcing = tokio::spawn(async {});
    while let Some(batch) = batches.recv().await {
        let campaign = &batch.campaign;
        let names: HashMap<UserId, &str> =
            batch.pending.iter().map(|pending| (pending.bid.user_id, pending.bid.username.as_str())).collect();
        // What was kept may come here before the batch that made it: the other writer's.
        let standing: Vec<(&StandingBid, &str)> = (batch.improved.values().chain(batch.kept.values()))
            .map(|bid| (bid, names.get(&bid.user_id).copied().unwrap_or_default()))
            .collect();
        let ranks = stores.rankings.enter(campaign.campaign_id, &standing).await;
        match ranks {
            Ok(ranks) => {
                let accepted = accepted_events(&batch, &ranks);
                let kept: Vec<UserId> = batch.kept.keys().copied().collect();
                let campaign = campaign.campaign_id;
                answer_all(batch, &ranks);
                let _ = announcing.await;
                let events = stores.events.clone();
                announcing = tokio::spawn(async move {
                    if !accepted.is_empty() {
                        events.deliver_and_publish(Event::BidsAccepted(campaign, accepted)).await;
                    }
                    if !kept.is_empty() {
                        events.deliver_and_publish(Event::BidsKept(campaign, kept)).await;
                    }
                });
            }
            // The bids stand; only their ranks are unknown, and no bidder is told half an answer.
            Err(error) => {
                tracing::error!(%error, campaign = %campaign.campaign_id, "ranks of committed bids are unknown");
                for pending in batch.pending {
                    answer(pending, Err(error.for_another()));
                }
            }
        }
    }
    let _ = announcing.await;
}

/// What the sockets of the bidders are told, in every process.
fn accepted_events(batch: &Committed, ranks: &Ranks) -> Vec<(UserId, BidAccepted)> {
    let event = |bid: &StandingBid| {
        let event = BidAccepted {
            bid_id: bid.bid_id,
            campaign_id: batch.campaign.campaign_id,
            price: bid.price,
            score: bid.score,
            rank: *ranks.by_user.get(&bid.user_id)?,
            time_elapsed_ms: bid.elapsed_ms,
            timestamp: bid.accepted_at,
            version: ranks.version,
        };
        Some((bid.user_id, event))
    };
    batch.improved.values().filter_map(event).collect()
}

fn answer_all(batch: Committed, ranks: &Ranks) {
    for pending in batch.pending {
        let user = pending.bid.user_id;
        // The bid that was written improved the standing; the others of its user, folded into it,
        // find it standing.
        let (standing, improved) = match batch.improved.get(&user) {
            Some(standing) => (Some(standing), batch.best.contains(&pending.bid.bid_id)),
            None => (batch.kept.get(&user), false),
        };
        let verdict = match (standing, ranks.by_user.get(&user)) {
            (Some(standing), Some(&rank)) => Ok(Verdict::Standing(RankedBid {
                bid_id: standing.bid_id,
                price: standing.price,
                score: standing.score,
                elapsed_ms: standing.elapsed_ms,
                bid_number: standing.bid_number,
                created_at: standing.created_at,
                accepted_at: standing.accepted_at,
                rank,
                version: ranks.version,
                improved,
            })),
            // Neither written nor standing: the deadline clause of the statement kept it out.
            (None, _) => Ok(Verdict::Closed(Closing::Settled)),
            (Some(_), None) => Err(Error::broken_invariant("a committed bid has no rank")),
        };
        answer(pending, verdict);
    }
}

fn answer(pending: Pending, verdict: Result<Verdict>) {
    // A bidder who hung up is not waiting; the bid stands all the same.
    let _ = pending.answer.send(verdict);
}
