//! The lock that keeps a campaign's bids from starving its edits.
//!
//! A batch of bids takes a shared lock on the campaign's row, an edit an exclusive one. PostgreSQL lets later
//! shared row locks overtake an exclusive one that waits, so an edit might wait forever while batches follow
//! each other without a gap. Advisory locks queue in order: an edit takes this one before the row, and a batch
//! shares it before the row.

use crate::error::Result;
use domain::CampaignId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Most campaigns that one edit locks in this way: PostgreSQL has room for some thousands of such locks. Further ones
/// have only their row lock.
const LOCKS_MAX: usize = 1000;

/// The number of a campaign's advisory lock: the random half of its id.
pub(crate) fn key(campaign: Uuid) -> i64 {
    campaign.as_u64_pair().1.cast_signed()
}

/// Waits for the batches that came first and blocks those that come later, until the transaction ends. The campaigns
/// must be passed in the order of their ids, so that two edits cannot deadlock.
pub(super) async fn take(connection: &mut PgConnection, campaigns: &[Uuid]) -> Result<()> {
    let keys: Vec<i64> = campaigns.iter().copied().take(LOCKS_MAX).map(key).collect();
    let locks = sqlx::query_scalar!("SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key", &keys);
    locks.fetch_all(connection).await?;
    Ok(())
}

/// Waits until all batches of a campaign that were being written are committed or rolled back.
pub(crate) async fn wait_for_batches(connection: &mut PgConnection, campaign: CampaignId) -> Result<()> {
    take(connection, &[campaign.0]).await
}
