//! What became of the bids of one measured window.

use crate::Result;
use hdrhistogram::Histogram;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// Latencies are kept in microseconds, up to two minutes, to three digits.
const MICROS_MAX: u64 = 120_000_000;

/// An empty histogram of microseconds.
pub fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, MICROS_MAX, 3)?)
}

/// The times of one run.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The load begins.
    pub start: Instant,
    /// The warm-up is over: from here on it counts.
    pub begin: Instant,
    /// The load ends.
    pub end: Instant,
    /// What is not answered by now counts as unanswered.
    pub give_up: Instant,
}

impl Window {
    /// Whether what happens at `at` counts.
    pub fn counts(&self, at: Instant) -> bool {
        (self.begin..self.end).contains(&at)
    }
}

/// The outcome of one request.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// An answer with this status.
    Answered(u16),
    /// The connection failed.
    Broken,
    /// No answer until [`Window::give_up`].
    Unanswered,
}

/// Counts and latencies.
pub struct Record {
    /// From the sending of a bid (open loop: from when it was due) to its answer.
    pub latency: Histogram<u64>,
    /// Open loop: from when a bid was due to its sending.
    pub lateness: Histogram<u64>,
    /// Bids answered with 201 inside the window.
    pub accepted: u64,
    /// Bids answered with 200: durable, but the standing bid is another.
    pub kept: u64,
    /// Everything else, by status or kind.
    pub errors: BTreeMap<String, u64>,
}

impl Record {
    /// An empty record.
    pub fn new() -> Result<Self> {
        Ok(Self { latency: histogram()?, lateness: histogram()?, accepted: 0, kept: 0, errors: BTreeMap::new() })
    }

    /// Counts a request's outcome.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answered(201) => self.accepted += 1,
            Outcome::Answered(200) => self.kept += 1,
            Outcome::Answered(status) => self.error(&status.to_string()),
            Outcome::Broken => self.error("broken connection"),
            Outcome::Unanswered => self.error("unanswered"),
        }
    }

    /// Takes in what another thread recorded.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.lateness.add(&other.lateness)?;
        self.accepted += other.accepted;
        self.kept += other.kept;
        for (kind, count) in &other.errors {
            *self.errors.entry(kind.clone()).or_default() += count;
        }
        Ok(())
    }

    fn error(&mut self, kind: &str) {
        *self.errors.entry(kind.to_owned()).or_default() += 1;
    }
}

/// Whole microseconds, as histograms keep them.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
