//! A user as PostgreSQL stores it.

use crate::{
    error::Result,
    metrics::time_database,
    new_id::new_id,
    store::{
        columns::{Column, stored},
        database::Database,
    },
};
use domain::{
    Timestamp, UserId, Weight,
    api::accounts::{UpdateUser, User, UserStatus},
    limits,
    validated::{Email, Page, Search},
};
use sqlx::{PgConnection, PgExecutor};
use std::collections::HashMap;
use uuid::Uuid;

/// A row of `users`.
pub(super) struct UserRow {
    pub user: User,
    pub password_hash: String,
    /// Whether signing in takes a code.
    pub has_second_factor: bool,
}

/// A statement that returns users: `$before`, their columns, `$after`.
macro_rules! query_users {
    ($before:literal, $after:literal, $($parameter:expr),*) => {
        sqlx::query!(
            $before + r#" user_id, email, password_hash, username, weight AS "weight: Column<Weight>", is_admin,
                status AS "status: Column<UserStatus>", created_at AS "created_at: Column<Timestamp>",
                totp_secret IS NOT NULL AS "has_second_factor!" "# + $after,
            $($parameter),*
        )
        .map(|row| UserRow {
            user: User {
                user_id: row.user_id.into(),
                email: row.email,
                username: row.username,
                weight: row.weight.into(),
                is_admin: row.is_admin,
                status: row.status.into(),
                created_at: row.created_at.into(),
            },
            password_hash: row.password_hash,
            has_second_factor: row.has_second_factor,
        })
    };
}

/// Reads a user by id.
pub(super) async fn by_id(database: &Database, user_id: UserId) -> Result<Option<UserRow>> {
    let _timer = time_database("user_by_id");
    let user = query_users!("SELECT", "FROM users WHERE user_id = $1", user_id.0);
    Ok(user.fetch_optional(database).await?)
}

/// Reads users by their ids.
pub(super) async fn by_ids(database: &Database, ids: Vec<UserId>) -> Result<HashMap<UserId, UserRow>> {
    let _timer = time_database("users_by_id");
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let users = query_users!("SELECT", "FROM users WHERE user_id = ANY($1)", &ids).fetch_all(database).await?;
    Ok(users.into_iter().map(|row| (row.user.user_id, row)).collect())
}

/// Reads the user of an e-mail address, ignoring case. `email` may be any text; one that cannot be an address has no
/// user.
pub(super) async fn by_email(database: &Database, email: &str) -> Result<Option<UserRow>> {
    if email.contains('\0') || email.chars().count() > limits::EMAIL_CHARS_MAX {
        return Ok(None);
    }
    let _timer = time_database("user_by_email");
    let user = query_users!("SELECT", "FROM users WHERE lower(email) = lower($1)", email);
    let row = user.fetch_optional(database).await?;
    // In some locales PostgreSQL lowers other letters to ASCII ones, such as `İ` to `i`.
    Ok(row.filter(|row| row.user.email.to_lowercase() == email.to_lowercase()))
}

/// Reads and locks a user for an edit.
pub(super) async fn locked(connection: &mut PgConnection, user_id: UserId) -> Result<Option<User>> {
    let user = query_users!("SELECT", "FROM users WHERE user_id = $1 FOR NO KEY UPDATE", user_id.0);
    Ok(user.fetch_optional(connection).await?.map(|row| row.user))
}

/// Locks the admins who may sign in, so that they cannot be blocked meanwhile, and returns them.
pub(super) async fn lock_active_admins(connection: &mut PgConnection) -> Result<Vec<UserId>> {
    let admins = sqlx::query_scalar!(
        "SELECT user_id FROM users WHERE is_admin AND status = 'active' ORDER BY user_id FOR NO KEY UPDATE"
    );
    Ok(admins.fetch_all(connection).await?.into_iter().map(UserId).collect())
}

/// Changes what `change` names. The time of the change grows even if the clock was set back.
pub(super) async fn update(connection: &mut PgConnection, user_id: UserId, change: UpdateUser) -> Result<User> {
    let update = query_users!(
        "UPDATE users SET weight = coalesce($2, weight), status = coalesce($3, status),
             updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
         WHERE user_id = $1
         RETURNING",
        "",
        user_id.0,
        change.weight.map(Weight::get),
        change.status.map(UserStatus::as_str)
    );
    Ok(update.fetch_one(connection).await?.user)
}

/// Replaces the hash of a user's password, if it is still `old`, or any; returns whether it was.
pub(super) async fn set_password(
    connection: &mut PgConnection,
    user_id: UserId,
    hash: &str,
    old: Option<&str>,
) -> Result<bool> {
    let update = sqlx::query!(
        "UPDATE users SET password_hash = $2,
             updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
         WHERE user_id = $1 AND password_hash = coalesce($3, password_hash)",
        user_id.0,
        hash,
        old,
    );
    Ok(update.execute(connection).await?.rows_affected() == 1)
}

/// Records that mail to a user's address reaches them, if it is still this one and it was not known.
pub(super) async fn confirm_email(database: &Database, user_id: UserId, email: &str) -> Result<()> {
    let update = sqlx::query!(
        "UPDATE users SET email_confirmed_at = clock_timestamp()
         WHERE user_id = $1 AND email = $2 AND email_confirmed_at IS NULL",
        user_id.0,
        email,
    );
    update.execute(database).await?;
    Ok(())
}

/// Whether mail to a user's address is known to reach them; `None` without such a user.
pub(super) async fn has_confirmed_email(database: &Database, user_id: UserId) -> Result<Option<bool>> {
    let _timer = time_database("confirmed_email");
    let found = sqlx::query_scalar!(
        r#"SELECT email_confirmed_at IS NOT NULL AS "confirmed!" FROM users WHERE user_id = $1"#,
        user_id.0,
    );
    Ok(found.fetch_optional(database).await?)
}

/// Replaces what names a person by `pseudonym`, and the password by one with this hash. The account is inactive: a bid that
/// was under way becomes void.
pub(super) async fn erase(connection: &mut PgConnection, user_id: UserId, pseudonym: &str, hash: &str) -> Result<()> {
    let erase = sqlx::query!(
        "UPDATE users SET email = $2, username = $3, password_hash = $4, status = 'inactive', email_confirmed_at = NULL,
             updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
         WHERE user_id = $1",
        user_id.0,
        // Nobody can have registered it before: it is random.
        format!("erased-{}@erased.invalid", Uuid::new_v4().simple()),
        pseudonym,
        hash,
    );
    erase.execute(connection).await?;
    Ok(())
}

/// Creates a user; `None` if the address, ignoring case, has an account.
pub(super) async fn insert(
    executor: impl PgExecutor<'_>,
    email: &Email,
    password_hash: &str,
    username: &str,
    is_admin: bool,
) -> Result<Option<User>> {
    let _timer = time_database("insert_user");
    let insert = query_users!(
        "INSERT INTO users (user_id, email, password_hash, username, is_admin)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING
         RETURNING",
        "",
        new_id(),
        &**email,
        password_hash,
        username,
        is_admin
    );
    Ok(insert.fetch_optional(executor).await?.map(|row| row.user))
}

/// A page of the users whose e-mail address or name contains `search`, ignoring case, newest first.
pub(super) async fn search(connection: &mut PgConnection, search: &Search, page: Page) -> Result<Vec<User>> {
    let users = query_users!(
        "SELECT",
        "FROM users
         -- `strpos` takes every character literally, where LIKE has wildcards.
         WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(username), lower($1)) > 0
         ORDER BY created_at DESC, user_id DESC OFFSET $2 LIMIT $3",
        &**search,
        i64::from(page.skip),
        i64::from(page.limit)
    );
    Ok(users.map(|row| row.user).fetch_all(connection).await?)
}

/// How many users [`search`] finds on all pages.
pub(super) async fn count(connection: &mut PgConnection, search: &Search) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM users
           WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(username), lower($1)) > 0"#,
        &**search,
    );
    Ok(count.fetch_one(connection).await?)
}

stored! {
    UserStatus, in String, |text: String| match text.as_str() {
        "active" => Some(UserStatus::Active),
        "inactive" => Some(UserStatus::Inactive),
        _ => None,
    };
}
