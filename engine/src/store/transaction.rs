//! Transactions, on connections that are returned to their pool within a limit.

use sqlx::{Error, PgConnection, Postgres, SqlStr, pool::PoolConnection, raw_sql};
use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};
use tokio::time::timeout;

/// How long a connection may take to show that it can be used again. One that was given up in the middle of a statement may
/// have lost its other end, and the kernel takes a quarter of an hour to find out.
const RETURN_TIMEOUT: Duration = Duration::from_secs(1);

/// A transaction, rolled back unless it is committed; or, for a single statement, a connection without one.
///
/// sqlx's own waits for ever when its connection is returned and does not answer, and takes its place in the pool with it.
#[derive(Debug)]
pub struct Transaction {
    /// `None` once it is returned.
    connection: Option<PoolConnection<Postgres>>,
    is_begun: bool,
}

impl Transaction {
    /// A connection without a transaction.
    pub(super) fn none(connection: PoolConnection<Postgres>) -> Self {
        Self { connection: Some(connection), is_begun: false }
    }

    /// Begins a transaction with the statement `begin`.
    pub(super) async fn begin(connection: PoolConnection<Postgres>, begin: SqlStr) -> Result<Self, Error> {
        let mut transaction = Self { connection: Some(connection), is_begun: true };
        raw_sql(begin).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// Commits, if there is a transaction. After an error nobody knows whether it is committed.
    pub async fn commit(mut self) -> Result<(), Error> {
        if self.is_begun {
            raw_sql("COMMIT").execute(&mut *self).await?;
        }
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("it is returned in drop only")
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is returned in drop only")
    }
}

/// Returns the connection; the pool ends what is open in it.
impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            tokio::spawn(timeout(RETURN_TIMEOUT, connection.return_to_pool()));
        }
    }
}
