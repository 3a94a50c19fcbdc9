//! Counts and latencies of the bids of one window.

use crate::{error::Result, load::latency::histogram};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;

/// The outcome of one bid.
#[derive(Clone, Copy)]
pub enum BidOutcome {
    /// An answer with this status.
    Answered(u16),
    /// The connection failed.
    Broken,
    /// No answer before the load gave up.
    Unanswered,
}

/// The bids of one thread, or of several together.
pub struct BidStats {
    /// From sending a bid (open loop: from when it was due) to its answer, in microseconds.
    pub latency: Histogram<u64>,
    /// Open loop: from when a bid was due to sending it, in microseconds.
    pub sent_late: Histogram<u64>,
    /// Bids answered with 201.
    pub accepted: u64,
    /// Bids answered with 200: durable, but the bidder's standing bid stays.
    pub kept: u64,
    /// Everything else, by status or kind.
    pub errors: BTreeMap<String, u64>,
}

impl BidStats {
    /// No bids yet.
    pub fn new() -> Result<Self> {
        Ok(Self { latency: histogram()?, sent_late: histogram()?, accepted: 0, kept: 0, errors: BTreeMap::new() })
    }

    /// Counts the outcome of a bid.
    pub fn count(&mut self, outcome: BidOutcome) {
        match outcome {
            BidOutcome::Answered(201) => self.accepted += 1,
            BidOutcome::Answered(200) => self.kept += 1,
            BidOutcome::Answered(status) => self.count_error(&status.to_string()),
            BidOutcome::Broken => self.count_error("broken connection"),
            BidOutcome::Unanswered => self.count_error("unanswered"),
        }
    }

    /// Adds the bids of another thread.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.sent_late.add(&other.sent_late)?;
        self.accepted += other.accepted;
        self.kept += other.kept;
        for (kind, count) in &other.errors {
            *self.errors.entry(kind.clone()).or_default() += count;
        }
        Ok(())
    }

    fn count_error(&mut self, kind: &str) {
        *self.errors.entry(kind.to_owned()).or_default() += 1;
    }
}
