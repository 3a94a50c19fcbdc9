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
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
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
    /// When it was last warned of an overdue settlement, in microseconds since the Unix epoch.
    warned_us: AtomicI64,
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
            warned_us: AtomicI64::new(i64::MIN / 2),
        }
    }

    /// Settles campaigns when they end, until cancelled. Every process runs this.
    pub async fn run(self: Arc<Self>) {
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
        let now = self.clock.now();
        // Campaigns that another process has claimed or whose settlement failed are tried again shortly, and do not
        // hold up the others.
        let mut left_over = None;
        let mut has_failed = false;
        let mut next_end = None;
        for campaign in open {
            let (id, end_time) = (CampaignId(campaign.campaign_id), campaign.end_time.into_inner());
            if end_time > now {
                next_end = Some(end_time);
                break;
            }
            let settled = self.settle(id).await.unwrap_or_else(|error| {
                tracing::error!(campaign = %id, %error, "settlement failed and will be tried again");
                has_failed = true;
                false
            });
            if !settled {
                left_over = left_over.or(Some((id, end_time)));
            }
        }
        self.report_overdue(left_over, now);
        let retry_ms = if has_failed { RETRY_AFTER_ERROR_MS } else { RETRY_MS };
        Ok(if left_over.is_some() { Some(now.plus_millis(retry_ms)) } else { next_end })
    }

    /// Reports the campaign that has waited longest, and warns once in [`OVERDUE_MS`] if it has waited for long: its
    /// settlement fails, or its claim is held by a process that makes no progress.
    fn report_overdue(&self, oldest: Option<(CampaignId, Timestamp)>, now: Timestamp) {
        let overdue_ms = oldest.map_or(0, |(_, end_time)| now.millis_since(end_time));
        metrics::SETTLEMENT_OVERDUE_SECONDS.set(overdue_ms as f64 / 1000.0);
        let Some((campaign, _)) = oldest.filter(|_| overdue_ms >= OVERDUE_MS) else { return };
        let warned_us = self.warned_us.load(Ordering::Relaxed);
        if now.unix_micros() - warned_us >= OVERDUE_MS * 1000 {
            self.warned_us.store(now.unix_micros(), Ordering::Relaxed);
            tracing::warn!(%campaign, overdue_ms, "a campaign has ended and is not settled");
        }
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
