//! A user as PostgreSQL and the caches store it.

use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::{cache::Versioned, columns, database::Database},
};
use domain::{
    Timestamp, UserId, Weight,
    api::accounts::{User, UserStatus},
    limits,
};
use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

/// A row of `users`, read with `user_columns!`.
#[derive(sqlx::FromRow)]
pub(super) struct UserRow {
    user_id: Uuid,
    email: String,
    pub password_hash: String,
    username: String,
    weight: f64,
    is_admin: bool,
    status: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// The columns of a [`UserRow`].
macro_rules! user_columns {
    () => {
        "user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at"
    };
}
pub(super) use user_columns;

/// Reads a user by id.
pub(super) async fn by_id(database: impl PgExecutor<'_>, user_id: UserId) -> Result<Option<UserRow>> {
    let _timer = time_database("user_by_id");
    let row = sqlx::query_as(concat!("SELECT ", user_columns!(), " FROM users WHERE user_id = $1"))
        .bind(user_id.0)
        .fetch_optional(database)
        .await?;
    Ok(row)
}

/// Reads the user of an e-mail address, ignoring case. `email` may be any text; one that cannot be an address has no
/// user.
pub(super) async fn by_email(database: &Database, email: &str) -> Result<Option<UserRow>> {
    if email.contains('\0') || email.chars().count() > limits::EMAIL_CHARS_MAX {
        return Ok(None);
    }
    let _timer = time_database("user_by_email");
    let row: Option<UserRow> =
        sqlx::query_as(concat!("SELECT ", user_columns!(), " FROM users WHERE lower(email) = lower($1)"))
            .bind(email)
            .fetch_optional(database)
            .await?;
    // In some locales PostgreSQL lowers other letters to ASCII ones, such as `İ` to `i`.
    Ok(row.filter(|row| row.email.to_lowercase() == email.to_lowercase()))
}

/// A user with the version of their row; cached as a [`CachedUser`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "CachedUser", into = "CachedUser")]
pub(super) struct UserRecord {
    pub user: Arc<User>,
    /// The time of the last change in microseconds, which grows with every change.
    version: i64,
}

/// A user as it is cached in Redis; separate from the API type, so that either can change alone.
#[derive(Serialize, Deserialize)]
struct CachedUser {
    user_id: UserId,
    email: String,
    username: String,
    weight: Weight,
    is_admin: bool,
    is_active: bool,
    created_at: Timestamp,
    version: i64,
}

impl From<UserRecord> for CachedUser {
    fn from(UserRecord { user, version }: UserRecord) -> Self {
        Self {
            user_id: user.user_id,
            email: user.email.clone(),
            username: user.username.clone(),
            weight: user.weight,
            is_admin: user.is_admin,
            is_active: user.status == UserStatus::Active,
            created_at: user.created_at,
            version,
        }
    }
}

impl From<CachedUser> for UserRecord {
    fn from(cached: CachedUser) -> Self {
        let user = User {
            user_id: cached.user_id,
            email: cached.email,
            username: cached.username,
            weight: cached.weight,
            is_admin: cached.is_admin,
            status: if cached.is_active { UserStatus::Active } else { UserStatus::Inactive },
            created_at: cached.created_at,
        };
        Self { user: Arc::new(user), version: cached.version }
    }
}

impl Versioned for UserRecord {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<UserRow> for UserRecord {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let version = columns::timestamp(row.updated_at)?.unix_micros();
        Ok(Self { user: Arc::new(row.try_into()?), version })
    }
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        Ok(Self {
            user_id: UserId(row.user_id),
            email: row.email,
            username: row.username,
            weight: columns::weight(row.weight)?,
            is_admin: row.is_admin,
            status: if row.status == "active" { UserStatus::Active } else { UserStatus::Inactive },
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}
