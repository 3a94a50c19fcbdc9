//! Reads that many ask for at once, shared and paced: one at a time per key, each for everybody who asked before it began,
//! and none before the store has rested from the one before. So no number of readers costs more than a share of a connection.

use crate::error::{Error, Result};
use moka::sync::Cache;
use std::{hash::Hash, sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// The pause after a read, as a multiple of the time that it took, and the longest pause.
const REST: u32 = 4;
const REST_MAX: Duration = Duration::from_millis(50);

/// Shared reads of values `V` by `K`.
pub(crate) struct PacedReads<K, V> {
    last: Cache<K, Arc<Mutex<Option<Read<V>>>>>,
}

/// A read that has ended.
struct Read<V> {
    began: Instant,
    rested: Instant,
    found: Result<V>,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + 'static> PacedReads<K, V> {
    /// Reads of at most `capacity` keys are remembered.
    pub fn new(capacity: u64) -> Self {
        Self { last: Cache::new(capacity) }
    }

    /// The value of a read that began after this call, or of the last one if that suffices: `is_current` gets its value and
    /// when it began.
    pub async fn get<F: Future<Output = Result<V>>>(
        &self,
        key: K,
        is_current: impl Fn(&V, Instant) -> bool,
        read: impl FnOnce() -> F,
    ) -> Result<V> {
        let asked = Instant::now();
        let last = self.last.get_with(key, Arc::default);
        // Whoever reads holds the lock, and all others wait for it.
        let mut last = last.lock().await;
        if let Some(Read { began, rested, found }) = &*last {
            match found {
                Ok(value) if *began >= asked || is_current(value, *began) => return Ok(value.clone()),
                Err(error) if *began >= asked => return Err(error.for_another()),
                _ => {}
            }
            sleep_until(*rested).await;
        }
        let began = Instant::now();
        let found = read().await;
        let answer = found.as_ref().map_err(Error::for_another).cloned();
        let now = Instant::now();
        *last = Some(Read { began, rested: now + REST_MAX.min((now - began) * REST), found });
        answer
    }

    /// Forgets all values.
    pub fn forget_all(&self) {
        self.last.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::task::yield_now;

    /// Counts the reads and returns how many there were.
    async fn count(reads: &AtomicU32) -> Result<u32> {
        let number = reads.fetch_add(1, Ordering::Relaxed) + 1;
        yield_now().await;
        Ok(number)
    }

    #[tokio::test]
    async fn those_who_ask_at_once_share_a_read() {
        let (paced, reads) = (PacedReads::new(10), AtomicU32::new(0));
        let answers = join_all((0..1_000).map(|_| paced.get((), |_, _| false, || count(&reads)))).await;
        // The first is read for at once, all others after it.
        assert_eq!(answers.into_iter().filter(|answer| matches!(answer, Ok(2))).count(), 999);
        assert_eq!(reads.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn who_asks_during_a_read_waits_for_the_next() {
        let (paced, reads) = (PacedReads::new(10), AtomicU32::new(0));
        let late = async {
            // The first reader is at work.
            yield_now().await;
            paced.get((), |_, _| false, || count(&reads)).await.expect("reads")
        };
        let (first, late) = tokio::join!(paced.get((), |_, _| false, || count(&reads)), late);
        assert_eq!((first.expect("reads"), late), (1, 2), "what it was to find may have come during the first");
        assert_eq!(paced.get((), |value, _| *value == 2, || count(&reads)).await.expect("is there"), 2);
        assert_eq!(paced.get((), |value, _| *value == 3, || count(&reads)).await.expect("reads"), 3);
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_not_kept() {
        let paced = PacedReads::<(), u32>::new(10);
        let fails = || async {
            yield_now().await;
            Err(Error::Overloaded)
        };
        let answers = join_all((0..10).map(|_| paced.get((), |_, _| true, fails))).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(Error::Overloaded))), "{answers:?}");
        assert_eq!(paced.get((), |_, _| true, || async { Ok(7) }).await.expect("reads"), 7);
    }
}
