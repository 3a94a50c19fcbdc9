//! Open loop: bids fall due at a fixed rate, however long answers take, as they do when many people bid independently.
//!
//! Latency counts from when a bid was due, not from when a connection was free for it, so a server that falls behind
//! cannot hide it by slowing the load down (coordinated omission).

use crate::load::{
    bid_schedule::BidSchedule, bid_stats::BidOutcome, bidders::Bidder, latency::micros, window::Window, worker::Worker,
};
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// Bids over one connection as bids fall due. A bid counts if it was due inside the window; one without an answer
/// counts with the time it has waited.
pub async fn run(mut worker: Worker, mut bidders: Vec<Bidder>, window: Window, schedule: Arc<BidSchedule>) {
    sleep_until(window.load_start).await;
    loop {
        for bidder in &mut bidders {
            let Some(due) = schedule.next_due().await else { return };
            let sent = Instant::now();
            let outcome =
                if sent < window.give_up { worker.bid(bidder, window.give_up).await } else { BidOutcome::Unanswered };
            let done = Instant::now();
            let mut stats = worker.stats.borrow_mut();
            let due_inside = window.contains(due);
            if due_inside {
                stats.latency.saturating_record(micros(done - due));
                stats.sent_late.saturating_record(micros(sent - due));
            }
            // Throughput is what was answered inside the window, whenever it was due.
            let answered = matches!(outcome, BidOutcome::Answered(200 | 201));
            let counts = if answered { window.contains(done) } else { due_inside };
            if counts {
                stats.count(outcome);
            }
        }
    }
}
