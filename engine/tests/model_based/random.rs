//! Seeded random numbers, so that every run can be repeated.
//!
//! `GAVEL_ORACLE_SEED` sets the seed of the random histories, `GAVEL_ORACLE_STEPS` their length.

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use std::{
    fmt::Display,
    hash::{BuildHasher, Hasher, RandomState},
    str::FromStr,
};

/// A fixed algorithm, so that a seed yields the same history with every version of `rand`.
pub type TestRng = Xoshiro256PlusPlus;

/// The seed in the environment, or a random one.
pub fn any_seed() -> u64 {
    from_environment("GAVEL_ORACLE_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

/// The number of steps in the environment, or the default.
pub fn steps(default: usize) -> usize {
    from_environment("GAVEL_ORACLE_STEPS").unwrap_or(default)
}

pub fn from_seed(seed: u64) -> TestRng {
    TestRng::seed_from_u64(seed)
}

fn from_environment<T: FromStr<Err: Display>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

/// Prints the seed and the last steps if the test fails.
pub struct StepLog {
    seed: u64,
    lines: Vec<String>,
}

impl StepLog {
    pub fn new(seed: u64) -> Self {
        eprintln!("GAVEL_ORACLE_SEED={seed}");
        Self { seed, lines: Vec::new() }
    }

    pub fn push(&mut self, line: String) {
        self.lines.push(line);
    }
}

impl Drop for StepLog {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self.lines.len().saturating_sub(25);
            eprintln!("failed with GAVEL_ORACLE_SEED={} in step {}; the last steps:", self.seed, self.lines.len());
            for (n, line) in self.lines.iter().enumerate().skip(last) {
                eprintln!("{:5}  {line}", n + 1);
            }
        }
    }
}
