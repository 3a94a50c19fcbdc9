//! Closed loop: every connection sends its next bid as soon as the last one is answered. This
//! finds the greatest throughput; the latency is what that load makes of it.

use crate::{
    bidders::Bidder,
    load::Worker,
    record::{Outcome, Window, micros},
};
use tokio::time::{Instant, sleep_until};

/// Bids over one connection until the window ends, with each of its users in turn. What is
/// answered inside the window counts.
pub async fn bid(mut worker: Worker, mut hand: Vec<Bidder>, window: Window) {
    sleep_until(window.start).await;
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
        }
    }
}
