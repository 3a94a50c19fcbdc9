//! Rebuilding a ranking in Redis from PostgreSQL.

use super::{
    bid_counts::BidCounts,
    postgres_ranking,
    redis_entry::Entry,
    redis_scripts::{REBUILD_CLAIM_MS, RedisScripts},
    retire,
    staleness::StalenessTracker,
    standing_bid::VOID_SCORE,
};
use crate::{
    error::Result,
    metrics,
    store::{
        columns::Column,
        database::{Database, within},
        transaction::Transaction,
    },
    supervise::catch_panic,
};
use domain::{CampaignId, Money, Score, UserId};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry as MapEntry},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Pages that may be in preparation or on their way to Redis while the next is being read.
const PAGES_IN_FLIGHT: usize = 3;
/// The bids of a page.
const PAGE_ROWS: usize = 1000;
/// How long PostgreSQL may take to read and sort all bids, which it does before the first page, or to send one page.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a ranking is to be rebuilt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RebuildReason {
    /// Redis says that it is incomplete. All processes find that at the same time, and one rebuild is enough.
    Incomplete,
    /// It is not what it should be, whatever Redis says.
    Wrong,
}

/// The rebuilds of this process; clones share them. They run one at a time: each holds a connection to PostgreSQL, and
/// more at once would not be faster, because Redis is the bottleneck.
#[derive(Clone)]
pub(super) struct Rebuilds(Arc<RebuildsInner>);

struct RebuildsInner {
    database: Database,
    scripts: Arc<RedisScripts>,
    staleness: Arc<StalenessTracker>,
    running: tokio::sync::Mutex<()>,
    /// Campaigns whose rebuild is running or waiting, and the gravest reason.
    requested: Mutex<HashMap<CampaignId, RebuildReason>>,
}

impl Rebuilds {
    pub fn new(database: Database, scripts: Arc<RedisScripts>, staleness: Arc<StalenessTracker>) -> Self {
        let (running, requested) = (tokio::sync::Mutex::default(), Mutex::default());
        Self(Arc::new(RebuildsInner { database, scripts, staleness, running, requested }))
    }

    /// Starts rebuilding a ranking in the background; `false` if that is running or waiting already.
    pub fn start(&self, campaign: CampaignId, reason: RebuildReason) -> bool {
        match self.requested().entry(campaign) {
            MapEntry::Occupied(mut requested) => {
                let gravest = reason.max(*requested.get());
                requested.insert(gravest);
                return false;
            }
            MapEntry::Vacant(vacant) => vacant.insert(reason),
        };
        let rebuilds = self.clone();
        tokio::spawn(async move {
            let run = rebuilds.run(campaign, reason);
            if catch_panic("rebuild", run).await.is_none() {
                // Or no other could ever start.
                rebuilds.requested().remove(&campaign);
            }
        });
        true
    }

    async fn run(&self, campaign: CampaignId, reason: RebuildReason) {
        let running = self.0.running.lock().await;
        let scope = self.0.staleness.begin_rebuild(campaign);
        let gravest = self.requested().get(&campaign).copied().unwrap_or(reason);
        let rebuilt = self.rebuild(campaign, gravest).await;
        drop(running);
        let requested = self.requested().remove(&campaign);
        match rebuilt {
            Ok(true) => {
                self.0.staleness.finish_rebuild(campaign, scope);
                tracing::info!(%campaign, "rebuilt the ranking in Redis");
            }
            // Asked for meanwhile, for a graver reason.
            Ok(false) if requested > Some(gravest) => {
                self.start(campaign, RebuildReason::Wrong);
            }
            // Another process has the claim or was first, or Redis was emptied again. Repair, or the next reader that finds the
            // ranking incomplete, starts another rebuild.
            Ok(false) => {}
            // The process is shutting down.
            Err(_) if self.0.database.is_closed() => {}
            Err(error) => tracing::warn!(%campaign, %error, "the ranking in Redis could not be rebuilt"),
        }
    }

    /// Rebuilds the ranking from PostgreSQL; `false` if another rebuild has the claim or was first, or if this one lost the
    /// claim.
    ///
    /// The claim and the deletion of the old ranking are one step, before PostgreSQL is read. So a bid is either
    /// committed before the read and found by it, or entered by its committer after the deletion. What is read is
    /// collected under keys of this rebuild's own, which finally become the ranking. If Redis loses its data meanwhile, the
    /// claim is lost with it.
    async fn rebuild(&self, campaign: CampaignId, reason: RebuildReason) -> Result<bool> {
        let scripts = &self.0.scripts;
        let token = Uuid::new_v4().to_string();
        if !scripts.begin_rebuild(campaign, &token, reason == RebuildReason::Incomplete).await? {
            return Ok(false);
        }
        let finished = self.fill_and_finish(campaign, &token).await;
        if matches!(finished, Ok(true)) {
            metrics::PROJECTION_REBUILDS.inc();
            // The new keys have no expiry, which a closed campaign's need.
            if !self.is_open(campaign).await? {
                retire::retire(scripts, &self.0.staleness, campaign).await;
            }
        } else {
            scripts.abandon_rebuild(campaign, &token).await;
        }
        finished
    }

    async fn fill_and_finish(&self, campaign: CampaignId, token: &str) -> Result<bool> {
        let RebuildsInner { database, scripts, .. } = &*self.0;
        let begin = self.renewing(campaign, token, begin_reading(database, campaign));
        let Some((mut snapshot, counts)) = begin.await? else { return Ok(false) };
        let mut rows = standing_bids(&mut snapshot, campaign);
        let (mut users, mut bids) = (0, 0);
        let mut filling = JoinSet::new();
        // Shutdown does not wait for a rebuild.
        while !database.is_closed() {
            let Some(page) = self.renewing(campaign, token, next_page(&mut rows)).await? else { return Ok(false) };
            let is_last = page.is_empty();
            // PostgreSQL sends and this process prepares the next pages while Redis takes these in.
            while filling.len() > if is_last { 0 } else { PAGES_IN_FLIGHT - 1 } {
                // A task that was cancelled has not filled its page in.
                if let Some(filled) = filling.join_next().await
                    && !filled.unwrap_or(Ok(false))?
                {
                    return Ok(false);
                }
            }
            if is_last {
                drop(rows);
                drop(snapshot);
                return Ok(scripts.finish_rebuild(campaign, token, users, bids, &counts).await?);
            }
            users += page.len() as u64;
            bids += page.iter().map(|row| u64::from(row.changes.into_inner())).sum::<u64>();
            let (scripts, token) = (scripts.clone(), token.to_owned());
            filling.spawn(async move {
                let entries: Vec<_> = page.iter().map(entry).collect();
                scripts.fill_rebuild(campaign, &token, &entries).await
            });
        }
        Ok(false)
    }

    async fn is_open(&self, campaign: CampaignId) -> Result<bool> {
        let is_open = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM campaigns WHERE campaign_id = $1 AND status = 'open') AS "is_open!""#,
            campaign.0,
        );
        Ok(is_open.fetch_one(&self.0.database).await?)
    }

    /// Awaits `work` and renews the claim meanwhile; `None` if the claim is lost. Fails if it takes too long.
    async fn renewing<T>(
        &self,
        campaign: CampaignId,
        token: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        let mut work = pin!(within(PAGE_TIMEOUT, work));
        loop {
            match tokio::time::timeout(Duration::from_millis(REBUILD_CLAIM_MS / 4), &mut work).await {
                Ok(done) => return done.map(Some),
                Err(_) if self.0.scripts.renew_rebuild(campaign, token).await? => {}
                Err(_) => return Ok(None),
            }
        }
    }

    fn requested(&self) -> MutexGuard<'_, HashMap<CampaignId, RebuildReason>> {
        self.0.requested.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to read a campaign: a snapshot, and the counts of all bids in it.
async fn begin_reading(database: &Database, campaign: CampaignId) -> Result<(Transaction, BidCounts)> {
    let mut snapshot = database.snapshot().await?;
    let counts = postgres_ranking::totals(&mut *snapshot, campaign).await?.counts;
    // The statement is planned for this campaign, which may hold most of the table, joins and sorts in memory, does without
    // the start-up cost of compiled expressions, and lasts as long as Redis takes for the rows.
    let settings = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;
                    SET LOCAL statement_timeout = '10min'";
    sqlx::raw_sql(settings).execute(&mut *snapshot).await?;
    Ok((snapshot, counts))
}

/// A standing bid as it is read.
struct StandingRow {
    user_id: Uuid,
    score: Column<Score>,
    accepted_seq: i64,
    price: Column<Money>,
    changes: Column<u32>,
    username: String,
}

/// All standing bids, void ones included. One statement and no cursor, because PostgreSQL reads and sorts for a cursor with one process only.
fn standing_bids(snapshot: &mut Transaction, campaign: CampaignId) -> BoxStream<'_, sqlx::Result<StandingRow>> {
    let query = sqlx::query_as!(
        StandingRow,
        r#"SELECT user_id, CASE WHEN void_cause IS NULL THEN score ELSE $2 END AS "score!: Column<Score>", accepted_seq,
                  (price * 100)::bigint AS "price!: Column<Money>",
                  bid_number + void_changes AS "changes!: Column<u32>", username
           FROM bids JOIN users USING (user_id) WHERE campaign_id = $1
           -- Redis adds to the end of a large sorted set faster than to its middle.
           ORDER BY score"#,
        campaign.0,
        VOID_SCORE,
    );
    query.fetch(&mut **snapshot)
}

/// The next page of rows; empty after the last.
async fn next_page(rows: &mut BoxStream<'_, sqlx::Result<StandingRow>>) -> Result<Vec<StandingRow>> {
    Ok(rows.take(PAGE_ROWS).try_collect().await?)
}

fn entry(row: &StandingRow) -> Entry<'_> {
    Entry {
        user: UserId(row.user_id),
        score: row.score.into_inner(),
        accepted_seq: row.accepted_seq,
        price: row.price.into_inner(),
        changes: row.changes.into_inner(),
        username: Cow::Borrowed(&row.username),
    }
}
