//! Settlement: when a campaign ends, the first min(K, stock) bidders get their orders, exactly once, whichever process
//! settles it and however often one crashes.

mod transaction;

use crate::{
    catalog::StockCounters,
    clock::Clock,
    error::Result,
    events::{CampaignChange, Event, Events, Origin, Subscriber},
    metrics,
    ranking::Rankings,
    store::{
        columns::Column,
        database::{Database, within},
    },
};
use domain::{CampaignId, Timestamp};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;
use transaction::{CloseResult, Sale};

/// How often PostgreSQL is queried for campaigns that are due, besides the timer.
const SWEEP: Duration = Duration::from_secs(10);
/// Delay before a campaign is tried again that another process has claimed, in milliseconds.
const RETRY_MS: i64 = 100;
/// Delay after an error, in milliseconds. Each is logged, so it is long enough for an outage not to fill the log.
const RETRY_AFTER_ERROR_MS: i64 = 1000;
/// How often the longest wait is reported.
const REPORT: Duration = Duration::from_secs(1);
/// A campaign that has waited longer for its settlement is reported in the log, in milliseconds.
const OVERDUE_MS: i64 = 5_000;

/// How long a settlement may take: the largest take seconds.
const CLOSE_TIMEOUT: Duration = Duration::from_mins(1);

/// Settles campaigns.
pub(crate) struct Settlement {
    database: Database,
    clock: Clock,
    stock: StockCounters,
    rankings: Arc<Rankings>,
    events: Events,
    /// Wakes the timer, because end times may have changed.
    rescheduled: Notify,
    /// The open campaign that ends or ended first, as it was last read, unless that is known to be settled.
    oldest: Mutex<Option<(CampaignId, Timestamp)>>,
}

impl Settlement {
    pub fn new(
        database: &Database,
        clock: &Clock,
        stock: &StockCounters,
        rankings: &Arc<Rankings>,
        events: &Events,
    ) -> Self {
        Self {
            database: database.clone(),
            clock: clock.clone(),
            stock: stock.clone(),
            rankings: rankings.clone(),
            events: events.clone(),
            rescheduled: Notify::new(),
            oldest: Mutex::default(),
        }
    }

    /// Settles campaigns when they end, and reports what is overdue, until cancelled. Every process runs this.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(self.settle_all(), self.watch_overdue());
    }

    async fn settle_all(&self) {
        loop {
            match self.settle_due().await {
                Ok(Some(next_end)) => self.wait_for(next_end).await,
                Ok(None) => self.wait(SWEEP).await,
                Err(error) => {
                    tracing::error!(%error, "the campaigns that are due could not be read");
                    self.wait(Duration::from_millis(RETRY_AFTER_ERROR_MS.unsigned_abs())).await;
                }
            }
        }
    }

    /// Settles a campaign whose time is up; `false` if another process has claimed it and may still be at work.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn settle(&self, id: CampaignId) -> Result<bool> {
        match within(CLOSE_TIMEOUT, transaction::close(&self.database, id, || self.clock.now())).await? {
            CloseResult::Settled(sale) => self.announce(id, *sale).await?,
            CloseResult::NothingToDo => {}
            CloseResult::ClaimedElsewhere => return Ok(false),
        }
        Ok(true)
    }

    async fn announce(&self, id: CampaignId, sale: Sale) -> Result<()> {
        let Sale { campaign, changed, winners, settled_at, stock, stock_version } = sale;
        let delay_ms = settled_at.millis_since(campaign.rules.end_time);
        metrics::SETTLEMENTS.inc();
        metrics::SETTLEMENT_DELAY_SECONDS.observe(delay_ms as f64 / 1000.0);
        tracing::info!(campaign = %id, orders = winners.len(), delay_ms, "settled");
        for changed in changed {
            changed.enter(&self.rankings, id).await;
        }
        self.stock.publish(campaign.product.product_id, stock, stock_version).await;
        self.events.announce(Event::CampaignChanged(id, CampaignChange::Settled)).await?;
        let rankings = self.rankings.clone();
        tokio::spawn(async move {
            rankings.verify(&campaign, &winners).await;
            rankings.retire(id).await;
        });
        Ok(())
    }

    /// Settles the campaigns that are due and returns when the next one ends.
    async fn settle_due(&self) -> Result<Option<Timestamp>> {
        let open = sqlx::query!(
            r#"SELECT campaign_id, end_time AS "end_time: Column<Timestamp>" FROM campaigns
               WHERE status = 'open' ORDER BY end_time LIMIT 100"#
        );
        let open = open.fetch_all(&self.database).await?;
        self.set_oldest(
            open.first().map(|campaign| (CampaignId(campaign.campaign_id), campaign.end_time.into_inner())),
        );
        let now = self.clock.now();
        // Campaigns that another process has claimed or whose settlement failed are tried again shortly, and do not
        // hold up the others.
        let mut left_over = None;
        let mut has_failed = false;
        let mut next = None;
        for campaign in open {
            let (id, end_time) = (CampaignId(campaign.campaign_id), campaign.end_time.into_inner());
            if end_time > now {
                next = Some((id, end_time));
                break;
            }
            // For as long as its settlement takes.
            self.set_oldest(left_over.or(Some((id, end_time))));
            let settled = self.settle(id).await.unwrap_or_else(|error| {
                tracing::error!(campaign = %id, %error, "settlement failed and will be tried again");
                has_failed = true;
                false
            });
            if !settled {
                left_over = left_over.or(Some((id, end_time)));
            }
        }
        self.set_oldest(left_over.or(next));
        let retry_ms = if has_failed { RETRY_AFTER_ERROR_MS } else { RETRY_MS };
        Ok(if left_over.is_some() { Some(now.plus_millis(retry_ms)) } else { next.map(|(_, end_time)| end_time) })
    }

    /// Reports every second how long the oldest campaign has waited, and warns once in [`OVERDUE_MS`] if that is long: its
    /// settlement fails or hangs, its claim is held by a process that makes no progress, or PostgreSQL does not answer.
    async fn watch_overdue(&self) {
        let mut warned_at = None;
        loop {
            let (oldest, now) = (*self.oldest(), self.clock.now());
            let overdue_ms = oldest.map_or(0, |(_, end_time)| now.millis_since(end_time).max(0));
            metrics::SETTLEMENT_OVERDUE_SECONDS.set(overdue_ms as f64 / 1000.0);
            if let Some((campaign, _)) = oldest.filter(|_| overdue_ms >= OVERDUE_MS)
                && warned_at.is_none_or(|at: Timestamp| now.millis_since(at) >= OVERDUE_MS)
            {
                warned_at = Some(now);
                tracing::warn!(%campaign, overdue_ms, "a campaign has ended and is not settled");
            }
            tokio::time::sleep(REPORT).await;
        }
    }

    fn set_oldest(&self, oldest: Option<(CampaignId, Timestamp)>) {
        *self.oldest() = oldest;
    }

    fn oldest(&self) -> MutexGuard<'_, Option<(CampaignId, Timestamp)>> {
        self.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for(&self, next_end: Timestamp) {
        tokio::select! {
            () = self.clock.sleep_until(next_end) => {}
            () = self.wait(SWEEP) => {}
        }
    }

    async fn wait(&self, at_most: Duration) {
        // Whether woken early or not, the next round finds what is due.
        let _ = tokio::time::timeout(at_most, self.rescheduled.notified()).await;
    }
}

impl Subscriber for Settlement {
    fn handle<'a>(&'a self, event: &'a Event, _: Origin) -> BoxFuture<'a, ()> {
        if matches!(event, Event::CampaignChanged(..) | Event::Resync) {
            self.rescheduled.notify_one();
        }
        async {}.boxed()
    }
}
