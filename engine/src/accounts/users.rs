//! The list of users for admins.

use super::user_record::{UserRow, user_columns};
use crate::{error::Result, metrics::time_database, store::database::Database};
use domain::{
    api::accounts::User,
    validated::{Page, Search},
};

/// A page of users.
#[derive(Clone, PartialEq, Debug)]
pub struct UserList {
    /// The page, newest first.
    pub users: Vec<User>,
    /// How many there are in all.
    pub total: i64,
}

/// The users whose e-mail address or name contains `search`, ignoring case, newest first.
pub(super) async fn search(database: &Database, search: &Search, page: Page) -> Result<UserList> {
    let _timer = time_database("users");
    let mut snapshot = database.snapshot().await?;
    let rows: Vec<UserRow> = sqlx::query_as(concat!(
        "SELECT ",
        user_columns!(),
        " FROM users
         -- `strpos` takes every character literally, where LIKE has wildcards.
         WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(username), lower($1)) > 0
         ORDER BY created_at DESC, user_id DESC OFFSET $2 LIMIT $3"
    ))
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
