//! Closed loop: every connection sends its next bid as soon as the last one is answered. This finds the maximum
//! throughput; the latency follows from the number of connections. With a pause after each answer (think time) it
//! is a crowd of people.

use crate::load::{bid_stats::BidOutcome, bidders::Bidder, latency::micros, window::Window, worker::Worker};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Random pauses. Were they all of one length, bidders answered in one batch would bid in one batch again, for ever.
struct Pauses {
    state: u128,
}

impl Pauses {
    /// Uniformly distributed from half of `mean` to one and a half times `mean`.
    fn next(&mut self, mean: Duration) -> Duration {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = u32::try_from(self.state >> 40 & 0xffff).unwrap_or(0);
        mean / 2 + mean * share / 0x1_0000
    }
}

/// Bids over one connection from `first_bid` until the window closes, with each of its bidders in turn.
/// Bids answered inside the window count.
pub async fn run(mut worker: Worker, mut bidders: Vec<Bidder>, window: Window, first_bid: Instant, pause: Duration) {
    sleep_until(first_bid).await;
    let mut pauses = Pauses { state: (first_bid - window.load_start).as_nanos() };
    loop {
        for bidder in &mut bidders {
            let sent = Instant::now();
            if sent >= window.close {
                return;
            }
            let outcome = worker.bid(bidder, window.give_up).await;
            let done = Instant::now();
            if window.contains(done) || matches!(outcome, BidOutcome::Unanswered) {
                let mut stats = worker.stats.borrow_mut();
                stats.count(outcome);
                stats.latency.saturating_record(micros(done - sent));
            }
            if !pause.is_zero() {
                sleep(pauses.next(pause)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_distributed_around_their_mean() {
        let mut pauses = Pauses { state: 0 };
        let pauses: Vec<Duration> = (0..1000).map(|_| pauses.next(Duration::from_millis(100))).collect();
        assert!(pauses.iter().all(|pause| (50..150).contains(&pause.as_millis())));
        let mean = pauses.iter().sum::<Duration>() / 1000;
        assert!((95..105).contains(&mean.as_millis()), "{mean:?}");
    }
}
