//! Samples of running campaigns, taken by every process and stored in PostgreSQL: one curve per campaign, which
//! outlives the campaign and the processes.

use crate::{
    catalog::{CampaignRecord, Campaigns},
    clock::Clock,
    error::Result,
    metrics::time_database,
    ranking::{Rankings, Snapshot},
    store::{
        cache::{CacheOptions, ReadCache},
        columns::Column,
        database::Database,
    },
};
use domain::{CampaignId, Score, Timestamp};
use std::{sync::Arc, time::Duration};

/// How long reading the statistics may take before they are read again, in milliseconds.
const READ_MS_MAX: i64 = 250;

/// A campaign's statistics at an instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CampaignSample {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Bidders with a standing bid.
    pub participants: u64,
    /// Accepted bids.
    pub bids: u64,
    /// The K-th score; none while there are fewer than K participants.
    pub min_winning_score: Option<Score>,
    /// The first score; none without bids.
    pub max_score: Option<Score>,
}

/// The score of the last winning place at an instant; none while there were free places.
pub type ThresholdSample = (Timestamp, Option<Score>);

/// Anyone may ask for thresholds, so readers share a copy.
const THRESHOLDS: CacheOptions = CacheOptions { name: "thresholds", capacity: 200, ttl: Duration::from_secs(2) };

/// The samples of all campaigns.
pub(super) struct CampaignSamples {
    database: Database,
    clock: Clock,
    campaigns: Arc<Campaigns>,
    rankings: Arc<Rankings>,
    thresholds: ReadCache<CampaignId, Vec<ThresholdSample>>,
}

impl CampaignSamples {
    pub fn new(database: Database, clock: Clock, campaigns: Arc<Campaigns>, rankings: Arc<Rankings>) -> Self {
        Self { database, clock, campaigns, rankings, thresholds: ReadCache::new(THRESHOLDS) }
    }

    /// The samples of a campaign, oldest first.
    pub async fn of(&self, id: CampaignId) -> Result<Vec<CampaignSample>> {
        let _timer = time_database("campaign_samples");
        let samples = sqlx::query_as!(
            CampaignSample,
            r#"SELECT taken_at AS "taken_at: Column<Timestamp>", participants AS "participants: Column<u64>",
                   bids AS "bids: Column<u64>", min_winning_score AS "min_winning_score!: Column<Option<Score>>",
                   max_score AS "max_score!: Column<Option<Score>>"
               FROM campaign_samples WHERE campaign_id = $1 ORDER BY second"#,
            id.0,
        );
        Ok(samples.fetch_all(&self.database).await?)
    }

    /// The scores of a campaign's last winning place, oldest first, at most two seconds old.
    pub async fn thresholds(&self, id: CampaignId) -> Result<Arc<Vec<ThresholdSample>>> {
        let read = async || {
            let samples = self.of(id).await?;
            Ok(Some(samples.into_iter().map(|sample| (sample.taken_at, sample.min_winning_score)).collect()))
        };
        Ok(self.thresholds.get(id, read).await?.unwrap_or_default())
    }

    /// Samples the running campaigns that are due.
    pub async fn take_due(&self) -> Result<()> {
        let now = self.clock.now();
        let due = sqlx::query_scalar!(
            "SELECT campaign_id FROM campaigns c
             WHERE status = 'open' AND start_time <= $1 AND end_time > $1 AND NOT EXISTS (
                 -- A second apart, or a 600th of the campaign if that is longer. A tenth of that early, so that
                 -- slightly short rounds do not skip every other sample.
                 SELECT FROM campaign_samples s WHERE s.campaign_id = c.campaign_id
                 AND s.taken_at > $1 - 0.9 * greatest(interval '1 second', (c.end_time - c.start_time) / 600))",
            now.as_datetime(),
        );
        for id in due.fetch_all(&self.database).await?.into_iter().map(CampaignId) {
            // One that cannot be sampled does not keep the others from it.
            if let Err(error) = self.sample_campaign(id).await {
                tracing::warn!(%error, campaign = %id, "a campaign could not be sampled");
            }
        }
        Ok(())
    }

    async fn sample_campaign(&self, id: CampaignId) -> Result<()> {
        let campaign = self.campaigns.get(id).await?;
        let (statistics, read_at) = self.read(&campaign).await?;
        // At the end the count is final.
        let taken_at = read_at.min(campaign.rules.end_time);
        let second = taken_at.millis_since(campaign.rules.start_time).max(0) / 1000;
        let insert = sqlx::query!(
            "INSERT INTO campaign_samples
                 (campaign_id, second, taken_at, participants, bids, min_winning_score, max_score)
             SELECT c.campaign_id, $2, $3::timestamptz, $4, $5, $6, $7 FROM campaigns c
             -- Another process may have taken one since this was found to be due.
             WHERE c.campaign_id = $1 AND NOT EXISTS (
                 SELECT FROM campaign_samples s WHERE s.campaign_id = c.campaign_id
                 AND s.taken_at > $3::timestamptz - 0.9 * greatest(interval '1 second', (c.end_time - c.start_time) / 600))
             ON CONFLICT DO NOTHING",
            id.0,
            i32::try_from(second).unwrap_or(i32::MAX),
            taken_at.as_datetime(),
            statistics.total_participants.cast_signed(),
            statistics.bids.cast_signed(),
            statistics.min_winning_score.map(Score::get),
            statistics.max_score.map(Score::get),
        );
        insert.execute(&self.database).await?;
        Ok(())
    }

    /// The statistics of now, and the time. They are read again once if that took long: rates between samples would be
    /// wrong.
    async fn read(&self, campaign: &CampaignRecord) -> Result<(Snapshot, Timestamp)> {
        let mut asked_at = self.clock.now();
        let mut statistics = self.rankings.read_statistics(campaign).await?;
        if self.clock.now().millis_since(asked_at) > READ_MS_MAX {
            asked_at = self.clock.now();
            statistics = self.rankings.read_statistics(campaign).await?;
        }
        Ok((statistics, asked_at))
    }
}
