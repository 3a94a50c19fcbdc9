//! Closed loop: every connection sends its next bid as soon as the last one is answered. This
//! finds the greatest throughput; the latency is what that load makes of it. With a pause after each
//! answer it is a crowd of people.

use crate::{
    bidders::Bidder,
    load::Worker,
    record::{Outcome, Window, micros},
};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Pauses of a person. Were they all of one length, those who are answered in one batch would come
/// back in one batch for ever.
struct Thoughts(u128);

impl Thoughts {
    /// From the half of `mean` to one and a half of it, spread evenly and without order.
    fn next(&mut self, mean: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = u32::try_from(self.0 >> 40 & 0xffff).unwrap_or(0);
        mean / 2 + mean * share / 0x1_0000
    }
}

/// Bids over one connection from `first` until the window ends, with each of its users in turn.
/// What is answered inside the window counts.
pub async fn bid(mut worker: Worker, mut hand: Vec<Bidder>, window: Window, first: Instant, pause: Duration) {
    sleep_until(first).await;
    let mut thoughts = Thoughts((first - window.start).as_nanos());
    loop {
        for bidder in &mut hand {
            let sent = Instant::now();
            if sent >= window.end {
                return;
            }
            let outcome = worker.bid(bidder, window.give_up).await;
            let done = Instant::now();
            if window.counts(done) || matches!(outcome, Outcome::Unanswered) {
                let mut record = worker.record.borrow_mut();
                record.count(outcome);
                record.latency.saturating_record(micros(done - sent));
            }
            if !pause.is_zero() {
                sleep(thoughts.next(pause)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_about_their_mean() {
        let mut thoughts = Thoughts(0);
        let pauses: Vec<Duration> = (0..1000).map(|_| thoughts.next(Duration::from_millis(100))).collect();
        assert!(pauses.iter().all(|pause| (50..150).contains(&pause.as_millis())));
        let mean = pauses.iter().sum::<Duration>() / 1000;
        assert!((95..105).contains(&mean.as_millis()), "{mean:?}");
    }
}
