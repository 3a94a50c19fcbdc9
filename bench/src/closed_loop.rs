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

/// Bids over one connection from `first` until the window ends, with each of its users in turn.
/// What is answered inside the window counts.
pub async fn bid(mut worker: Worker, mut hand: Vec<Bidder>, window: Window, first: Instant, pause: Duration) {
    sleep_until(first).await;
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
                sleep(pause).await;
            }
        }
    }
}
