//! Limits on sign-ins and registrations, counted per minute in Redis for all processes together.
//!
//! Without Redis nothing is counted: refusing everyone would turn a lost cache into an outage, and the request limits
//! of each process still apply.

use crate::{
    engine_config::SignInLimits,
    error::{Error, Result},
    store::{keys::Keys, redis::Redis},
};
use redis::Script;

const WINDOW_MS: u64 = 60_000;

/// What a network address attempts.
#[derive(Clone, Copy, Debug)]
pub enum AttemptKind {
    /// To sign in.
    SignIn,
    /// To register.
    Register,
}

/// Counts attempts and refuses those over the limits.
pub(super) struct AttemptLimits {
    limits: SignInLimits,
    redis: Redis,
    keys: Keys,
    count: Script,
}

impl AttemptLimits {
    pub fn new(limits: SignInLimits, redis: Redis, keys: Keys) -> Self {
        Self { limits, redis, keys, count: Script::new(include_str!("count_attempts.lua")) }
    }

    pub async fn admit(&self, kind: AttemptKind, address: &str) -> Result<()> {
        let (name, limit) = match kind {
            AttemptKind::SignIn => ("sign_in", self.limits.sign_ins_per_address_per_minute),
            AttemptKind::Register => ("register", self.limits.registrations_per_address_per_minute),
        };
        let (attempts, left_ms) = self.count(name, address, 1).await;
        if attempts > limit { Err(Error::RateLimited { retry_after_ms: left_ms }) } else { Ok(()) }
    }

    /// Counts a guess at an account's password, or fails with `RATE_LIMITED` after too many.
    pub async fn begin_guess(&self, account: &str) -> Result<()> {
        let (guesses, left_ms) = self.count("failure", account, 1).await;
        if guesses > self.limits.failures_per_account_per_minute {
            return Err(Error::RateLimited { retry_after_ms: left_ms });
        }
        Ok(())
    }

    /// Takes a right guess back.
    pub async fn forgive_guess(&self, account: &str) {
        self.count("failure", account, -1).await;
    }

    /// Adds `step` to a counter and returns it with the milliseconds left of its window.
    async fn count(&self, kind: &str, subject: &str, step: i32) -> (u32, u64) {
        let mut call = self.count.key(self.keys.attempts(kind, subject));
        let call = call.arg(step).arg(WINDOW_MS);
        self.redis.script("count_attempts", call).await.unwrap_or((0, WINDOW_MS))
    }
}
