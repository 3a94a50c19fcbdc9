//! Reads that many ask for at once, shared and paced: one at a time per key, each for everybody who asked before it began,
//! and none before the store has rested from the one before. So no number of readers costs more than a share of a connection.

use crate::error::{Error, Result};
use moka::sync::Cache;
use std::{
    hash::Hash,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until},
};

/// The pause after a read, as a multiple of the time that it took, and the longest pause.
const REST: u32 = 4;
const REST_MAX: Duration = Duration::from_millis(50);
/// How long a value that nobody asks for is kept.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Shared reads of values `V` by `K`.
pub(crate) struct PacedReads<K, V> {
    slots: Cache<K, Arc<Slot<V>>>,
}

/// The reads of one key.
struct Slot<V> {
    last: Mutex<LastRead<V>>,
    /// Whoever has it reads.
    turn: Semaphore,
    /// A read has ended: all who wait look whether it is theirs. A lock would let them look one after the other.
    ended: Notify,
}

struct LastRead<V> {
    /// When the last read that has ended began, and what it found.
    found: Option<(Instant, Result<V>)>,
    /// The next may not begin before.
    rested: Instant,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> PacedReads<K, V> {
    /// Reads of at most `capacity` keys are remembered.
    pub fn new(capacity: u64) -> Self {
        Self { slots: Cache::builder().max_capacity(capacity).time_to_idle(KEPT_FOR).build() }
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
        let slot = self.slots.get_with(key, Arc::default);
        loop {
            // Before the look: a read that ends in between wakes this one.
            let mut ended = pin!(slot.ended.notified());
            ended.as_mut().enable();
            if let Some(answer) = slot.answer(asked, &is_current) {
                return answer;
            }
            tokio::select! {
                biased;
                () = ended => {}
                turn = slot.turn.acquire() => {
                    let _turn = turn.map_err(|_| Error::ShuttingDown)?;
                    // Perhaps the one before has just read it.
                    if let Some(answer) = slot.answer(asked, &is_current) {
                        return answer;
                    }
                    return slot.read(read).await;
                }
            }
        }
    }

    /// Forgets all values.
    pub fn forget_all(&self) {
        self.slots.invalidate_all();
    }
}

impl<V> Default for Slot<V> {
    fn default() -> Self {
        let last = LastRead { found: None, rested: Instant::now() };
        Self { last: Mutex::new(last), turn: Semaphore::new(1), ended: Notify::new() }
    }
}

impl<V: Clone> Slot<V> {
    /// The last read's answer, if it suffices for who asked then.
    fn answer(&self, asked: Instant, is_current: impl Fn(&V, Instant) -> bool) -> Option<Result<V>> {
        match &self.last().found {
            Some((began, Ok(value))) if *began >= asked || is_current(value, *began) => Some(Ok(value.clone())),
            Some((began, Err(error))) if *began >= asked => Some(Err(error.for_another())),
            _ => None,
        }
    }

    async fn read<F: Future<Output = Result<V>>>(&self, read: impl FnOnce() -> F) -> Result<V> {
        let rested = self.last().rested;
        sleep_until(rested).await;
        let began = Instant::now();
        // Whoever goes away during the read has not spared the store.
        self.last().rested = began + REST_MAX;
        let found = read().await;
        let answer = found.as_ref().map_err(Error::for_another).cloned();
        let now = Instant::now();
        *self.last() = LastRead { found: Some((began, found)), rested: now + REST_MAX.min((now - began) * REST) };
        self.ended.notify_waiters();
        answer
    }

    fn last(&self) -> MutexGuard<'_, LastRead<V>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
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
        // One read, or two if the first began before all had asked.
        let reads = reads.load(Ordering::Relaxed);
        assert!(reads <= 2, "{reads}");
        assert!(answers.into_iter().all(|answer| answer.is_ok_and(|number| number <= reads)));
    }

    #[tokio::test]
    async fn who_asks_during_a_read_waits_for_the_next() {
        let (paced, reads) = (PacedReads::new(10), AtomicU32::new(0));
        let late = async {
            while reads.load(Ordering::Relaxed) == 0 {
                yield_now().await;
            }
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
