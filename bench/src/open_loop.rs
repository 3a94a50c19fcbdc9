//! Open loop: bids fall due at a fixed rate, however long answers take, as those of a crowd do.
//!
//! Latency counts from when a bid was due, not from when a connection was free for it, so a server
//! that falls behind cannot hide it by slowing the load down (coordinated omission).

use crate::{
    bidders::Bidder,
    load::Worker,
    record::{Outcome, Window, micros},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

/// The shortest sleep of the pacer. Finer would take more of the machine than it is worth.
const PACE_MIN: Duration = Duration::from_micros(500);
const SECOND_NS: u64 = 1_000_000_000;

/// The bids of a run: how many are due already, and when each was.
pub struct Tickets {
    /// A permit for every bid that is due. It serves waiting connections in turn.
    due: Semaphore,
    taken: AtomicU64,
    total: u64,
    rate: u64,
    window: Window,
}

impl Tickets {
    /// Bids from the start of the window to its end, `rate` a second.
    pub fn new(rate: u32, window: Window) -> Arc<Self> {
        let rate = u64::from(rate);
        let total = due_after(window.end - window.start, rate);
        Arc::new(Self { due: Semaphore::new(0), taken: AtomicU64::new(0), total, rate, window })
    }

    /// Starts the thread that hands out the tickets as they fall due, and at the end one more to
    /// each of `connections`, which tells it to stop. A thread, because the timers of the runtime
    /// are a millisecond coarse.
    pub fn hand_out(self: &Arc<Self>, connections: u32) -> std::io::Result<()> {
        let tickets = self.clone();
        std::thread::Builder::new().name("pacer".to_owned()).spawn(move || tickets.pace(connections))?;
        Ok(())
    }

    /// The next bid's due time, once it has come; `None` when there are no more.
    async fn take(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        (number < self.total).then(|| self.due_at(number))
    }

    fn due_at(&self, number: u64) -> Instant {
        self.window.start + Duration::from_nanos(number * SECOND_NS / self.rate)
    }

    fn pace(&self, connections: u32) {
        let mut given = 0;
        while given < self.total {
            let now = Instant::now();
            let due = due_after(now.saturating_duration_since(self.window.start), self.rate).min(self.total);
            if now >= self.window.start && due > given {
                self.due.add_permits(usize::try_from(due - given).unwrap_or(0));
                given = due;
            }
            let wait = self.due_at(given).saturating_duration_since(Instant::now());
            std::thread::sleep(wait.max(PACE_MIN));
        }
        self.due.add_permits(usize::try_from(connections).unwrap_or(0));
    }
}

/// How many bids are due after a time: the first at once.
fn due_after(time: Duration, rate: u64) -> u64 {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    // In two parts, because a product of nanoseconds and a rate could overflow.
    let (whole, rest) = (nanos / SECOND_NS, nanos % SECOND_NS);
    whole * rate + (rest * rate).div_ceil(SECOND_NS)
}

/// Bids over one connection as bids fall due. A bid counts if it was due inside the window; one
/// that is not answered in time enters with the time it has waited.
pub async fn bid(mut worker: Worker, mut hand: Vec<Bidder>, window: Window, tickets: Arc<Tickets>) {
    sleep_until(window.start).await;
    loop {
        for bidder in &mut hand {
            let Some(due) = tickets.take().await else { return };
            let sent = Instant::now();
            let outcome =
                if sent < window.give_up { worker.bid(bidder, window.give_up).await } else { Outcome::Unanswered };
            let done = Instant::now();
            let mut record = worker.record.borrow_mut();
            let due_inside = window.counts(due);
            if due_inside {
                record.latency.saturating_record(micros(done - due));
                record.lateness.saturating_record(micros(sent - due));
            }
            // Throughput is what was answered inside the window, whenever it was due.
            let inside = if matches!(outcome, Outcome::Answered(200 | 201)) { window.counts(done) } else { due_inside };
            if inside {
                record.count(outcome);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bids_fall_due_evenly() {
        assert_eq!(due_after(Duration::ZERO, 1000), 0);
        assert_eq!(due_after(Duration::from_nanos(1), 1000), 1);
        assert_eq!(due_after(Duration::from_millis(1), 1000), 1);
        assert_eq!(due_after(Duration::from_hours(1), 6000), 21_600_000);
    }

    #[tokio::test]
    async fn every_bid_is_handed_out_at_its_time_and_then_everyone_is_told_to_stop() {
        let start = Instant::now();
        let end = start + Duration::from_millis(50);
        let window = Window { start, begin: start, end, give_up: end };
        let tickets = Tickets::new(1000, window);
        tickets.hand_out(2).expect("a thread");
        for number in 0..50 {
            let due = tickets.take().await.expect("a bid");
            assert_eq!(due, start + Duration::from_millis(number));
            assert!(due <= Instant::now());
        }
        assert!(tickets.take().await.is_none());
        assert!(tickets.take().await.is_none());
    }
}
