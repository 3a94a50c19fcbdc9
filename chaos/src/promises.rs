//! Gavel's promises, checked against what clients saw and what PostgreSQL holds.

pub mod answers;
mod bids;
mod orders;
mod rankings;

use crate::{
    record::{BidAttempt, Frame},
    schedule::Schedule,
    truth::Truth,
};
use serde::Serialize;
use std::{collections::HashSet, fmt, time::Duration};

/// The promises, numbered as in docs/reliability.md.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Promise {
    /// 1: what was answered with 200 or 201 is committed.
    AcknowledgedIsCommitted,
    /// 2: a retry neither harms nor counts twice, and nothing counts that nobody sent.
    RetriesAreHarmless,
    /// 3: no bid received at or after the end counts; none received before it is refused as late.
    EndIsExact,
    /// 4: the orders are exactly the first min(quota, stock) of the total order.
    WinnersAreRight,
    /// 5: losing Redis changes no result, and heals.
    RedisIsExpendable,
    /// 6: a ranking never goes back, a version has one content, and all views converge.
    RankingsAreTrue,
    /// 7: overload and standstill are answered soon and honestly, and memory stays bounded.
    AnswersAreHonest,
    /// 8: deploys, edits, migrations and the loss of Redis refuse no bid.
    ServiceGoesOn,
}

impl Promise {
    fn number(self) -> usize {
        self as usize + 1
    }
}

/// A promise that was broken, and how.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// The promise.
    pub promise: Promise,
    /// What happened, for the reader.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "promise {} ({:?}): {}", self.promise.number(), self.promise, self.what)
    }
}

/// Collects violations.
#[derive(Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Adds one unless a condition holds.
    pub fn unless(&mut self, holds: bool, promise: Promise, what: impl FnOnce() -> String) {
        if !holds {
            self.add(promise, what());
        }
    }

    /// Adds one.
    pub fn add(&mut self, promise: Promise, what: String) {
        self.0.push(Violation { promise, what });
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }
}

/// Time limits, with the slack of a busy machine.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Views agree this long after the last bid.
    pub convergence: Duration,
    /// A websocket was told its bidder's standing this long after the last bid.
    pub own_standing: Duration,
    /// Redis holds what it should this long after the last fault.
    pub healing: Duration,
    /// Every bid is served this long after the servers are ready again.
    pub recovery: Duration,
    /// A bid is answered after this and the length of a standstill.
    pub answer: Duration,
    /// How far the servers' idea of PostgreSQL's time may be off.
    pub clock: Duration,
    /// Memory of a server.
    pub memory_bytes: u64,
}

impl Limits {
    /// The limits times `slack`.
    pub fn with_slack(slack: f64) -> Self {
        Self {
            convergence: Duration::from_secs(1).mul_f64(slack),
            own_standing: Duration::from_millis(2200).mul_f64(slack),
            healing: Duration::from_secs(5).mul_f64(slack),
            recovery: Duration::from_secs(1).mul_f64(slack),
            answer: Duration::from_secs(3).mul_f64(slack),
            clock: Duration::from_millis(100).mul_f64(slack),
            memory_bytes: 400 << 20,
        }
    }
}

/// Everything that the checks compare.
pub struct Evidence<'a> {
    /// What happened to the system.
    pub schedule: &'a Schedule,
    /// What PostgreSQL holds.
    pub truths: &'a [Truth],
    /// What bidders sent and got.
    pub bids: &'a [BidAttempt],
    /// What watchers received.
    pub frames: &'a [Frame],
    /// How many watchers there were.
    pub watchers: usize,
    /// From then on, everything works again; in microseconds since 1970.
    pub recovered_us: i64,
    /// The time limits.
    pub limits: Limits,
}

/// Checks everything that can be checked afterwards.
pub fn check(evidence: &Evidence, violations: &mut Violations) {
    for truth in evidence.truths {
        let bids: Vec<_> = evidence.bids.iter().filter(|bid| bid.campaign_id == truth.campaign_id).collect();
        bids::check(truth, &bids, evidence.limits, violations);
        orders::check(truth, violations);
        let frames: Vec<_> = evidence.frames.iter().filter(|frame| frame.campaign_id == truth.campaign_id).collect();
        rankings::check(truth, &bids, &frames, violations);
    }
    answers::check(evidence, violations);
    let heard: HashSet<usize> = evidence.frames.iter().map(|frame| frame.connection.watcher).collect();
    violations.unless(heard.len() == evidence.watchers, Promise::RankingsAreTrue, || {
        format!("only {} of {} watchers received anything", heard.len(), evidence.watchers)
    });
}
