//! The members, for admins.

use crate::{
    Engine,
    accounts::{UserRow, require_admin},
    error::{Error, Result},
    metrics::time_database,
};
use domain::{
    ErrorCode, UserId,
    api::accounts::User,
    bounded::{Page, Search},
};

/// A page of members.
#[derive(Clone, PartialEq, Debug)]
pub struct UserList {
    /// The page, newest first.
    pub users: Vec<User>,
    /// How many there are in all.
    pub total: i64,
}

impl Engine {
    /// The members whose e-mail address or name contains `search`, whatever the case, newest
    /// first; all of them if it is empty. Admins only.
    pub async fn users(&self, actor: &User, search: &Search, page: Page) -> Result<UserList> {
        require_admin(actor)?;
        let _timer = time_database("users");
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<UserRow> = sqlx::query_as(
            // `strpos` takes every character as it is, where LIKE has wildcards.
            "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at
             FROM users WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(username), lower($1)) > 0
             ORDER BY created_at DESC, user_id DESC OFFSET $2 LIMIT $3",
        )
        .bind(&**search)
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(&mut *snapshot)
        .await?;
        let total = sqlx::query_scalar(
            "SELECT count(*) FROM users
             WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(username), lower($1)) > 0",
        )
        .bind(&**search)
        .fetch_one(&mut *snapshot)
        .await?;
        Ok(UserList { users: rows.into_iter().map(User::try_from).collect::<Result<_>>()?, total })
    }

    /// One member. Admins only.
    pub async fn member(&self, actor: &User, id: UserId) -> Result<User> {
        require_admin(actor)?;
        let _timer = time_database("member");
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT user_id, email, password_hash, username, weight, is_admin, status, created_at, updated_at
             FROM users WHERE user_id = $1",
        )
        .bind(id.0)
        .fetch_optional(self.database())
        .await?;
        row.ok_or(Error::Refused(ErrorCode::NotFound, "There is no such user."))?.try_into()
    }
}
