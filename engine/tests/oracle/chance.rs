//! Seeds: every run can be repeated.
//!
//! `GAVEL_ORACLE_SEED` chooses the seed of the random histories, `GAVEL_ORACLE_STEPS` their length.

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use std::{
    fmt::Display,
    hash::{BuildHasher, Hasher, RandomState},
    str::FromStr,
};

/// The generator: named, so that a seed means the same history with every version.
pub type Chance = Xoshiro256PlusPlus;

/// The seed of the environment, or one that nobody chose.
pub fn any_seed() -> u64 {
    from_environment("GAVEL_ORACLE_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

/// The number of steps of the environment, or the usual one.
pub fn steps(usual: usize) -> usize {
    from_environment("GAVEL_ORACLE_STEPS").unwrap_or(usual)
}

pub fn from_seed(seed: u64) -> Chance {
    Chance::seed_from_u64(seed)
}

fn from_environment<T: FromStr<Err: Display>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

/// Says where a history stood if the test fails.
pub struct Log {
    seed: u64,
    lines: Vec<String>,
}

impl Log {
    pub fn new(seed: u64) -> Self {
        eprintln!("GAVEL_ORACLE_SEED={seed}");
        Self { seed, lines: Vec::new() }
    }

    pub fn push(&mut self, line: String) {
        self.lines.push(line);
    }
}

impl Drop for Log {
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
