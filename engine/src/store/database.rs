//! PostgreSQL as the engine sees it: a pool of connections, directly or through a pooler.

use super::transaction::Transaction;
use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    Describe, Either, Error, Execute, Executor, PgPool, Postgres, QueryBuilder, SqlStr,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use std::{io::ErrorKind, time::Duration};

/// How long a statement may take, how long it may wait for a lock, and how long a transaction may wait for its client:
/// a process that stops between two statements must not hold a campaign's lock.
pub(super) const SESSION_BOUNDS: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "20s"), ("idle_in_transaction_session_timeout", "10s")];

/// How long the transaction of a single statement, behind a pooler, may wait for its client. If the client vanishes before
/// its `COMMIT` arrives, the bids of its batch are locked until then.
const SINGLE_BOUND: &str = "; SET LOCAL idle_in_transaction_session_timeout = '2s'";

/// How long the answer to a single statement may take. PostgreSQL's own bounds do not help when it has vanished, and its
/// port no longer answers.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The pool. A reference to it executes single statements; several need a transaction.
///
/// A pooler in transaction mode (`PgBouncer`) may run every transaction in another session. So nothing may be kept in a
/// session, including settings and prepared statements, and each statement gets a transaction that also sets the
/// settings. The transaction is needed anyway: sqlx prepares and executes in two steps, which the pooler could
/// otherwise send to two sessions.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    pooled: bool,
}

impl Database {
    /// Wraps a pool; `pooled` if it connects to a pooler in transaction mode.
    pub fn new(pool: PgPool, pooled: bool) -> Self {
        Self { pool, pooled }
    }

    /// Begins a transaction. Its statements have PostgreSQL's own bounds only: work that no request waits for must run
    /// [`within`] a limit.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        self.begin_with("BEGIN", "").await
    }

    /// Begins a read-only transaction that reads everything as of one instant, so that a page and its total agree.
    pub async fn snapshot(&self) -> Result<Transaction, Error> {
        self.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "").await
    }

    /// The pool itself, for what needs a session, such as the lock of migrations. `None` behind a pooler, which could
    /// give the session to another client in the middle.
    pub fn sessions(&self) -> Option<&PgPool> {
        (!self.pooled).then_some(&self.pool)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether [`Database::close`] was called, because the process is shutting down.
    pub fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// Begins a transaction; behind a pooler with the bounds that sessions have otherwise, and then `bounds`.
    async fn begin_with(&self, begin: &'static str, bounds: &'static str) -> Result<Transaction, Error> {
        let mut statements = QueryBuilder::<Postgres>::new(begin);
        if self.pooled {
            // All in one round trip.
            statements.push("; SET LOCAL synchronous_commit = on");
            for (name, value) in SESSION_BOUNDS {
                statements.push("; SET LOCAL ").push(name).push(" = '").push(value).push("'");
            }
            statements.push(bounds);
        }
        let transaction = async { Transaction::begin(self.pool.acquire().await?, statements.into_sql()).await };
        within(ANSWER_TIMEOUT, transaction).await
    }

    /// What a single statement is executed in: a transaction behind a pooler, otherwise none.
    async fn single(&self) -> Result<Transaction, Error> {
        if self.pooled {
            self.begin_with("BEGIN", SINGLE_BOUND).await
        } else {
            Ok(Transaction::none(self.pool.acquire().await?))
        }
    }
}

impl<'p> Executor<'p> for &'p Database {
    type Database = Postgres;

    fn fetch_many<'e, 'q, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        'q: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        // Rows are returned only after the commit.
        let answer = async move {
            let mut transaction = self.single().await?;
            let rows: Vec<_> = transaction.fetch_many(query).try_collect().await?;
            transaction.commit().await?;
            Ok(stream::iter(rows.into_iter().map(Ok)))
        };
        within(ANSWER_TIMEOUT, answer).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        'q: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = async move {
            let mut transaction = self.single().await?;
            let row = transaction.fetch_optional(query).await?;
            transaction.commit().await?;
            Ok(row)
        };
        within(ANSWER_TIMEOUT, answer).boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(sql)
    }
}

/// The result of `work`, or a timeout; the work is dropped then, and the connection it used is tested before it is used
/// again.
pub fn within<T, E: From<Error>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    // Boxed, because the futures of transactions are large, and would be moved with every caller's.
    let work = tokio::time::timeout(limit, Box::pin(work));
    async { work.await.unwrap_or_else(|_| Err(Error::Io(ErrorKind::TimedOut.into()).into())) }
}
