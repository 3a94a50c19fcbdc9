//! Three levels of cache: this process's memory, Redis, and the loader behind them.
//!
//! One load serves all readers that wait for it, and absence is cached, too, for a short time. A copy in Redis carries
//! the version of its source and is only replaced by a newer one, so a slow reader cannot overwrite a new copy with an
//! old one. A change is announced to every process, which then reads the entry again; the time to live in memory only
//! bounds the effect of a lost message.

use crate::{
    error::{Error, Result},
    metrics,
    store::redis::Redis,
};
use moka::{Expiry, future::Cache};
use redis::Script;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long the absence of an entry is cached in memory.
const ABSENT_TTL: Duration = Duration::from_secs(5);

/// The properties of a cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheOptions {
    /// Its label in the metrics.
    pub name: &'static str,
    /// Maximum number of entries in memory.
    pub capacity: u64,
    /// How long a copy stays in memory.
    pub memory_ttl: Duration,
    /// How long a copy stays in Redis.
    pub redis_ttl: Duration,
}

/// A value that can be cached: a copy of something with a growing version.
pub(crate) trait Versioned: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Grows with every change of the source.
    fn version(&self) -> i64;
}

/// A cache of `V` by `K`; clones share it.
#[derive(Clone)]
pub(crate) struct TieredCache<K: Hash + Eq + Send + Sync + 'static, V: Versioned> {
    options: CacheOptions,
    l1: Cache<K, Option<Arc<V>>>,
    redis: Redis,
    put: Arc<Script>,
}

impl<K: Hash + Eq + Copy + Send + Sync + 'static, V: Versioned> TieredCache<K, V> {
    /// An empty cache.
    pub fn new(options: CacheOptions, redis: Redis) -> Self {
        let l1 = Cache::builder().max_capacity(options.capacity).expire_after(ByPresence(options.memory_ttl)).build();
        Self { options, l1, redis, put: Arc::new(Script::new(include_str!("cache_put_if_newer.lua"))) }
    }

    /// The entry, from the nearest level that has it; `key` names it in Redis.
    pub async fn get<L: Future<Output = Result<Option<V>>>>(
        &self,
        id: K,
        key: impl FnOnce() -> String,
        load: impl FnOnce() -> L,
    ) -> Result<Option<Arc<V>>> {
        if let Some(found) = self.l1.get(&id).await {
            self.count("memory");
            return Ok(found);
        }
        // Boxed, because a miss is rare, and its future of 30 kB would be moved with every bid.
        let fill = Box::pin(self.fill(key(), load));
        self.l1.try_get_with(id, fill).await.map_err(unshare_error)
    }

    async fn fill<L: Future<Output = Result<Option<V>>>>(
        &self,
        key: String,
        load: impl FnOnce() -> L,
    ) -> Result<Option<Arc<V>>> {
        if let Some(found) = self.read(&key).await {
            self.count("redis");
            return Ok(Some(Arc::new(found)));
        }
        self.count("postgres");
        let Some(loaded) = load().await? else { return Ok(None) };
        // A writer may have put a newer copy while this one was being loaded.
        let newest = self.put(&key, &loaded).await.unwrap_or(loaded);
        Ok(Some(Arc::new(newest)))
    }

    /// Puts a copy that was read from the source, unless a level has a newer one. Returns the newest in memory.
    pub async fn refresh(&self, id: K, key: &str, fresh: Option<V>) -> Option<Arc<V>> {
        if let Some(fresh) = &fresh {
            self.put(key, fresh).await;
        }
        let fresh = fresh.map(Arc::new);
        // Of two copies read concurrently, the older may arrive last.
        let newest = |old: Option<moka::Entry<K, Option<Arc<V>>>>| {
            let newer = old
                .and_then(moka::Entry::into_value)
                .filter(|old| fresh.as_ref().is_some_and(|fresh| fresh.version() < old.version()));
            std::future::ready(newer.or(fresh))
        };
        self.l1.entry(id).and_upsert_with(newest).await.into_value()
    }

    /// Drops an entry from memory and Redis.
    pub async fn remove(&self, id: &K, key: &str) {
        let _: std::result::Result<(), _> = self.redis.command("cache_remove", redis::cmd("DEL").arg(key)).await;
        self.forget(id).await;
    }

    /// Drops an entry from memory.
    pub async fn forget(&self, id: &K) {
        self.l1.invalidate(id).await;
    }

    /// Drops all entries from memory.
    pub fn forget_all(&self) {
        self.l1.invalidate_all();
    }

    async fn read(&self, key: &str) -> Option<V> {
        let text: Option<String> = self.redis.command("cache_get", redis::cmd("GET").arg(key)).await.ok()?;
        parse(&text?)
    }

    /// Puts a copy; returns the one Redis has if that is as new or newer.
    async fn put(&self, key: &str, value: &V) -> Option<V> {
        let json = serde_json::to_string(value).ok()?;
        let mut call = self.put.key(key);
        let call = call.arg(value.version()).arg(json).arg(self.options.redis_ttl.as_secs());
        // Without Redis there is one level fewer.
        let newer: Option<String> = self.redis.script("cache_put", call).await.ok()?;
        parse(&newer?)
    }

    fn count(&self, level: &str) {
        metrics::CACHE_REQUESTS.with_label_values(&[self.options.name, level]).inc();
    }
}

/// Parses a copy from Redis: `version|json`.
fn parse<V: DeserializeOwned>(text: &str) -> Option<V> {
    let (_, json) = text.split_once('|')?;
    serde_json::from_str(json).ok()
}

/// Expires present entries after the given time, and absent ones earlier.
struct ByPresence(Duration);

impl<K, V> Expiry<K, Option<V>> for ByPresence {
    fn expire_after_create(&self, _: &K, value: &Option<V>, _: Instant) -> Option<Duration> {
        Some(if value.is_some() { self.0 } else { self.0.min(ABSENT_TTL) })
    }
}

/// The error of a load that several callers waited for, for one of them.
pub(crate) fn unshare_error(error: Arc<Error>) -> Error {
    Arc::try_unwrap(error).unwrap_or_else(|error| error.for_another())
}
