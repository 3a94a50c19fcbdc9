//! Copies of rows in this process's memory.
//!
//! Concurrent readers of an entry share one load, and absence is cached, too, for a short time. A change is announced
//! to every process, which then forgets its copy. A load that was under way at that moment may return the row from
//! before the change, so its result is not found any more. The time to live bounds the effect of an announcement that
//! was lost.
//!
//! There are no copies in Redis: after a failed write they would outlive the change, and whoever may write there could
//! make an admin (docs/adr/0010-caches-in-memory-only.md).

use crate::{
    error::{Error, Result},
    metrics,
};
use moka::{Expiry, future::Cache, policy::EvictionPolicy};
use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long the absence of an entry is cached.
const ABSENT_TTL: Duration = Duration::from_secs(5);
/// How long it is remembered that an entry was forgotten: longer than a load may take and its result is cached.
const FORGOTTEN_TTL: Duration = Duration::from_mins(2);
/// How many forgotten entries are remembered.
const FORGOTTEN_MAX: u64 = 100_000;

/// The properties of a cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheOptions {
    /// Its label in the metrics.
    pub name: &'static str,
    /// Maximum number of entries.
    pub capacity: u64,
    /// How long a copy is used.
    pub ttl: Duration,
}

/// A cache of `V` by `K`; clones share it.
#[derive(Clone)]
pub(crate) struct ReadCache<K, V> {
    name: &'static str,
    /// By id and generation.
    entries: Cache<(K, u64), Option<Arc<V>>>,
    /// The generations of entries that were forgotten; the others are of the generation in `all`.
    forgotten: moka::sync::Cache<K, u64>,
    generations: Arc<Generations>,
}

/// Generations grow with everything that is forgotten. Copies of older ones are not found any more.
#[derive(Default)]
struct Generations {
    newest: AtomicU64,
    /// When all entries were forgotten last.
    all: AtomicU64,
}

impl<K: Hash + Eq + Copy + Send + Sync + 'static, V: Send + Sync + 'static> ReadCache<K, V> {
    /// An empty cache.
    pub fn new(options: CacheOptions) -> Self {
        let CacheOptions { name, capacity, ttl } = options;
        Self {
            name,
            entries: Cache::builder().max_capacity(capacity).expire_after(ByPresence(ttl)).build(),
            // The default policy may turn a new entry away.
            forgotten: moka::sync::Cache::builder()
                .max_capacity(FORGOTTEN_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(FORGOTTEN_TTL)
                .build(),
            generations: Arc::default(),
        }
    }

    /// The entry, from memory or by `load`.
    pub async fn get<L: Future<Output = Result<Option<V>>>>(
        &self,
        id: K,
        load: impl FnOnce() -> L,
    ) -> Result<Option<Arc<V>>> {
        let key = (id, self.generation(&id));
        if let Some(found) = self.entries.get(&key).await {
            self.count("memory");
            return Ok(found);
        }
        self.fill(key, load).await
    }

    /// The entry, read again. Other readers use the present copy until it is there.
    pub async fn reload<L: Future<Output = Result<Option<V>>>>(
        &self,
        id: K,
        load: impl FnOnce() -> L,
    ) -> Result<Option<Arc<V>>> {
        let generation = self.generations.next();
        let found = self.fill((id, generation), load).await?;
        // Unless it was forgotten during the load, which may then have read what was before the change.
        self.forgotten
            .entry(id)
            .and_upsert_with(|newest| newest.map_or(generation, |newest| newest.into_value().max(generation)));
        Ok(found)
    }

    async fn fill<L: Future<Output = Result<Option<V>>>>(
        &self,
        key: (K, u64),
        load: impl FnOnce() -> L,
    ) -> Result<Option<Arc<V>>> {
        // Boxed, because a miss is rare, and its large future would be moved with every bid.
        let fill = Box::pin(async {
            self.count("postgres");
            Ok(load().await?.map(Arc::new))
        });
        self.entries.try_get_with(key, fill).await.map_err(unshare_error)
    }

    /// Forgets an entry, because its source has changed.
    pub fn forget(&self, id: K) {
        self.forgotten.insert(id, self.generations.next());
    }

    /// Forgets all entries.
    pub fn forget_all(&self) {
        self.generations.all.fetch_max(self.generations.next(), Ordering::AcqRel);
    }

    fn generation(&self, id: &K) -> u64 {
        let all = self.generations.all.load(Ordering::Acquire);
        self.forgotten.get(id).map_or(all, |generation| generation.max(all))
    }

    fn count(&self, level: &str) {
        metrics::CACHE_REQUESTS.with_label_values(&[self.name, level]).inc();
    }
}

impl Generations {
    fn next(&self) -> u64 {
        self.newest.fetch_add(1, Ordering::AcqRel) + 1
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn cache() -> ReadCache<u8, &'static str> {
        ReadCache::new(CacheOptions { name: "test", capacity: 10, ttl: Duration::from_mins(1) })
    }

    async fn get(cache: &ReadCache<u8, &'static str>, id: u8, stored: &'static str) -> &'static str {
        *cache.get(id, async || Ok(Some(stored))).await.expect("loads").expect("is there")
    }

    #[tokio::test]
    async fn a_copy_is_used_until_it_is_forgotten() {
        let cache = cache();
        assert_eq!(get(&cache, 1, "first").await, "first");
        assert_eq!(get(&cache, 1, "second").await, "first");
        cache.forget(2);
        assert_eq!(get(&cache, 1, "second").await, "first", "another entry was forgotten");
        cache.forget(1);
        assert_eq!(get(&cache, 1, "second").await, "second");
        cache.forget_all();
        assert_eq!(get(&cache, 1, "third").await, "third");
        cache.forget(1);
        assert_eq!(get(&cache, 1, "fourth").await, "fourth");
    }

    #[tokio::test]
    async fn a_reload_replaces_the_copy_only_once_it_is_there() {
        let cache = cache();
        assert_eq!(get(&cache, 1, "first").await, "first");
        let failed = cache.reload(1, async || Err(Error::Overloaded)).await;
        assert!(failed.is_err());
        assert_eq!(get(&cache, 1, "not loaded").await, "first", "a failed reload changes nothing");
        let during = cache.reload(1, async || Ok(Some(get(&cache, 1, "not loaded").await))).await;
        assert_eq!(during.expect("loads").as_deref(), Some(&"first"), "the copy is used meanwhile");
        cache.reload(1, async || Ok(Some("second"))).await.expect("loads");
        assert_eq!(get(&cache, 1, "not loaded").await, "second");
        // A change during the load: what was read may be from before it.
        let overtaken = async || {
            cache.forget(1);
            Ok(Some("overtaken"))
        };
        cache.reload(1, overtaken).await.expect("loads");
        assert_eq!(get(&cache, 1, "third").await, "third");
    }

    #[tokio::test]
    async fn a_load_that_began_before_a_change_is_not_found_after_it() {
        let forget_one = |cache: &ReadCache<u8, &'static str>| cache.forget(1);
        for forget in [forget_one, |cache: &ReadCache<u8, &'static str>| cache.forget_all()] {
            let cache = cache();
            let (begun, has_begun) = oneshot::channel();
            let (release, released) = oneshot::channel::<()>();
            let slow = tokio::spawn({
                let cache = cache.clone();
                async move {
                    let load = async || {
                        begun.send(()).expect("is waited for");
                        released.await.expect("is released");
                        Ok(Some("old"))
                    };
                    *cache.get(1, load).await.expect("loads").expect("is there")
                }
            });
            has_begun.await.expect("begins");
            forget(&cache);
            assert_eq!(get(&cache, 1, "new").await, "new", "does not wait for the old one");
            release.send(()).expect("waits");
            assert_eq!(slow.await.expect("ends"), "old");
            assert_eq!(get(&cache, 1, "newer").await, "new");
        }
    }
}
