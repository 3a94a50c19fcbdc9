//! Reads that anybody may ask for with any parameters, such as every page of a list: a few at a time, and none for long, so
//! that they cannot take the connections that bids need.

use super::database::{ANSWER_TIMEOUT, within};
use crate::error::{Error, Result};
use std::time::Duration;
use tokio::{sync::Semaphore, time::timeout};

/// Reads at a time, of either kind.
const TURNS: usize = 2;
/// How long a read may wait for its turn.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The turns of a service's public reads.
pub(crate) struct PublicReads {
    first_pages: Semaphore,
    others: Semaphore,
}

impl Default for PublicReads {
    fn default() -> Self {
        Self { first_pages: Semaphore::new(TURNS), others: Semaphore::new(TURNS) }
    }
}

impl PublicReads {
    /// Runs a read when it is its turn. First pages, which everybody looks at, do not wait for those who leaf through all.
    ///
    /// # Errors
    /// `OVERLOADED` if too many are before it.
    pub async fn run<T>(&self, is_first_page: bool, read: impl Future<Output = Result<T>>) -> Result<T> {
        let turns = if is_first_page { &self.first_pages } else { &self.others };
        let turn = timeout(WAIT_MAX, turns.acquire()).await.map_err(|_| Error::Overloaded)?;
        let _turn = turn.map_err(|_| Error::ShuttingDown)?;
        within(ANSWER_TIMEOUT, read).await
    }
}
