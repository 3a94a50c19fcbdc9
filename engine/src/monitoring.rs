//! Monitoring of running campaigns and of this process.

mod campaign_samples;
mod process_stats;

pub use campaign_samples::{CampaignSample, ThresholdSample};
pub use process_stats::ProcessStats;

use crate::{
    authorization::require_admin, catalog::Campaigns, clock::Clock, error::Result, ranking::Rankings,
    store::database::Database,
};
use campaign_samples::CampaignSamples;
use domain::{CampaignId, api::accounts::User};
use process_stats::RecentLatency;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How often this process takes samples.
const INTERVAL: Duration = Duration::from_secs(1);

/// Samples running campaigns and this process, and reads the samples.
pub struct Monitoring {
    samples: CampaignSamples,
    latency: RecentLatency,
    clock: Clock,
    process: Uuid,
}

impl Monitoring {
    pub(crate) fn new(
        database: Database,
        clock: Clock,
        campaigns: Arc<Campaigns>,
        rankings: Arc<Rankings>,
        process: Uuid,
    ) -> Self {
        let samples = CampaignSamples::new(database, clock.clone(), campaigns, rankings);
        Self { samples, latency: RecentLatency::default(), clock, process }
    }

    /// Returns the samples of a campaign, oldest first; none for an unknown campaign. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn campaign_samples(&self, actor: &User, id: CampaignId) -> Result<Vec<CampaignSample>> {
        require_admin(actor)?;
        self.samples.of(id).await
    }

    /// Returns the scores of a campaign's last winning place, oldest first; none for an unknown campaign.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn threshold_samples(&self, id: CampaignId) -> Result<Arc<Vec<ThresholdSample>>> {
        self.samples.thresholds(id).await
    }

    /// Returns the statistics of this process. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub fn process_stats(&self, actor: &User) -> Result<ProcessStats> {
        require_admin(actor)?;
        Ok(ProcessStats::read(self.process, &self.latency, &self.clock))
    }

    /// Samples running campaigns and this process's latency until cancelled. Every process runs this.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.latency.sample();
            if let Err(error) = self.samples.take_due().await {
                tracing::warn!(%error, "the campaigns could not be sampled");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
