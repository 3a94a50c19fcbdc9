//! Settlement: when a campaign ends, the first min(K, stock) bidders get their orders, exactly once, whichever process
//! settles it and however often one crashes.

mod close;

use crate::{
    catalog::StockCounters,
    clock::Clock,
    error::Result,
    events::{CampaignChange, Event, Events, Origin, Subscriber},
    metrics,
    ranking::Rankings,
    store::{columns::Column, database::Database},
};
use close::{CloseResult, Sale};
use domain::{CampaignId, Timestamp};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How often PostgreSQL is queried for campaigns that are due, besides the timer.
const SWEEP: Duration = Duration::from_secs(10);
/// Delay before a campaign is tried again that another process has claimed or whose settlement failed, in milliseconds.
const RETRY_MS: i64 = 100;

/// Settles campaigns.
pub(crate) struct Settlement {
    database: Database,
    clock: Clock,
    stock: StockCounters,
    rankings: Arc<Rankings>,
    events: Events,
    /// Wakes the timer, because end times may have changed.
    rescheduled: Notify,
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
                    self.wait(SWEEP).await;
                }
            }
        }
    }

    /// Settles a campaign whose time is up; `false` if another process has claimed it and may still be at work.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn settle(&self, id: CampaignId) -> Result<bool> {
        match close::close(&self.database, id, || self.clock.now()).await? {
            CloseResult::Settled(sale) => self.announce(id, *sale).await?,
            CloseResult::NothingToDo => {}
            CloseResult::ClaimedElsewhere => return Ok(false),
        }
        Ok(true)
    }

    async fn announce(&self, id: CampaignId, sale: Sale) -> Result<()> {
        let Sale { campaign, winners, settled_at, stock, stock_version } = sale;
        let delay_ms = settled_at.millis_since(campaign.rules.end_time);
        metrics::SETTLEMENTS.inc();
        metrics::SETTLEMENT_DELAY_SECONDS.observe(delay_ms as f64 / 1000.0);
        tracing::info!(campaign = %id, orders = winners.len(), delay_ms, "settled");
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
        let mut left_over = false;
        for campaign in open {
            let (id, end_time) = (CampaignId(campaign.campaign_id), campaign.end_time.into_inner());
            if end_time > now {
                return Ok(Some(if left_over { now.plus_millis(RETRY_MS) } else { end_time }));
            }
            match self.settle(id).await {
                Ok(settled) => left_over |= !settled,
                Err(error) => {
                    tracing::error!(campaign = %id, %error, "settlement failed and will be tried again");
                    left_over = true;
                }
            }
        }
        Ok(left_over.then(|| now.plus_millis(RETRY_MS)))
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
