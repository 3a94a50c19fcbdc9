//! Sessions as PostgreSQL stores them.

use crate::{
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{SessionId, Timestamp, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sessions of a user that are listed, the newest ones.
const LISTED_MAX: i64 = 100;
/// Rows removed at a time.
const PURGED_MAX: i64 = 1_000;

/// A row of `sessions`.
pub(super) struct SessionRow {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub user_agent: String,
    pub network: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A session that was ended before its time.
pub(super) struct EndedRow {
    pub session_id: SessionId,
    pub expires_at: Timestamp,
    pub ended_at: Timestamp,
}

/// Stores a new session.
pub(super) async fn insert(database: &Database, session: &SessionRow) -> Result<()> {
    let _timer = time_database("insert_session");
    let insert = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        session.session_id.0,
        session.user_id.0,
        session.user_agent,
        session.network,
        session.created_at.as_datetime(),
        session.expires_at.as_datetime(),
    );
    insert.execute(database).await?;
    Ok(())
}

/// Moves the end of a session and returns whether it is open. One that was never stored is: tokens of the version before
/// name none.
pub(super) async fn extend(database: &Database, session: &SessionRow) -> Result<bool> {
    let _timer = time_database("extend_session");
    let extend = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (session_id) DO UPDATE SET expires_at = greatest(sessions.expires_at, excluded.expires_at)
         WHERE sessions.ended_at IS NULL AND sessions.user_id = excluded.user_id",
        session.session_id.0,
        session.user_id.0,
        session.user_agent,
        session.network,
        session.created_at.as_datetime(),
        session.expires_at.as_datetime(),
    );
    Ok(extend.execute(database).await?.rows_affected() == 1)
}

/// A user's sessions that are neither ended nor expired, newest first.
pub(super) async fn active(database: &Database, user_id: UserId, now: Timestamp) -> Result<Vec<SessionRow>> {
    let _timer = time_database("active_sessions");
    let sessions = sqlx::query!(
        r#"SELECT session_id, user_id, user_agent, network, created_at AS "created_at: Column<Timestamp>",
               expires_at AS "expires_at: Column<Timestamp>"
           FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
           ORDER BY created_at DESC, session_id LIMIT $3"#,
        user_id.0,
        now.as_datetime(),
        LISTED_MAX,
    );
    let sessions = sessions.map(|row| SessionRow {
        session_id: row.session_id.into(),
        user_id: row.user_id.into(),
        user_agent: row.user_agent,
        network: row.network,
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
    });
    Ok(sessions.fetch_all(database).await?)
}

/// Ends a session, even one that was never stored.
pub(super) async fn end(database: &Database, session: &SessionRow) -> Result<()> {
    let _timer = time_database("end_session");
    let end = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
         ON CONFLICT (session_id) DO UPDATE SET ended_at = coalesce(sessions.ended_at, excluded.ended_at)
         WHERE sessions.user_id = excluded.user_id",
        session.session_id.0,
        session.user_id.0,
        session.user_agent,
        session.network,
        session.created_at.as_datetime(),
        session.expires_at.as_datetime(),
    );
    end.execute(database).await?;
    Ok(())
}

/// Ends all sessions of a user but `kept`, and returns those that were open.
pub(super) async fn end_all(
    connection: &mut PgConnection,
    user_id: UserId,
    kept: Option<SessionId>,
) -> Result<Vec<(SessionId, Timestamp)>> {
    let ended = sqlx::query!(
        r#"UPDATE sessions SET ended_at = clock_timestamp()
           WHERE user_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $2
           RETURNING session_id, expires_at AS "expires_at: Column<Timestamp>""#,
        user_id.0,
        kept.map(|session| session.0),
    );
    let ended = ended.map(|row| (SessionId(row.session_id), row.expires_at.into()));
    Ok(ended.fetch_all(connection).await?)
}

/// Ends one session of a user, and returns when it would have expired; `None` if the user has no such open session.
pub(super) async fn end_one(database: &Database, user_id: UserId, session_id: SessionId) -> Result<Option<Timestamp>> {
    let _timer = time_database("end_session");
    let end = sqlx::query_scalar!(
        r#"UPDATE sessions SET ended_at = clock_timestamp()
           WHERE user_id = $1 AND session_id = $2 AND ended_at IS NULL
           RETURNING expires_at AS "expires_at: Column<Timestamp>""#,
        user_id.0,
        session_id.0,
    );
    Ok(end.fetch_optional(database).await?.map(Column::into_inner))
}

/// The sessions ended since a time whose tokens would still be valid.
pub(super) async fn ended_since(database: &Database, since: Timestamp, now: Timestamp) -> Result<Vec<EndedRow>> {
    let _timer = time_database("ended_sessions");
    let ended = sqlx::query!(
        r#"SELECT session_id, expires_at AS "expires_at: Column<Timestamp>", ended_at AS "ended_at!: Column<Timestamp>"
           FROM sessions WHERE ended_at >= $1 AND expires_at > $2"#,
        since.as_datetime(),
        now.as_datetime(),
    );
    let ended = ended.map(|row| EndedRow {
        session_id: row.session_id.into(),
        expires_at: row.expires_at.into(),
        ended_at: row.ended_at.into(),
    });
    Ok(ended.fetch_all(database).await?)
}

/// Removes sessions that expired before a time, some at a time.
pub(super) async fn purge(database: &Database, before: Timestamp) -> Result<()> {
    let _timer = time_database("purge_sessions");
    let purge = sqlx::query!(
        "DELETE FROM sessions WHERE session_id IN (
             -- Rows that another process is deleting at this moment are skipped.
             SELECT session_id FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
         )",
        before.as_datetime(),
        PURGED_MAX,
    );
    purge.execute(database).await?;
    Ok(())
}

impl SessionRow {
    /// A row for a session that may never have been stored.
    pub fn unknown(session_id: SessionId, user_id: UserId, now: Timestamp, expires_at: Timestamp) -> Self {
        Self { session_id, user_id, user_agent: String::new(), network: String::new(), created_at: now, expires_at }
    }
}

/// A new session's id.
pub(super) fn new_session_id() -> SessionId {
    SessionId(Uuid::new_v4())
}
