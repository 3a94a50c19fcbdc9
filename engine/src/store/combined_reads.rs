//! Reads, combined: when thousands of users connect at once, their rows are read by a few statements.
//!
//! A reader who finds a turn free reads its own row and those of all who wait, so that a lone reader waits for nobody. A
//! row is read after it was asked for, never before.

use crate::error::{Error, Result};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, oneshot};

/// Statements at a time, unless told otherwise. Several, so that one that gets no answer does not hold up all.
const TURNS: usize = 4;
/// Rows that a statement reads, at most.
const ROWS_MAX: usize = 500;

/// Readers of rows `V` by `K`.
pub(crate) struct CombinedReads<K, V> {
    waiting: Mutex<Vec<Waiting<K, V>>>,
    turns: Semaphore,
}

struct Waiting<K, V> {
    key: K,
    answer: oneshot::Sender<Result<Option<V>>>,
}

impl<K, V> Default for CombinedReads<K, V> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(TURNS) }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> CombinedReads<K, V> {
    /// Readers who share this many statements at a time.
    pub fn with_turns(turns: usize) -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(turns) }
    }

    /// The row of `key`, if it exists. `load` reads the rows of several keys.
    pub async fn get<L: Future<Output = Result<HashMap<K, V>>>>(
        &self,
        key: K,
        load: impl Fn(Vec<K>) -> L,
    ) -> Result<Option<V>> {
        loop {
            let (answer, mut answered) = oneshot::channel();
            self.waiting().push(Waiting { key: key.clone(), answer });
            loop {
                tokio::select! {
                    biased;
                    answer = &mut answered => match answer {
                        Ok(answer) => return answer,
                        // Whoever had the turn was cancelled.
                        Err(_) => break,
                    },
                    turn = self.turns.acquire() => {
                        let turn = turn.map_err(|_| Error::ShuttingDown)?;
                        if !self.answer_waiting(&load).await {
                            // Somebody else is reading this row, too: another turn would have nothing to do.
                            drop(turn);
                            match (&mut answered).await {
                                Ok(answer) => return answer,
                                Err(_) => break,
                            }
                        }
                    }
                }
            }
        }
    }

    /// Reads for those who wait; `false` if nobody does.
    async fn answer_waiting<L: Future<Output = Result<HashMap<K, V>>>>(&self, load: impl Fn(Vec<K>) -> L) -> bool {
        let asked: Vec<_> = {
            let mut waiting = self.waiting();
            // Whoever was cancelled does not listen.
            waiting.retain(|waiting| !waiting.answer.is_closed());
            let rows = waiting.len().min(ROWS_MAX);
            waiting.drain(..rows).collect()
        };
        if asked.is_empty() {
            return false;
        }
        // Those who have given up meanwhile do not listen.
        match load(asked.iter().map(|waiting| waiting.key.clone()).collect()).await {
            Ok(rows) => {
                for Waiting { key, answer } in asked {
                    let _ = answer.send(Ok(rows.get(&key).cloned()));
                }
            }
            Err(error) => {
                for Waiting { answer, .. } in asked {
                    let _ = answer.send(Err(error.for_another()));
                }
            }
        }
        true
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<K, V>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, future::join_all};
    use std::{future::pending, pin::pin};

    /// Even keys exist.
    async fn halves(keys: Vec<u32>, statements: &Mutex<Vec<usize>>) -> Result<HashMap<u32, u32>> {
        statements.lock().expect("not poisoned").push(keys.len());
        tokio::task::yield_now().await;
        Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key / 2)).collect())
    }

    #[tokio::test]
    async fn those_who_wait_are_answered_together() {
        let (reads, statements) = (CombinedReads::default(), Mutex::default());
        let answers = join_all((0..2_000).map(|key| reads.get(key, |keys| halves(keys, &statements)))).await;
        for (key, answer) in (0..).zip(answers) {
            assert_eq!(answer.expect("reads"), (key % 2 == 0).then_some(key / 2));
        }
        let statements = statements.into_inner().expect("not poisoned");
        assert_eq!(statements.iter().sum::<usize>(), 2_000, "each row once: {statements:?}");
        assert!(statements.len() <= TURNS + 2_000 / ROWS_MAX + 1, "{statements:?}");
    }

    #[tokio::test]
    async fn a_reader_who_is_cancelled_leaves_the_others_to_read_for_themselves() {
        let (reads, statements) = (CombinedReads::<u32, u32>::default(), Mutex::default());
        let _others = reads.turns.acquire_many(u32::try_from(TURNS).expect("few") - 1).await.expect("open");
        let mut waits = pin!(reads.get(4, |keys| halves(keys, &statements)));
        {
            let mut hangs = pin!(reads.get(2, |_| pending()));
            assert!(hangs.as_mut().now_or_never().is_none(), "it has the last turn");
            assert!(waits.as_mut().now_or_never().is_none(), "it waits for a turn");
        }
        assert_eq!(waits.await.expect("reads"), Some(2));
    }

    #[tokio::test]
    async fn all_who_waited_learn_of_a_failure() {
        let reads = CombinedReads::<u32, u32>::default();
        let fails = |_| async { Err(Error::Overloaded) };
        for answer in join_all((0..10).map(|key| reads.get(key, fails))).await {
            assert!(matches!(answer, Err(Error::Overloaded)), "{answer:?}");
        }
    }
}
