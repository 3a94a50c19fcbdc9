//! Settlement: when time is up, the top min(K, stock) get their orders, exactly once, whoever runs
//! it and however often it crashes.

mod results;
mod settle;

pub(crate) use results::Results;

use crate::{Engine, error::Result, store::columns};
use domain::{CampaignId, Timestamp};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Notify;

/// How often the database is asked for campaigns that are due, besides the timers.
const SWEEP: Duration = Duration::from_secs(10);
/// How soon a campaign is looked at again that another process is settling, or that failed, in
/// milliseconds.
const RETRY_MS: i64 = 100;

/// The settlement task's bell.
#[derive(Default)]
pub(crate) struct Settlement {
    changed: Notify,
}

impl Settlement {
    /// The campaigns' end times have changed; look again.
    pub fn reschedule(&self) {
        self.changed.notify_one();
    }
}

impl Engine {
    /// Settles campaigns as their time comes, until cancelled. Every process runs this.
    pub(crate) async fn run_settlement(self) {
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

    /// Settles what is due; returns when the next campaign ends.
    async fn settle_due(&self) -> Result<Option<Timestamp>> {
        let open: Vec<(uuid::Uuid, OffsetDateTime)> = sqlx::query_as(
            "SELECT campaign_id, end_time FROM campaigns WHERE status = 'open' ORDER BY end_time LIMIT 100",
        )
        .fetch_all(self.database())
        .await?;
        let now = self.now();
        // Those in the hands of another process, or failed: looked at again shortly. They do not
        // hold up the others.
        let mut left_over = false;
        for (id, end_time) in open {
            let end_time = columns::timestamp(end_time)?;
            if end_time > now {
                return Ok(Some(if left_over { now.plus_millis(RETRY_MS) } else { end_time }));
            }
            match self.settle(CampaignId(id)).await {
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
            () = self.clock().sleep_until(next_end) => {}
            () = self.wait(SWEEP) => {}
        }
    }

    async fn wait(&self, at_most: Duration) {
        // Early or late, the next look finds what is due.
        let _ = tokio::time::timeout(at_most, self.settlement().changed.notified()).await;
    }
}
