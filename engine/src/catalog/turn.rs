//! Turns between the bids of a campaign and its edits.
//!
//! A batch of bids shares the campaign's row, and an edit needs it alone. For rows PostgreSQL lets those who
//! share pass those who wait, so an edit might wait for ever while batches follow each other without a gap. An
//! advisory lock keeps its queue in order: an edit takes it before the row, a batch shares it before the row.

use crate::error::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Most campaigns of one edit that take turns: PostgreSQL has room for some thousands of such locks. The others have
/// their row's lock alone.
const TURNS_MAX: usize = 1000;

/// The number of a campaign's advisory lock: the random half of its id.
pub(crate) fn key(campaign: Uuid) -> i64 {
    campaign.as_u64_pair().1.cast_signed()
}

/// Waits for the batches that came first and holds those that come later, until the transaction ends. Several
/// campaigns are named in the order of their ids.
pub(super) async fn take(connection: &mut PgConnection, campaigns: &[Uuid]) -> Result<()> {
    let keys: Vec<i64> = campaigns.iter().copied().take(TURNS_MAX).map(key).collect();
    sqlx::query("SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key")
        .bind(keys)
        .execute(connection)
        .await?;
    Ok(())
}
