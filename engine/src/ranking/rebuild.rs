//! Rebuilding a ranking in Redis from PostgreSQL.

use super::{
    bid_counts::BidCounts,
    postgres_ranking,
    redis_entry::Entry,
    redis_scripts::{REBUILD_CLAIM_MS, RedisScripts},
    retire,
    staleness::StalenessTracker,
};
use crate::{
    error::Result,
    metrics,
    store::{
        columns::Column,
        database::{Database, within},
    },
};
use domain::{CampaignId, Money, Score, UserId};
use sqlx::{Postgres, Transaction};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry as MapEntry},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Pages that may be in preparation or on their way while another is being read.
const PAGES_IN_FLIGHT: usize = 1;
/// How long PostgreSQL may take to read all bids, which it does for the first page, or one page.
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
            let running = rebuilds.0.running.lock().await;
            let scope = rebuilds.0.staleness.begin_rebuild(campaign);
            let gravest = rebuilds.requested().get(&campaign).copied().unwrap_or(reason);
            let rebuilt = rebuilds.rebuild(campaign, gravest).await;
            drop(running);
            let requested = rebuilds.requested().remove(&campaign);
            match rebuilt {
                Ok(true) => {
                    rebuilds.0.staleness.finish_rebuild(campaign, scope);
                    tracing::info!(%campaign, "rebuilt the ranking in Redis");
                }
                // Asked for meanwhile, for a graver reason.
                Ok(false) if requested > Some(gravest) => {
                    rebuilds.start(campaign, RebuildReason::Wrong);
                }
                // Another process has the claim or was first, or Redis was emptied again. Repair, or the next reader that finds the
                // ranking incomplete, starts another rebuild.
                Ok(false) => {}
                // The process is shutting down.
                Err(_) if rebuilds.0.database.is_closed() => {}
                Err(error) => tracing::warn!(%campaign, %error, "the ranking in Redis could not be rebuilt"),
            }
        });
        true
    }

    /// Rebuilds the ranking from PostgreSQL; `false` if another rebuild has the claim or was first, or if this one lost the
    /// claim.
    ///
    /// The claim and the deletion of the old ranking are one step, before PostgreSQL is read. So a bid is either
    /// committed before the read and found by it, or entered by its committer after the deletion. If Redis
    /// loses its data meanwhile, the claim is lost with it.
    async fn rebuild(&self, campaign: CampaignId, reason: RebuildReason) -> Result<bool> {
        let RebuildsInner { database, scripts, .. } = &*self.0;
        let token = Uuid::new_v4().to_string();
        if !scripts.begin_rebuild(campaign, &token, reason == RebuildReason::Incomplete).await? {
            return Ok(false);
        }
        let open = self.renewing(campaign, &token, StandingBidPages::open(database, campaign));
        let Some((mut standing, counts)) = open.await? else { return Ok(false) };
        let mut read = 0;
        let mut filling = JoinSet::new();
        // Shutdown does not wait for a rebuild.
        while !database.is_closed() {
            let Some(page) = self.renewing(campaign, &token, standing.next()).await? else { return Ok(false) };
            let is_last = page.is_empty();
            // PostgreSQL reads and this process prepares the next pages while Redis takes these in.
            while filling.len() > if is_last { 0 } else { PAGES_IN_FLIGHT } {
                // A task that was cancelled has not entered its page.
                if let Some(filled) = filling.join_next().await
                    && !filled.unwrap_or(Ok(false))?
                {
                    return Ok(false);
                }
            }
            if is_last {
                drop(standing);
                return self.finish(campaign, &token, read, &counts).await;
            }
            read += page.len();
            let (scripts, token) = (scripts.clone(), token.clone());
            filling.spawn(async move {
                let entries: Vec<_> = page.iter().map(entry).collect();
                scripts.fill_rebuild(campaign, &token, &entries).await
            });
        }
        Ok(false)
    }

    async fn finish(&self, campaign: CampaignId, token: &str, read: usize, counts: &BidCounts) -> Result<bool> {
        let finished = self.0.scripts.finish_rebuild(campaign, token, read, counts).await?;
        if finished {
            metrics::PROJECTION_REBUILDS.inc();
            // The new keys have no expiry, which a closed campaign's need.
            if !self.is_open(campaign).await? {
                retire::retire(&self.0.scripts, &self.0.staleness, campaign).await;
            }
        }
        Ok(finished)
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
                Err(_) if self.0.scripts.fill_rebuild(campaign, token, &[]).await? => {}
                Err(_) => return Ok(None),
            }
        }
    }

    fn requested(&self) -> MutexGuard<'_, HashMap<CampaignId, RebuildReason>> {
        self.0.requested.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All standing bids of a campaign as of one instant, page by page.
struct StandingBidPages(Transaction<'static, Postgres>);

/// User, score, sequence, price, bid number, name.
type EntryRow = (Uuid, Column<Score>, i64, Column<Money>, Column<u32>, String);

impl StandingBidPages {
    /// The pages, and the counts of all bids at the same instant.
    async fn open(database: &Database, campaign: CampaignId) -> Result<(Self, BidCounts)> {
        let mut snapshot = database.snapshot().await?;
        let counts = postgres_ranking::totals(&mut *snapshot, campaign).await?.counts;
        // Every row will be read, so PostgreSQL should plan for the total cost, not for the first rows, and may join in
        // memory.
        sqlx::raw_sql("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL work_mem = '64MB'")
            .execute(&mut *snapshot)
            .await?;
        let declare = sqlx::query!(
            "DECLARE standing NO SCROLL CURSOR FOR
             SELECT user_id, score, accepted_seq, (price * 100)::bigint, bid_number, username
             FROM bids JOIN users USING (user_id) WHERE campaign_id = $1
             -- Redis adds to the end of a large sorted set faster than to its middle.
             ORDER BY score",
            campaign.0,
        );
        declare.execute(&mut *snapshot).await?;
        Ok((Self(snapshot), counts))
    }

    /// The next page; empty after the last.
    async fn next(&mut self) -> Result<Vec<EntryRow>> {
        // Neither checked when compiled, because the cursor exists only in this transaction, nor cached as a prepared
        // statement, which would refer to it.
        let fetch = sqlx::query_as("FETCH 1000 FROM standing").persistent(false);
        Ok(fetch.fetch_all(&mut *self.0).await?)
    }
}

fn entry((user, score, accepted_seq, price, bid_number, username): &EntryRow) -> Entry<'_> {
    Entry {
        user: UserId(*user),
        score: score.into_inner(),
        accepted_seq: *accepted_seq,
        price: price.into_inner(),
        bid_number: bid_number.into_inner(),
        username: Cow::Borrowed(username),
    }
}
