//! The committer: bids queue per campaign, and those that queue while one batch is being committed form the next (group
//! commit; only a busy lane waits for fuller batches).
//!
//! A lane is one campaign's queue with two stages. The first, a few writers that take turns at the queue, commits
//! batches. The second enters them into the Redis ranking, gets the ranks and answers, while the first commits the
//! next.

use super::{
    batch_statement::{self, BatchResult, NewBid},
    commit_runtime::CommitRuntime,
    merge_bids,
};
use crate::{
    catalog::CampaignRecord,
    engine_config::EngineConfig,
    error::{Error, Result},
    events::{Event, Events},
    metrics,
    ranking::{BatchCounts, NamedBid, Rankings, Ranks, StandingBid, VoidCause, Writers},
    store::database::Database,
    supervise::catch_panic,
};
use domain::{
    BidId, CampaignId, ErrorCode, Money, Score, Timestamp, UserId, campaign_status::Closing,
    websocket_events::BidAccepted,
};
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
    task::JoinSet,
    time::Instant,
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Most bids in one batch: a larger one is no cheaper per bid and takes longer.
const BATCH_MAX: usize = 500;
/// A lane is busy if its last batch had at least this many bids: bids arrived while others were being written. In a
/// busy lane a batch that would be smaller than the last waits for more bids, because large batches are cheaper per
/// bid. In any other lane nothing waits, so a bid that comes alone is answered at once.
const BUSY_FROM: usize = 2;
/// How long it waits at a time: the resolution of the timer, which takes one to two milliseconds.
const LINGER: Duration = Duration::from_millis(1);
/// How many times it waits at most, while the other writer's batch is being written.
const LINGERS_MAX: usize = 6;
/// Committed batches that may wait for Redis before commits have to wait, too.
const COMMITTED_MAX: usize = 4;
/// Batches of a lane that PostgreSQL may rank at the same time.
const RANKED_BY_POSTGRES_MAX: usize = 16;
/// A lane that has no bids for this long is removed.
const LANE_IDLE: Duration = Duration::from_mins(1);
/// How long a request waits for a bid that is being committed, before it answers that the outcome is unknown: for the
/// commit, which has a limit of its own, and for the ranks. Sending the bid again is safe.
const COMMIT_WAIT: Duration = Duration::from_secs(10);

/// The result of submitting a bid.
pub(crate) enum SubmitResult {
    /// It is durable. This is the bidder's standing bid after it.
    Committed(RankedBid),
    /// It was not written: the campaign is closed or, if `Open`, was edited after the bid was scored.
    NotWritten(Closing),
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
    /// The version of the ranking in which it has this rank.
    pub version: u64,
    /// Whether the submitted bid made or improved it.
    pub improved: bool,
}

/// Takes bids and answers them once they are durable.
pub(crate) struct Committer {
    lanes: Mutex<Option<HashMap<CampaignId, mpsc::Sender<QueuedBid>>>>,
    context: LaneContext,
    queue_max: usize,
    wait_max: Duration,
    tasks: TaskTracker,
    runtime: CommitRuntime,
}

/// What the stages of a lane work with.
#[derive(Clone)]
struct LaneContext {
    database: Database,
    rankings: Arc<Rankings>,
    events: Events,
    writers: Writers,
}

/// A bid that waits for its answer.
struct QueuedBid {
    bid: NewBid,
    campaign: Arc<CampaignRecord>,
    queued_at: Instant,
    /// Set by the lane when it takes the bid, or by the request when it gives up; whichever is first decides.
    decided: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<SubmitResult>>,
}

/// A durable batch that is to be entered into the ranking and answered.
struct CommittedBatch {
    campaign: Arc<CampaignRecord>,
    bids: Vec<QueuedBid>,
    /// The ids of the bids that were written; the others were merged into them.
    best: HashSet<Uuid>,
    improved: HashMap<UserId, StandingBid>,
    unchanged: HashMap<UserId, StandingBid>,
    /// Bidders whose standing bids have been made void this moment, so that theirs in this batch have no effect.
    void: HashMap<UserId, VoidCause>,
    /// Why `unchanged` could not be read, if so.
    unchanged_error: Option<Error>,
    counts: BatchCounts,
}

impl Committer {
    pub fn new(
        runtime: CommitRuntime,
        database: Database,
        rankings: Arc<Rankings>,
        events: Events,
        writers: Writers,
        config: &EngineConfig,
    ) -> Self {
        Self {
            lanes: Mutex::new(Some(HashMap::new())),
            context: LaneContext { database, rankings, events, writers },
            // A channel needs room for at least one.
            queue_max: config.bid_queue_max.max(1),
            wait_max: config.bid_wait_max,
            tasks: TaskTracker::new(),
            runtime,
        }
    }

    /// Queues a bid and waits until it is durable or refused. A full queue refuses at once.
    pub async fn submit(self: &Arc<Self>, campaign: &Arc<CampaignRecord>, bid: NewBid) -> Result<SubmitResult> {
        let (answer, mut result) = oneshot::channel();
        let decided = Arc::new(AtomicBool::new(false));
        let mut queued =
            QueuedBid { bid, campaign: campaign.clone(), queued_at: Instant::now(), decided: decided.clone(), answer };
        loop {
            match self.lane(campaign.campaign_id)?.try_send(queued) {
                Ok(()) => break,
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Error::Overloaded),
                // The lane was idle and is about to be removed; the next round creates a new one.
                Err(mpsc::error::TrySendError::Closed(back)) => {
                    self.remove_closed(campaign.campaign_id);
                    queued = back;
                }
            }
        }
        metrics::QUEUE_DEPTH.inc();
        if let Ok(result) = tokio::time::timeout(self.wait_max, &mut result).await {
            return result.unwrap_or(Err(Error::ShuttingDown));
        }
        if !decided.swap(true, Ordering::AcqRel) {
            // Still queued: the lane will drop it.
            return Err(Error::Overloaded);
        }
        match tokio::time::timeout(COMMIT_WAIT, result).await {
            Ok(Ok(result)) => result,
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
        self.context.database.close().await;
    }

    fn lane(self: &Arc<Self>, campaign: CampaignId) -> Result<mpsc::Sender<QueuedBid>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lanes = lanes.as_mut().ok_or(Error::ShuttingDown)?;
        let lane = lanes.entry(campaign).or_insert_with(|| {
            let (sender, bids) = mpsc::channel(self.queue_max);
            let queue = Arc::new(LaneQueue::new(bids));
            let (to_ranking, committed) = mpsc::channel(COMMITTED_MAX);
            let runtime = self.runtime.handle();
            for writer in self.context.writers.iter() {
                let stage = commit_stage(self.context.clone(), writer, queue.clone(), to_ranking.clone());
                self.tasks.spawn_on(stage, runtime);
            }
            let (lanes, context) = (Arc::downgrade(self), self.context.clone());
            let last_stage = async move {
                ranking_stage(context, committed).await;
                if let Some(lanes) = lanes.upgrade() {
                    lanes.remove_closed(campaign);
                }
            };
            self.tasks.spawn_on(last_stage, runtime);
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

/// The receiving end of a lane's queue, at which its writers take turns.
struct LaneQueue {
    receiving: tokio::sync::Mutex<Receiving>,
    /// Writers whose batch is being written.
    writing: AtomicUsize,
}

struct Receiving {
    bids: mpsc::Receiver<QueuedBid>,
    /// The size of the last batch.
    last_size: usize,
}

impl LaneQueue {
    fn new(bids: mpsc::Receiver<QueuedBid>) -> Self {
        Self { receiving: tokio::sync::Mutex::new(Receiving { bids, last_size: 0 }), writing: AtomicUsize::new(0) }
    }

    /// Waits for bids and takes all that are queued; empty when the lane is to end.
    async fn next_batch(&self) -> Vec<QueuedBid> {
        let Receiving { bids, last_size } = &mut *self.receiving.lock().await;
        for _ in 0..LINGERS_MAX {
            if *last_size < BUSY_FROM || bids.len() >= *last_size {
                break;
            }
            tokio::time::sleep(LINGER).await;
            if self.writing.load(Ordering::Relaxed) == 0 {
                break;
            }
        }
        let mut batch = Vec::with_capacity(bids.len().clamp(1, BATCH_MAX));
        if tokio::time::timeout(LANE_IDLE, bids.recv_many(&mut batch, BATCH_MAX)).await.is_err() {
            // Closed before it is emptied, so that a bid sent meanwhile is still served.
            bids.close();
            bids.recv_many(&mut batch, BATCH_MAX).await;
        }
        *last_size = batch.len();
        metrics::QUEUE_DEPTH.sub(i64::try_from(batch.len()).unwrap_or(0));
        batch
    }
}

async fn commit_stage(
    context: LaneContext,
    writer: Uuid,
    queue: Arc<LaneQueue>,
    to_ranking: mpsc::Sender<CommittedBatch>,
) {
    loop {
        let batch = queue.next_batch().await;
        if batch.is_empty() {
            return;
        }
        // An edit of the campaign may come between two bids of a batch; each is written under the version it was
        // scored by.
        for (campaign, batch) in group_by_version(drop_abandoned(batch)) {
            queue.writing.fetch_add(1, Ordering::Relaxed);
            // The bids of a batch that panics are answered by the end of their channels.
            let committed = catch_panic("commit", commit(&context, writer, campaign, batch)).await.flatten();
            queue.writing.fetch_sub(1, Ordering::Relaxed);
            if let Some(committed) = committed {
                // The ranking stage outlives this one.
                let _ = to_ranking.send(committed).await;
            }
        }
    }
}

/// Takes the bids of a batch, except those whose requests have given up waiting.
fn drop_abandoned(batch: Vec<QueuedBid>) -> Vec<QueuedBid> {
    let mut taken = Vec::with_capacity(batch.len());
    for queued in batch {
        let waited = queued.queued_at.elapsed();
        metrics::QUEUE_WAIT_SECONDS.observe(waited.as_secs_f64());
        // A request that gave up has answered that nothing was done, and nothing must be.
        let is_abandoned = queued.decided.swap(true, Ordering::AcqRel);
        if !is_abandoned {
            taken.push(queued);
        }
    }
    taken
}

fn group_by_version(batch: Vec<QueuedBid>) -> Vec<(Arc<CampaignRecord>, Vec<QueuedBid>)> {
    let mut groups: Vec<(Arc<CampaignRecord>, Vec<QueuedBid>)> = Vec::new();
    for queued in batch {
        match groups.iter_mut().find(|(campaign, _)| campaign.version == queued.campaign.version) {
            Some((_, group)) => group.push(queued),
            None => groups.push((queued.campaign.clone(), vec![queued])),
        }
    }
    groups
}

async fn commit(
    context: &LaneContext,
    writer: Uuid,
    campaign: Arc<CampaignRecord>,
    bids: Vec<QueuedBid>,
) -> Option<CommittedBatch> {
    metrics::BATCH_SIZE.observe(bids.len() as f64);
    let merged = merge_bids::merge(bids.iter().map(|queued| &queued.bid));
    let written = batch_statement::write(&context.database, writer, &campaign, &merged).await;
    let best = merged.iter().map(|bid| bid.bid_id).collect();
    match written {
        Ok(BatchResult::Committed { improved, unchanged, counts }) => {
            let (unchanged, unchanged_error) = match unchanged {
                Ok(unchanged) => (unchanged, None),
                Err(error) => (HashMap::new(), Some(error)),
            };
            let void = unchanged.iter().filter_map(|(user, bid)| Some((*user, bid.void_cause?))).collect();
            let unchanged = unchanged.into_iter().filter(|(_, bid)| bid.void_cause.is_none()).collect();
            Some(CommittedBatch { campaign, bids, best, improved, unchanged, void, unchanged_error, counts })
        }
        Ok(BatchResult::NotWritten(closing)) => {
            for queued in bids {
                answer(queued, Ok(SubmitResult::NotWritten(closing)));
            }
            None
        }
        Err(error) => {
            tracing::error!(%error, campaign = %campaign.campaign_id, bids = bids.len(), "a batch was not written");
            for queued in bids {
                answer(queued, Err(error.for_another()));
            }
            None
        }
    }
}

async fn ranking_stage(context: LaneContext, mut batches: mpsc::Receiver<CommittedBatch>) {
    // One batch is published to the other processes while the next is being ranked, but never out of order.
    let mut publishing = tokio::spawn(async {});
    // Batches that PostgreSQL ranks, which may take long. Meanwhile the next are entered: other processes wait for them.
    let mut ranked_by_postgres = JoinSet::new();
    while let Some(batch) = batches.recv().await {
        let ranked = async {
            let campaign = batch.campaign.campaign_id;
            let (improved, unchanged) = (batch.named(&batch.improved), batch.named(&batch.unchanged));
            match context.rankings.enter(campaign, &improved, &unchanged, &batch.counts).await {
                Some(ranks) => Ok(answer_and_deliver(&context, batch, &ranks).await),
                None => Err(batch),
            }
        };
        match catch_panic("ranking", ranked).await {
            Some(Ok(changes)) => {
                let _ = publishing.await;
                publishing = tokio::spawn(publish(context.events.clone(), changes));
            }
            Some(Err(batch)) => {
                while ranked_by_postgres.len() >= RANKED_BY_POSTGRES_MAX {
                    ranked_by_postgres.join_next().await;
                }
                ranked_by_postgres.spawn(rank_by_postgres(context.clone(), batch));
            }
            None => {}
        }
    }
    let _ = publishing.await;
    while ranked_by_postgres.join_next().await.is_some() {}
}

async fn rank_by_postgres(context: LaneContext, batch: CommittedBatch) {
    let campaign = batch.campaign.campaign_id;
    let bids: Vec<&StandingBid> = batch.improved.values().chain(batch.unchanged.values()).collect();
    match context.rankings.ranks_in_postgres(campaign, &bids).await {
        Ok(ranks) => {
            let changes = answer_and_deliver(&context, batch, &ranks).await;
            publish(context.events, changes).await;
        }
        // The bids are durable, but without ranks there is no complete answer. Sending them again is safe.
        Err(error) => {
            tracing::error!(%error, %campaign, "ranks of committed bids are unknown");
            for queued in batch.bids {
                answer(queued, Err(Error::Unavailable("the rank of a committed bid is unknown".to_owned())));
            }
        }
    }
}

/// Answers a batch and tells this process of it; returns the events for the others.
async fn answer_and_deliver(context: &LaneContext, batch: CommittedBatch, ranks: &Ranks) -> Vec<Event> {
    let campaign = batch.campaign.campaign_id;
    let accepted = accepted_events(&batch, ranks);
    let unchanged: Vec<UserId> = batch.unchanged.keys().copied().collect();
    answer_all(batch, ranks);
    let mut changes = Vec::with_capacity(2);
    if !accepted.is_empty() {
        changes.push(Event::BidsAccepted(campaign, accepted));
    }
    if !unchanged.is_empty() {
        changes.push(Event::StandingsPending(campaign, unchanged));
    }
    for change in &changes {
        context.events.deliver(change).await;
    }
    changes
}

async fn publish(events: Events, changes: Vec<Event>) {
    for change in &changes {
        events.publish(change).await;
    }
}

impl CommittedBatch {
    /// Standing bids of this batch's bidders with their names.
    fn named<'a>(&'a self, standing: &'a HashMap<UserId, StandingBid>) -> Vec<NamedBid<'a>> {
        let queued = self.bids.iter().map(|queued| (queued.bid.user_id, queued.bid.username.as_str()));
        let names: HashMap<UserId, &str> = queued.collect();
        let name_of = |bid: &StandingBid| names.get(&bid.user_id).copied().unwrap_or_default();
        standing.values().map(|bid| (bid, name_of(bid))).collect()
    }
}

/// The events for the sockets of the bidders, in every process.
fn accepted_events(batch: &CommittedBatch, ranks: &Ranks) -> Vec<(UserId, BidAccepted)> {
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

fn answer_all(batch: CommittedBatch, ranks: &Ranks) {
    for queued in batch.bids {
        let user = queued.bid.user_id;
        // The bid that was written made or improved the standing bid; those of the same user that were merged into it
        // found it unchanged.
        let (standing, improved) = match batch.improved.get(&user) {
            Some(standing) => (Some(standing), batch.best.contains(&queued.bid.bid_id)),
            None => (batch.unchanged.get(&user), false),
        };
        let result = match (standing, ranks.by_user.get(&user)) {
            (Some(standing), Some(&rank)) => Ok(SubmitResult::Committed(RankedBid {
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
            (None, _) if let Some(cause) = batch.void.get(&user) => match cause {
                VoidCause::Account => Err(Error::Refused(
                    ErrorCode::AccountInactive,
                    "The status of your account has just changed; please try again.",
                )),
                // It gives way to the bid if that is written again.
                VoidCause::Admin => Ok(SubmitResult::NotWritten(Closing::Open)),
            },
            // It improved nothing, and the unchanged standing bids could not be read.
            (None, _) if let Some(error) = &batch.unchanged_error => Err(error.for_another()),
            // The statement rejected the bid by its time of receipt.
            (None, _) => Ok(SubmitResult::NotWritten(Closing::Settled)),
            (Some(_), None) => Err(Error::broken_invariant("a committed bid has no rank")),
        };
        answer(queued, result);
    }
}

fn answer(queued: QueuedBid, result: Result<SubmitResult>) {
    // If the client has disconnected, nobody is waiting; the bid counts all the same.
    let _ = queued.answer.send(result);
}
