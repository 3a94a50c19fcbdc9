//! The times of one measurement.

use tokio::time::Instant;

/// A measured window and the load around it.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The load starts: the warm-up.
    pub load_start: Instant,
    /// The warm-up is over; the window opens.
    pub open: Instant,
    /// The window closes, and no more bids are sent.
    pub close: Instant,
    /// Bids without an answer by now count as unanswered.
    pub give_up: Instant,
}

impl Window {
    /// Whether `at` lies inside the window.
    pub fn contains(&self, at: Instant) -> bool {
        (self.open..self.close).contains(&at)
    }
}
