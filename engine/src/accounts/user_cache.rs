//! The cache of users, which every request of a signed-in user reads.

use super::user_record;
use crate::{
    error::Result,
    store::{
        cache::{CacheOptions, ReadCache},
        combined_reads::CombinedReads,
        database::Database,
    },
};
use domain::{UserId, api::accounts::User};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// A short time to live: if an operator blocks a user in the database, past the API, it should soon have an effect.
const CACHE: CacheOptions = CacheOptions { name: "user", capacity: 100_000, ttl: Duration::from_secs(10) };

/// Users in memory, in front of PostgreSQL; clones share the memory.
#[derive(Clone)]
pub(super) struct UserCache {
    database: Database,
    cache: ReadCache<UserId, User>,
    reads: Arc<CombinedReads<UserId, User>>,
    admins_need_second_factor: bool,
}

impl UserCache {
    pub fn new(database: Database, admins_need_second_factor: bool) -> Self {
        Self { database, cache: ReadCache::new(CACHE), reads: Arc::default(), admins_need_second_factor }
    }

    /// A user, from memory if possible.
    pub async fn find(&self, user_id: UserId) -> Result<Option<Arc<User>>> {
        let load = || self.reads.get(user_id, |users| self.read(users));
        self.cache.get(user_id, load).await
    }

    /// Where admins need a second factor, one without it has the rights of a member until it is on.
    async fn read(&self, users: Vec<UserId>) -> Result<HashMap<UserId, User>> {
        let rows = user_record::by_ids(&self.database, users).await?;
        let users = rows.into_iter().map(|(user_id, row)| {
            let is_admin = row.user.is_admin && (row.has_second_factor || !self.admins_need_second_factor);
            (user_id, User { is_admin, ..row.user })
        });
        Ok(users.collect())
    }

    /// Forgets a user who has changed.
    pub fn forget(&self, user_id: UserId) {
        self.cache.forget(user_id);
    }

    /// Forgets all users.
    pub fn forget_all(&self) {
        self.cache.forget_all();
    }
}
