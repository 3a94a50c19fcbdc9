//! Idempotency keys: a request that creates something and is sent again under its key creates nothing more.

use crate::{
    error::{Error, Result},
    store::database::Database,
};
use domain::UserId;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// Longest key, in characters.
const KEY_CHARS_MAX: usize = 255;

/// A key by which a client recognizes one of its requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyKey {
    key: String,
    request_hash: [u8; 32],
}

impl IdempotencyKey {
    /// The key of a request to create something at `path`; `None` unless it is 1 to 255 printable ASCII characters.
    pub fn new(key: &str, path: &str, body: &[u8]) -> Option<Self> {
        let is_valid =
            (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let request = Sha256::new().chain_update(path).chain_update([0]).chain_update(body);
        is_valid.then(|| Self { key: key.to_owned(), request_hash: request.finalize().into() })
    }

    /// Reserves the key for what this transaction creates. Returns the id of what the same request has created before, or
    /// `None` the first time. Waits for a transaction that has reserved it and not ended yet.
    ///
    /// # Errors
    /// `VALIDATION` if the key was used for another request within a day.
    pub(crate) async fn reserve(
        &self,
        transaction: &mut PgConnection,
        user: UserId,
        resource: Uuid,
    ) -> Result<Option<Uuid>> {
        let expired = sqlx::query!(
            "DELETE FROM idempotency_keys
             WHERE user_id = $1 AND key = $2 AND created_at <= now() - interval '1 day'",
            user.0,
            self.key,
        );
        expired.execute(&mut *transaction).await?;
        let reservation = sqlx::query!(
            "INSERT INTO idempotency_keys (user_id, key, request_hash, resource_id) VALUES ($1, $2, $3, $4)
             -- Changes nothing, and so returns the row that is there.
             ON CONFLICT (user_id, key) DO UPDATE SET key = excluded.key
             RETURNING request_hash, resource_id",
            user.0,
            self.key,
            &self.request_hash,
            resource,
        );
        let reservation = reservation.fetch_one(transaction).await?;
        if reservation.request_hash != self.request_hash {
            let message = "must not have been used for another request";
            return Err(Error::field("Idempotency-Key", message));
        }
        Ok(Some(reservation.resource_id).filter(|id| *id != resource))
    }
}

/// Deletes some of the keys that have expired, outside of any other transaction.
pub(crate) async fn purge(database: &Database) -> Result<()> {
    let expired = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE (user_id, key) IN (
             -- Rows that another process is deleting at this moment are skipped.
             SELECT user_id, key FROM idempotency_keys WHERE created_at <= now() - interval '1 day'
             ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED)"
    );
    expired.execute(database).await?;
    Ok(())
}
