//! What is stored about a person, for themselves.

use crate::{
    accounts::Accounts,
    error::{Error, Result},
    metrics::time_database,
    orders,
    store::{columns::Column, database::Database},
};
use domain::{
    Money, Score, Timestamp, UserId,
    api::{accounts::PersonalData, bids::BidRecord},
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The most bids and orders that are returned, the newest.
const RECORDS_MAX: i64 = 50_000;
/// People who are answered at a time: so many records take memory.
const EXPORTS_MAX: usize = 2;

/// Returns people what is stored about them.
pub struct PersonalRecords {
    database: Database,
    accounts: Arc<Accounts>,
    exports: Semaphore,
}

impl PersonalRecords {
    pub(crate) fn new(database: Database, accounts: Arc<Accounts>) -> Self {
        Self { database, accounts, exports: Semaphore::new(EXPORTS_MAX) }
    }

    /// Returns what is stored about a token's user: the account, what they are signed in on, their API keys, bids and
    /// orders. Changes that admins have made to the account are in the audit log only.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `OVERLOADED` while others are being answered.
    pub async fn export(&self, token: &str) -> Result<PersonalData> {
        let _turn = self.exports.try_acquire().map_err(|_| Error::Overloaded)?;
        let sessions = self.accounts.active_sessions(token).await?;
        let api_keys = self.accounts.api_keys(token).await?;
        let account = self.accounts.authenticate(token).await?;
        let bids = bids(&self.database, account.user_id).await?;
        let orders = orders::of_user(&self.database, account.user_id, RECORDS_MAX).await?;
        Ok(PersonalData { account: Arc::unwrap_or_clone(account), sessions, api_keys, bids, orders })
    }
}

async fn bids(database: &Database, user_id: UserId) -> Result<Vec<BidRecord>> {
    let _timer = time_database("bids_of_person");
    let bids = sqlx::query_as!(
        BidRecord,
        r#"SELECT bid_id, campaign_id, (price * 100)::bigint AS "price!: Column<Money>",
               score AS "score: Column<Score>", time_elapsed_ms AS "time_elapsed_ms: Column<u64>",
               bid_number AS "bid_number: Column<u32>", accepted_at AS "accepted_at: Column<Timestamp>"
           -- Bids are found by campaign and user: there is no index on the user.
           FROM bid_events WHERE bid_id IN (SELECT bid_id FROM campaigns JOIN bids USING (campaign_id) WHERE user_id = $1)
           ORDER BY accepted_seq DESC LIMIT $2"#,
        user_id.0,
        RECORDS_MAX,
    );
    Ok(bids.fetch_all(database).await?)
}
