//! The schedule of an open loop: when each bid is due, at a fixed rate.

use crate::load::window::Window;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};

/// The shortest sleep of the pacer; shorter ones would cost more CPU than their precision is worth.
const PACER_SLEEP_MIN: Duration = Duration::from_micros(500);
const SECOND_NS: u64 = 1_000_000_000;

/// The bids of one measurement, from the start of its load to the close of its window.
pub struct BidSchedule {
    /// A permit for every bid that is due. Waiting connections get them in the order of arrival.
    due: Semaphore,
    taken: AtomicU64,
    total: u64,
    rate: u64,
    window: Window,
}

impl BidSchedule {
    /// `rate` bids per second.
    pub fn new(rate: u32, window: Window) -> Arc<Self> {
        let rate = u64::from(rate);
        let total = due_after(window.close - window.load_start, rate);
        Arc::new(Self { due: Semaphore::new(0), taken: AtomicU64::new(0), total, rate, window })
    }

    /// Starts the pacer, which releases bids as they fall due, and in the end one more permit for each of
    /// `connections`, which tells it to stop. A thread, because the timers of the runtime have a resolution of a
    /// millisecond.
    pub fn start_pacer(self: &Arc<Self>, connections: u32) -> std::io::Result<()> {
        let schedule = self.clone();
        std::thread::Builder::new().name("pacer".to_owned()).spawn(move || schedule.pace(connections))?;
        Ok(())
    }

    /// Waits until a bid is due and returns when it was; `None` after the last one.
    pub async fn next_due(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        (number < self.total).then(|| self.due_at(number))
    }

    fn due_at(&self, number: u64) -> Instant {
        self.window.load_start + Duration::from_nanos(number * SECOND_NS / self.rate)
    }

    fn pace(&self, connections: u32) {
        let start = self.window.load_start;
        let mut released = 0;
        while released < self.total {
            let now = Instant::now();
            let due = due_after(now.saturating_duration_since(start), self.rate).min(self.total);
            if now >= start && due > released {
                self.due.add_permits(usize::try_from(due - released).unwrap_or(0));
                released = due;
            }
            let wait = self.due_at(released).saturating_duration_since(Instant::now());
            std::thread::sleep(wait.max(PACER_SLEEP_MIN));
        }
        self.due.add_permits(usize::try_from(connections).unwrap_or(0));
    }
}

/// How many bids are due after a time; the first one is due at once.
fn due_after(time: Duration, rate: u64) -> u64 {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    // In two parts, because a product of nanoseconds and a rate could overflow.
    let (whole, rest) = (nanos / SECOND_NS, nanos % SECOND_NS);
    whole * rate + (rest * rate).div_ceil(SECOND_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bids_fall_due_at_even_intervals() {
        assert_eq!(due_after(Duration::ZERO, 1000), 0);
        assert_eq!(due_after(Duration::from_nanos(1), 1000), 1);
        assert_eq!(due_after(Duration::from_millis(1), 1000), 1);
        assert_eq!(due_after(Duration::from_hours(1), 6000), 21_600_000);
    }

    #[tokio::test]
    async fn every_bid_is_released_when_due_and_then_every_connection_is_told_to_stop() {
        let start = Instant::now();
        let close = start + Duration::from_millis(50);
        let window = Window { load_start: start, open: start, close, give_up: close };
        let schedule = BidSchedule::new(1000, window);
        schedule.start_pacer(2).expect("a thread");
        for number in 0..50 {
            let due = schedule.next_due().await.expect("a bid");
            assert_eq!(due, start + Duration::from_millis(number));
            assert!(due <= Instant::now());
        }
        assert!(schedule.next_due().await.is_none());
        assert!(schedule.next_due().await.is_none());
    }
}
