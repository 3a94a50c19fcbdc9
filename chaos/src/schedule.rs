//! When which fault strikes: a function of the seed and nothing else.

use crate::fault::Fault;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use std::{fmt, time::Duration};

/// How many servers there are.
pub const SERVERS: usize = 3;
/// When the campaign that ends in the middle of a round does so, after the round's start.
pub const END: Duration = Duration::from_secs(6);
/// The last fault is over by then.
pub const LAST_FAULT_OVER: Duration = Duration::from_millis(9_500);
/// The first fault strikes after this.
const FIRST_FAULT_MS: u64 = 800;
const FAULTS_PER_ROUND: std::ops::RangeInclusive<usize> = 2..=4;
/// How long a server may take to give up a connection to PostgreSQL that has vanished.
const VANISHED_FOR: Duration = Duration::from_secs(5);
/// How long a fault lasts, if it is one that lasts.
const DURATION_MS: std::ops::RangeInclusive<u64> = 500..=4000;

/// One fault of a round.
#[derive(Clone, Copy, Debug)]
pub struct Strike {
    /// When, after the round's start.
    pub at: Duration,
    /// How long, if it lasts.
    pub lasts: Duration,
    /// What.
    pub fault: Fault,
    /// Which server, if it concerns one.
    pub server: usize,
    /// The seed of whatever else is random in it.
    pub seed: u64,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, lasts) = (self.at.as_secs_f64(), self.lasts.as_secs_f64());
        write!(f, "{} at {at:.1} s for {lasts:.1} s on server {}", self.fault.name(), self.server)
    }
}

/// The faults of a round, in the order in which they strike.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The seed of the round.
    pub seed: u64,
    /// Its faults.
    pub strikes: Vec<Strike>,
}

impl Schedule {
    /// One fault, which strikes at any time or, in half of all cases, while the campaign ends.
    pub fn of_one(seed: u64, fault: Fault) -> Self {
        // Otherwise all faults would strike the same server at the same time.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed ^ (fault as u64) << 32);
        Self { seed, strikes: vec![strike(&mut rng, fault)] }
    }

    /// A random mix of some of the faults.
    pub fn mixed(seed: u64, faults: &[Fault]) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let count = rng.random_range(FAULTS_PER_ROUND);
        let mut strikes: Vec<Strike> = Vec::new();
        // Some draws are in conflict with those before.
        for _ in 0..count * 3 {
            let Some(&fault) = faults.choose(&mut rng) else { break };
            let new = strike(&mut rng, fault);
            if strikes.len() < count && !strikes.iter().any(|old| in_conflict(old.fault, new.fault)) {
                strikes.push(new);
            }
        }
        strikes.sort_by_key(|strike| strike.at);
        Self { seed, strikes }
    }

    /// Whether bids may be refused in this round.
    pub fn may_refuse_bids(&self) -> bool {
        // Two harmless faults together may be more than the sum: a deploy while Redis hangs, for example.
        self.strikes.len() > 1 || self.strikes.iter().any(|strike| strike.fault.may_refuse_bids())
    }

    /// How long standstills may last that follow one upon the other.
    pub fn standstill(&self) -> Duration {
        let standstill = |strike: &Strike| match strike.fault {
            Fault::PostgresVanished => VANISHED_FOR.max(strike.lasts),
            _ => strike.lasts,
        };
        self.strikes.iter().map(standstill).sum()
    }
}

fn in_conflict(one: Fault, other: Fault) -> bool {
    one == other || one.strikes().is_some() && one.strikes() == other.strikes()
}

fn strike(rng: &mut Xoshiro256PlusPlus, fault: Fault) -> Strike {
    let lasts_ms = rng.random_range(DURATION_MS);
    let latest = u64::try_from(LAST_FAULT_OVER.as_millis()).unwrap_or_default() - lasts_ms;
    let end = u64::try_from(END.as_millis()).unwrap_or_default();
    // Half of them are there when the campaign ends.
    let at_ms = if rng.random_bool(0.5) {
        rng.random_range(FIRST_FAULT_MS..latest)
    } else {
        rng.random_range(end.saturating_sub(lasts_ms).max(FIRST_FAULT_MS)..latest.min(end))
    };
    Strike {
        at: Duration::from_millis(at_ms),
        lasts: Duration::from_millis(lasts_ms),
        fault,
        server: rng.random_range(0..SERVERS),
        seed: rng.random(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn a_seed_has_one_schedule_and_all_faults_end_in_time() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..500 {
            let schedule = Schedule::mixed(seed, Fault::value_variants());
            assert_eq!(format!("{schedule:?}"), format!("{:?}", Schedule::mixed(seed, Fault::value_variants())));
            assert!(!schedule.strikes.is_empty());
            for strike in &schedule.strikes {
                assert!(strike.at + strike.lasts <= LAST_FAULT_OVER, "{strike}");
                seen.insert(strike.fault);
            }
        }
        assert_eq!(seen.len(), Fault::value_variants().len(), "every fault is drawn sometimes");
    }
}
