//! PostgreSQL as the engine sees it: a pool of connections, directly or through a pooler.

use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Describe, Either, Error, Execute, Executor, PgPool, Postgres, SqlStr, Transaction,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

/// How long a statement may take.
pub(super) const STATEMENT_TIMEOUT: &str = "30s";

/// The pool. A reference to it runs single statements; several go into a transaction.
///
/// A pooler in transaction mode (`PgBouncer`) gives every transaction another session. So nothing may
/// be left in a session for later, settings and prepared statements included: there each statement
/// has a transaction around it that brings the settings along. sqlx prepares and executes in two
/// steps, and outside a transaction the pooler could send them to two sessions.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    pooled: bool,
}

impl Database {
    /// Wraps a pool; `pooled` says whether a pooler in transaction mode is at the other end.
    pub fn new(pool: PgPool, pooled: bool) -> Self {
        Self { pool, pooled }
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.begin_with("BEGIN").await
    }

    /// A transaction in which everything is read as of one instant: a page and its total agree.
    pub async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// The connections themselves, for what needs a session: the lock under which migrations run.
    /// `None` where a pooler would give it to somebody else in the middle.
    pub fn sessions(&self) -> Option<&PgPool> {
        (!self.pooled).then_some(&self.pool)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether [`Database::close`] was called: the process is ending.
    pub fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    async fn begin_with(&self, begin: &'static str) -> Result<Transaction<'static, Postgres>, Error> {
        if self.pooled {
            // One round trip for all of it.
            let settings =
                format!("SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'");
            self.pool.begin_with(AssertSqlSafe(format!("{begin}; {settings}"))).await
        } else {
            self.pool.begin_with(begin).await
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
        if !self.pooled {
            return self.pool.fetch_many(query);
        }
        // Nothing is handed out before it is committed.
        let answer = async move {
            let mut transaction = self.begin().await?;
            let rows: Vec<_> = transaction.fetch_many(query).try_collect().await?;
            transaction.commit().await?;
            Ok(stream::iter(rows.into_iter().map(Ok)))
        };
        answer.try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        'q: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if !self.pooled {
            return self.pool.fetch_optional(query);
        }
        async move {
            let mut transaction = self.begin().await?;
            let row = transaction.fetch_optional(query).await?;
            transaction.commit().await?;
            Ok(row)
        }
        .boxed()
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
