//! API keys: tokens for programs, with a name, a scope and an end of their user's choice. A key is a session that was opened
//! in another one. Its token is not stored: whoever creates it sees it once.

use super::{Accounts, TokenSession, token};
use crate::{
    audit,
    error::{Error, Result},
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{
    ErrorCode, SessionId, Timestamp, UserId,
    api::accounts::{ApiKey, ApiKeyScope, CreateApiKey, NewApiKey, User},
    validated::ApiKeyDays,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::{net::IpAddr, time::Duration};
use uuid::Uuid;

/// Most open keys of a user.
const KEYS_MAX: i64 = 20;
/// Most keys that a user may create within a day: every process remembers revoked ones until they would have expired.
const KEYS_PER_DAY_MAX: i64 = 100;
/// How long a key lasts unless its user says otherwise.
const DAYS_DEFAULT: i32 = 90;
const DAY: Duration = Duration::from_hours(24);

impl Accounts {
    /// Creates an API key of a token's user, which lasts until its end or until it is revoked, and ends with a change of the
    /// password and with a block.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `CONFLICT` if the user has 20 keys, or has created 100 within
    /// a day.
    pub async fn create_api_key(&self, token: &str, request: CreateApiKey, network: IpAddr) -> Result<NewApiKey> {
        let (user, current) = self.sessions.identify(token).await?;
        require_no_scope(&current)?;
        let days = request.days.map_or(DAYS_DEFAULT, ApiKeyDays::get).unsigned_abs();
        let key_id = SessionId(Uuid::new_v4());
        let issued = self.sessions.issue_key(current.user_id, key_id, request.scope, DAY * days)?;
        let key = ApiKey {
            key_id,
            name: request.name.to_string(),
            scope: request.scope,
            created_at: self.sessions.now(),
            expires_at: issued.expires_at,
        };
        match insert(&self.database, &user, &current, &key, network).await? {
            Inserted::Yes => Ok(NewApiKey { key, token: issued.token.expose_secret().to_owned() }),
            Inserted::TooMany => {
                Err(Error::Refused(ErrorCode::Conflict, "You have 20 API keys, or have created 100 within a day."))
            }
            // The session has ended this moment, or is of the version before.
            Inserted::No => Err(token::invalid()),
        }
    }

    /// Returns the open API keys of a token's user, newest first.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key.
    pub async fn api_keys(&self, token: &str) -> Result<Vec<ApiKey>> {
        let current = self.sessions.signed_in(token)?;
        open(&self.database, current.user_id, self.sessions.now()).await
    }

    /// Revokes an API key of a token's user, in every process.
    ///
    /// # Errors
    /// `INVALID_TOKEN`; `INSUFFICIENT_SCOPE` with an API key; `NOT_FOUND` if they have no such open key.
    pub async fn revoke_api_key(&self, token: &str, key: SessionId) -> Result<()> {
        let (user, _) = self.sessions.identify(token).await?;
        self.sessions.end_key(token, key).await?;
        let mut transaction = self.database.begin().await?;
        record(&mut transaction, &user, "user.revoke_api_key", json!({ "key_id": key })).await?;
        Ok(transaction.commit().await?)
    }
}

/// Refuses an API key where somebody has to be signed in.
pub(super) fn require_no_scope(session: &TokenSession) -> Result<()> {
    match session.scope {
        None => Ok(()),
        Some(_) => Err(Error::Refused(ErrorCode::InsufficientScope, "An API key cannot do this; sign in.")),
    }
}

enum Inserted {
    Yes,
    No,
    TooMany,
}

/// Records what an admin does with their keys.
async fn record(connection: &mut PgConnection, user: &User, action: &'static str, detail: Value) -> Result<()> {
    if user.is_admin {
        audit::record(connection, Some(user), action, user.user_id.0, None, detail).await?;
    }
    Ok(())
}

/// Stores a key if the session in which it is created is open.
async fn insert(
    database: &Database,
    user: &User,
    current: &TokenSession,
    key: &ApiKey,
    network: IpAddr,
) -> Result<Inserted> {
    let _timer = time_database("insert_api_key");
    let mut transaction = database.begin().await?;
    // A block or a change of the password at the same moment comes before this, or waits and ends this key, too.
    let lock = sqlx::query!("SELECT FROM users WHERE user_id = $1 FOR NO KEY UPDATE", current.user_id.0);
    lock.execute(&mut *transaction).await?;
    // A statement of its own: what the lock has waited for is not in the snapshot of the one that waited.
    let is_open = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM sessions JOIN users USING (user_id)
               WHERE session_id = $1 AND ended_at IS NULL AND scope IS NULL AND users.status = 'active'
           ) AS "is_open!""#,
        current.session_id.0,
    );
    if !is_open.fetch_one(&mut *transaction).await? {
        return Ok(Inserted::No);
    }
    let keys = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE ended_at IS NULL AND expires_at > $2) AS "open!",
               count(*) FILTER (WHERE created_at > $2::timestamptz - interval '1 day') AS "of_day!"
           FROM sessions WHERE user_id = $1 AND scope IS NOT NULL"#,
        current.user_id.0,
        key.created_at.as_datetime(),
    );
    let keys = keys.fetch_one(&mut *transaction).await?;
    if keys.open >= KEYS_MAX || keys.of_day >= KEYS_PER_DAY_MAX {
        return Ok(Inserted::TooMany);
    }
    let insert = sqlx::query!(
        "INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at, key_name, scope)
         VALUES ($1, $2, '', $3, $4, $5, $6, $7)",
        key.key_id.0,
        current.user_id.0,
        network.to_string(),
        key.created_at.as_datetime(),
        key.expires_at.as_datetime(),
        key.name,
        key.scope.as_str(),
    );
    insert.execute(&mut *transaction).await?;
    record(&mut transaction, user, "user.create_api_key", json!(key)).await?;
    transaction.commit().await?;
    Ok(Inserted::Yes)
}

async fn open(database: &Database, user: UserId, now: Timestamp) -> Result<Vec<ApiKey>> {
    let _timer = time_database("api_keys");
    let keys = sqlx::query!(
        r#"SELECT session_id, key_name AS "name!", scope AS "scope!", created_at AS "created_at: Column<Timestamp>",
               expires_at AS "expires_at: Column<Timestamp>"
           FROM sessions
           WHERE user_id = $1 AND scope IS NOT NULL AND ended_at IS NULL AND expires_at > $2
           ORDER BY created_at DESC, session_id"#,
        user.0,
        now.as_datetime(),
    );
    let keys = keys.fetch_all(database).await?;
    let named = |scope: &str| ApiKeyScope::ALL.into_iter().find(|known| known.as_str() == scope);
    let keys = keys.into_iter().filter_map(|row| {
        Some(ApiKey {
            key_id: SessionId(row.session_id),
            name: row.name,
            scope: named(&row.scope)?,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        })
    });
    Ok(keys.collect())
}
