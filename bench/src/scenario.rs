//! The load of one measurement, and the loads a plan asks for.

use crate::plan::Plan;
use serde::Serialize;
use std::fmt;

/// How bids are sent, and how many websockets watch meanwhile.
#[derive(Clone, Copy, Serialize)]
pub struct Scenario {
    /// Connections that bid.
    pub connections: u32,
    /// Open loop: bids per second. `None` is a closed loop.
    pub rate: Option<u32>,
    /// Closed loop: how long a bidder pauses after each answer, on average, in milliseconds.
    pub pause_ms: u32,
    /// Websockets that watch.
    pub viewers: u32,
}

impl Scenario {
    /// A closed loop without pauses and without viewers.
    pub fn closed(connections: u32) -> Self {
        Self { connections, rate: None, pause_ms: 0, viewers: 0 }
    }

    /// The closed loops of a plan.
    pub fn closed_loops(plan: &Plan) -> Vec<Self> {
        plan.closed.iter().map(|&connections| Self::closed(connections)).collect()
    }

    /// The open loops of a plan: every rate without viewers, then every rate with them.
    pub fn open_loops(plan: &Plan) -> Vec<Self> {
        let viewer_counts = if plan.viewers == 0 { vec![0] } else { vec![0, plan.viewers] };
        let open = |&rate, viewers| Self { connections: plan.open_connections, rate: Some(rate), pause_ms: 0, viewers };
        viewer_counts.into_iter().flat_map(|viewers| plan.open.iter().map(move |rate| open(rate, viewers))).collect()
    }

    /// The crowds of a plan: closed loops with pauses, one connection for every user.
    pub fn crowds(plan: &Plan) -> Vec<Self> {
        plan.crowd.iter().map(|&pause_ms| Self { pause_ms, ..Self::closed(plan.users) }).collect()
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, rate, pause_ms, viewers } = self;
        match (rate, viewers) {
            (None, _) if *pause_ms > 0 => write!(f, "crowd of {connections}, {pause_ms} ms between bids"),
            (None, _) => write!(f, "closed, {connections} connections"),
            (Some(rate), 0) => write!(f, "open, {rate}/s"),
            (Some(rate), viewers) => write!(f, "open, {rate}/s, {viewers} viewers"),
        }
    }
}
