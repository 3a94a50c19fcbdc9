//! What every part of the benchmark needs.

use crate::{fixture::Fixture, plan::Plan, prices::PriceCounter, probes::cpu::Processes};
use std::sync::Arc;

/// The state that all parts share.
pub struct Context {
    /// What to measure and how.
    pub plan: Plan,
    /// The server, its users and its campaigns.
    pub fixture: Fixture,
    /// The processes whose CPU time is read.
    pub processes: Processes,
    /// The prices of all bids of the run.
    pub prices: Arc<PriceCounter>,
}
