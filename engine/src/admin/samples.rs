//! How running campaigns go, sampled by every process into PostgreSQL: one curve for all of them,
//! and it is still there when a campaign is over or a process has been replaced.

use crate::{
    Engine,
    accounts::require_admin,
    error::{Error, Result},
    metrics::time_database,
    store::columns,
};
use domain::{CampaignId, Score, Timestamp, api::accounts::User};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// How often a process looks whether a campaign is due for a sample.
const ROUND: Duration = Duration::from_secs(1);

/// A campaign's numbers at an instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CampaignSample {
    /// When they were taken.
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

impl Engine {
    /// How a campaign went, oldest first. Admins only.
    pub async fn campaign_samples(&self, actor: &User, id: CampaignId) -> Result<Vec<CampaignSample>> {
        require_admin(actor)?;
        let _timer = time_database("campaign_samples");
        let rows: Vec<SampleRow> = sqlx::query_as(
            "SELECT taken_at, participants, bids, min_winning_score, max_score
             FROM campaign_samples WHERE campaign_id = $1 ORDER BY second",
        )
        .bind(id.0)
        .fetch_all(self.database())
        .await?;
        rows.into_iter().map(CampaignSample::try_from).collect()
    }

    /// Samples running campaigns and this process's latency until cancelled. Every process runs this.
    pub(crate) async fn run_sampling(self) {
        loop {
            self.latency().sample();
            if let Err(error) = self.sample_campaigns().await {
                tracing::warn!(%error, "the campaigns could not be sampled");
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    async fn sample_campaigns(&self) -> Result<()> {
        // Read before the numbers, which may be newer than their time but never older, however long
        // reading them takes.
        let now = self.now();
        // A second apart, or a 600th of the campaign if that is longer; a little early, so that
        // rounds a hair too short do not skip every other sample.
        let due: Vec<Uuid> = sqlx::query_scalar(
            "SELECT campaign_id FROM campaigns c
             WHERE status = 'open' AND start_time <= $1 AND end_time > $1 AND NOT EXISTS (
                 SELECT FROM campaign_samples s WHERE s.campaign_id = c.campaign_id
                 AND s.taken_at > $1 - 0.9 * greatest(interval '1 second', (c.end_time - c.start_time) / 600))",
        )
        .bind(now.as_datetime())
        .fetch_all(self.database())
        .await?;
        for id in due.into_iter().map(CampaignId) {
            self.sample(id, now).await?;
        }
        Ok(())
    }

    async fn sample(&self, id: CampaignId, taken_at: Timestamp) -> Result<()> {
        let campaign = self.campaign_record(id).await?;
        let stats = self.campaign_stats(&campaign).await?;
        let second = taken_at.millis_since(campaign.rules.start_time).max(0) / 1000;
        sqlx::query(
            "INSERT INTO campaign_samples
                 (campaign_id, second, taken_at, participants, bids, min_winning_score, max_score)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(id.0)
        .bind(i32::try_from(second).unwrap_or(i32::MAX))
        .bind(taken_at.as_datetime())
        .bind(stats.total_participants.cast_signed())
        .bind(stats.total_bids.cast_signed())
        .bind(stats.min_winning_score.map(Score::get))
        .bind(stats.max_score.map(Score::get))
        .execute(self.database())
        .await?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct SampleRow {
    taken_at: OffsetDateTime,
    participants: i64,
    bids: i64,
    min_winning_score: Option<f64>,
    max_score: Option<f64>,
}

impl TryFrom<SampleRow> for CampaignSample {
    type Error = Error;

    fn try_from(row: SampleRow) -> Result<Self> {
        Ok(Self {
            taken_at: columns::timestamp(row.taken_at)?,
            participants: columns::count(row.participants)?,
            bids: columns::count(row.bids)?,
            min_winning_score: row.min_winning_score.map(Score::from_stored),
            max_score: row.max_score.map(Score::from_stored),
        })
    }
}
