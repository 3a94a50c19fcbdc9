//! Sessions as PostgreSQL stores them.

use crate::{
    error::Result,
    events::EndedSession,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{SessionId, Timestamp, UserId};
use sqlx::PgConnection;
use std::net::IpAddr;

/// Sessions of a user that are listed, the newest ones.
const LISTED_MAX: i64 = 100;
/// Rows removed at a time.
const PURGED_MAX: i64 = 1_000;

/// How a session was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SessionKind {
    /// By signing in.
    SignIn,
    /// As an API key.
    ApiKey,
}

/// A row of `sessions`.
pub(super) struct SessionRow {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub user_agent: String,
    pub network: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Stores a new session of a user who has proved who they are, and returns whether that still holds: the account is active,
/// its password has the hash that was checked, and it takes a code, or none, as it did then. The lock makes a block or a change of the password at the same moment
/// wait, and end this session, too.
pub(super) async fn insert(
    database: &Database,
    session: &SessionRow,
    password_hash: &str,
    has_second_factor: bool,
) -> Result<bool> {
    let _timer = time_database("insert_session");
    let insert = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at)
         SELECT $1, user_id, $3, $4, $5, $6 FROM users
         WHERE user_id = $2 AND password_hash = $7 AND (totp_secret IS NOT NULL) = $8 AND status = 'active' FOR SHARE",
        session.session_id.0,
        session.user_id.0,
        session.user_agent,
        session.network,
        session.created_at.as_datetime(),
        session.expires_at.as_datetime(),
        password_hash,
        has_second_factor,
    );
    Ok(insert.execute(database).await?.rows_affected() == 1)
}

/// Moves the end of a session that was opened after a time, and returns whether there is such an open one.
pub(super) async fn extend(
    database: &Database,
    session_id: SessionId,
    opened_after: Timestamp,
    expires_at: Timestamp,
) -> Result<bool> {
    let _timer = time_database("extend_session");
    let extend = sqlx::query!(
        "UPDATE sessions SET expires_at = greatest(expires_at, $2) WHERE session_id = $1 AND scope IS NULL
             AND ended_at IS NULL AND created_at > $3",
        session_id.0,
        expires_at.as_datetime(),
        opened_after.as_datetime(),
    );
    Ok(extend.execute(database).await?.rows_affected() == 1)
}

/// A user's open sessions without API keys, newest first.
pub(super) async fn active(database: &Database, user_id: UserId, now: Timestamp) -> Result<Vec<SessionRow>> {
    let _timer = time_database("active_sessions");
    let sessions = sqlx::query!(
        r#"SELECT session_id, user_id, user_agent, network, created_at AS "created_at: Column<Timestamp>",
               expires_at AS "expires_at: Column<Timestamp>"
           FROM sessions WHERE user_id = $1 AND scope IS NULL AND ended_at IS NULL AND expires_at > $2
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

/// Whether a user has signed in from a network: as far as sessions are remembered, which is a day after they have expired.
pub(super) async fn has_signed_in_from(database: &Database, user_id: UserId, network: IpAddr) -> Result<bool> {
    let _timer = time_database("sessions_of_network");
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM sessions WHERE user_id = $1 AND network = $2 AND scope IS NULL) AS "found!""#,
        user_id.0,
        network.to_string(),
    );
    Ok(found.fetch_one(database).await?)
}

/// Ends the open sessions of a user but `kept`, of one kind or of all, and returns them.
pub(super) async fn end_all(
    connection: &mut PgConnection,
    user_id: UserId,
    kept: Option<SessionId>,
    kind: Option<SessionKind>,
    now: Timestamp,
) -> Result<Vec<EndedSession>> {
    let ended = sqlx::query!(
        r#"UPDATE sessions SET ended_at = $3
           WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $3 AND session_id IS DISTINCT FROM $2
             AND (scope IS NOT NULL) = coalesce($4, scope IS NOT NULL)
           RETURNING session_id, expires_at AS "expires_at: Column<Timestamp>""#,
        user_id.0,
        kept.map(|session| session.0),
        now.as_datetime(),
        kind.map(|kind| kind == SessionKind::ApiKey),
    );
    let ended = ended.map(|row| EndedSession {
        session_id: SessionId(row.session_id),
        ended_at: now,
        expires_at: row.expires_at.into(),
    });
    Ok(ended.fetch_all(connection).await?)
}

/// Forgets what a user was signed in on, and from where.
pub(super) async fn forget_devices(connection: &mut PgConnection, user_id: UserId) -> Result<()> {
    let forget = sqlx::query!(
        "UPDATE sessions SET user_agent = '', network = '',
             key_name = CASE WHEN key_name IS NOT NULL THEN 'erased' END
         WHERE user_id = $1",
        user_id.0
    );
    forget.execute(connection).await?;
    Ok(())
}

/// Ends an open session of a user; `None` if they have no such session.
pub(super) async fn end_one(
    database: &Database,
    user_id: UserId,
    session_id: SessionId,
    kind: SessionKind,
    now: Timestamp,
) -> Result<Option<EndedSession>> {
    let _timer = time_database("end_session");
    let end = sqlx::query_scalar!(
        r#"UPDATE sessions SET ended_at = $3
           WHERE user_id = $1 AND session_id = $2 AND ended_at IS NULL AND expires_at > $3
             AND (scope IS NOT NULL) = $4
           RETURNING expires_at AS "expires_at: Column<Timestamp>""#,
        user_id.0,
        session_id.0,
        now.as_datetime(),
        kind == SessionKind::ApiKey,
    );
    let expires_at = end.fetch_optional(database).await?.map(Column::into_inner);
    Ok(expires_at.map(|expires_at| EndedSession { session_id, ended_at: now, expires_at }))
}

/// Records the end of a session that was never stored.
pub(super) async fn insert_ended(connection: &mut PgConnection, user_id: UserId, ended: &EndedSession) -> Result<()> {
    let end = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at, ended_at)
         VALUES ($1, $2, '', '', $3, $4, $3)
         ON CONFLICT (session_id) DO UPDATE
         SET ended_at = greatest(sessions.ended_at, excluded.ended_at),
             expires_at = greatest(sessions.expires_at, excluded.expires_at)",
        ended.session_id.0,
        user_id.0,
        ended.ended_at.as_datetime(),
        ended.expires_at.as_datetime(),
    );
    end.execute(connection).await?;
    Ok(())
}

/// The sessions ended since a time whose tokens would still be valid, with their users.
pub(super) async fn ended_since(
    database: &Database,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<(UserId, EndedSession)>> {
    let _timer = time_database("ended_sessions");
    let ended = sqlx::query!(
        r#"SELECT user_id, session_id, expires_at AS "expires_at: Column<Timestamp>",
               ended_at AS "ended_at!: Column<Timestamp>"
           FROM sessions WHERE ended_at >= $1 AND expires_at > $2"#,
        since.as_datetime(),
        now.as_datetime(),
    );
    let ended = ended.map(|row| {
        let ended = EndedSession {
            session_id: row.session_id.into(),
            ended_at: row.ended_at.into(),
            expires_at: row.expires_at.into(),
        };
        (UserId(row.user_id), ended)
    });
    Ok(ended.fetch_all(database).await?)
}

/// Removes sessions that expired before a time.
pub(super) async fn purge(database: &Database, before: Timestamp) -> Result<()> {
    loop {
        let _timer = time_database("purge_sessions");
        let purge = sqlx::query!(
            "DELETE FROM sessions WHERE session_id IN (
                 -- Rows that another process is deleting at this moment are skipped.
                 SELECT session_id FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
             )",
            before.as_datetime(),
            PURGED_MAX,
        );
        if purge.execute(database).await?.rows_affected() < PURGED_MAX.unsigned_abs() {
            return Ok(());
        }
    }
}
