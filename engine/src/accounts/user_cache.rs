//! The cache of users, which every request of a signed-in user reads.

use super::user_record::{self, UserRecord};
use crate::{
    error::Result,
    store::{
        cache::{CacheOptions, TieredCache},
        database::Database,
        keys::Keys,
        redis::Redis,
    },
};
use domain::{UserId, api::accounts::User};
use std::{sync::Arc, time::Duration};

/// Short times to live: if an operator blocks a user in the database, past the API, it should not take an hour to have
/// an effect.
const CACHE: CacheOptions = CacheOptions {
    name: "user",
    capacity: 100_000,
    memory_ttl: Duration::from_secs(10),
    redis_ttl: Duration::from_mins(1),
};

/// Users in memory and Redis, in front of PostgreSQL; clones share the memory.
#[derive(Clone)]
pub(super) struct UserCache {
    database: Database,
    keys: Keys,
    cache: TieredCache<UserId, UserRecord>,
}

impl UserCache {
    pub fn new(database: Database, redis: Redis, keys: Keys) -> Self {
        Self { database, keys, cache: TieredCache::new(CACHE, redis) }
    }

    /// A user, from the caches if possible.
    pub async fn find(&self, user_id: UserId) -> Result<Option<Arc<User>>> {
        let record = self.cache.get(user_id, || self.keys.user(user_id), || self.load(user_id)).await?;
        Ok(record.map(|record| record.user.clone()))
    }

    /// Reads a user from PostgreSQL and updates the caches.
    pub async fn reload(&self, user_id: UserId) {
        match self.load(user_id).await {
            Ok(fresh) => {
                self.cache.refresh(user_id, &self.keys.user(user_id), fresh).await;
            }
            Err(error) => {
                tracing::warn!(%error, user = %user_id, "a user who has changed could not be read");
                self.cache.remove(&user_id, &self.keys.user(user_id)).await;
            }
        }
    }

    /// Drops a user from memory.
    pub async fn forget(&self, user_id: UserId) {
        self.cache.forget(&user_id).await;
    }

    /// Drops all users from memory.
    pub fn forget_all(&self) {
        self.cache.forget_all();
    }

    async fn load(&self, user_id: UserId) -> Result<Option<UserRecord>> {
        Ok(user_record::by_id(&self.database, user_id).await?.map(UserRecord::from))
    }
}
