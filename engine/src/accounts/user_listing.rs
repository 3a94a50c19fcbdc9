//! The list of users for admins.

use super::user_record;
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
    let users = user_record::search(&mut snapshot, search, page).await?;
    let total = user_record::count(&mut snapshot, search).await?;
    Ok(UserList { users, total })
}
