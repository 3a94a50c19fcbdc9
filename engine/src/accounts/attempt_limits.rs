//! Limits on sign-ins and registrations, counted in Redis for all processes together.
//!
//! Wrong passwords are counted per account and network, so that a stranger cannot keep an account's owner out by guessing,
//! and, with a higher limit over a longer time, per account from everywhere, of which one network can use up a part only. Each process counts its own as well: without
//! Redis its counts hold. A device that has signed in to the account before has counts of its own, and the others do not
//! concern it.

use crate::{
    engine_config::SignInLimits,
    error::{Error, Result},
    store::{keys::Keys, redis::Redis},
};
use moka::sync::Cache;
use redis::Script;
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use uuid::Uuid;

const MINUTE_MS: u64 = 60_000;
/// Wrong passwords for an account are limited from everywhere together to this many times the limit of one network and
/// minute, in an hour.
const ALL_NETWORKS_FACTOR: u32 = 20;
/// The most that one network can use up of that limit, as a multiple of the limit of one network and minute.
const NETWORK_SHARE_FACTOR: u32 = 4;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Wrong codes of an authenticator app for an account in a day.
const CODES_PER_DAY: u32 = 50;
/// E-mails that an account gets in an hour, and that a network may ask for.
const EMAILS_PER_ACCOUNT: u32 = 3;
const EMAILS_PER_NETWORK: u32 = 30;
/// Counters of this process; beyond this, those that were used least are dropped.
const COUNTERS_MAX: u64 = 100_000;

/// What a network address attempts.
#[derive(Clone, Copy, Debug)]
pub enum AttemptKind {
    /// To sign in.
    SignIn,
    /// To register.
    Register,
}

/// Who types a password for an account.
#[derive(Clone, Copy)]
pub(super) struct Guesser<'a> {
    /// The account, by its id or, if there is none, by the address that was typed.
    pub account: &'a str,
    /// Where the request comes from.
    pub network: IpAddr,
    /// The device, if it has signed in to this account before.
    pub device: Option<Uuid>,
}

/// Counts attempts and refuses those over the limits.
pub(super) struct AttemptLimits {
    limits: SignInLimits,
    redis: Redis,
    keys: Keys,
    count: Script,
    own: OwnCounts,
}

/// A counter of attempts.
#[derive(Clone, Copy)]
struct Counter<'a> {
    kind: &'static str,
    subject: &'a str,
    window_ms: u64,
    limit: u32,
}

impl AttemptLimits {
    pub fn new(limits: SignInLimits, redis: Redis, keys: Keys) -> Self {
        Self { limits, redis, keys, count: Script::new(include_str!("count_attempts.lua")), own: OwnCounts::new() }
    }

    /// Counts an attempt of a network, or fails with `RATE_LIMITED` after too many.
    pub async fn admit(&self, kind: AttemptKind, network: IpAddr) -> Result<()> {
        let (kind, limit) = match kind {
            AttemptKind::SignIn => ("sign_in", self.limits.sign_ins_per_address_per_minute),
            AttemptKind::Register => ("register", self.limits.registrations_per_address_per_minute),
        };
        self.check(Counter { kind, subject: &network.to_string(), window_ms: MINUTE_MS, limit }).await
    }

    /// Counts an e-mail to an address that a network asks for; `false` if the address has got enough. Fails with
    /// `RATE_LIMITED` if the network has asked for too many.
    pub async fn admit_email(&self, address: &str, network: IpAddr) -> Result<bool> {
        let (network, window_ms) = (network.to_string(), HOUR_MS);
        let of_network = Counter { kind: "email_of_network", subject: &network, window_ms, limit: EMAILS_PER_NETWORK };
        self.check(of_network).await?;
        let of_address = Counter { kind: "email", subject: address, window_ms, limit: EMAILS_PER_ACCOUNT };
        Ok(self.check(of_address).await.is_ok())
    }

    /// Counts a guess at an account's password, or fails with `RATE_LIMITED` after too many. Strangers cannot keep the owner
    /// out: a device that has signed in before has its own counts alone, and so has a network that the account has signed in
    /// from, which `is_known` tells.
    pub async fn begin_guess(&self, guesser: Guesser<'_>, is_known: impl Future<Output = bool>) -> Result<()> {
        let source = guesser.source();
        let [burst, share, of_all] = self.guesses(guesser, &source);
        self.check(burst).await?;
        let checked = match self.check(share).await {
            Ok(()) => self.check(of_all).await,
            refused => refused,
        };
        match checked {
            // As many again, from there alone.
            Err(_) if guesser.device.is_none() && is_known.await => {
                self.check(Counter { kind: "failure_of_known", subject: burst.subject, ..of_all }).await
            }
            checked => checked,
        }
    }

    /// Fails with `RATE_LIMITED` if too many guesses were made, without counting one. A remembered sign-in is no guess, but if
    /// it got through while others are refused, guessing could go on.
    pub async fn refuse_if_limited(&self, guesser: Guesser<'_>, is_known: impl Future<Output = bool>) -> Result<()> {
        let source = guesser.source();
        let [burst, share, of_all] = self.guesses(guesser, &source);
        self.refuse_at_limit(burst).await?;
        let checked = match self.refuse_at_limit(share).await {
            Ok(()) => self.refuse_at_limit(of_all).await,
            refused => refused,
        };
        match checked {
            Err(_) if guesser.device.is_none() && is_known.await => Ok(()),
            checked => checked,
        }
    }

    async fn refuse_at_limit(&self, counter: Counter<'_>) -> Result<()> {
        let (count, left_ms) = self.add(counter, 0).await;
        if count >= counter.limit { Err(Error::RateLimited { retry_after_ms: left_ms }) } else { Ok(()) }
    }

    /// Takes a right guess back.
    pub async fn forgive_guess(&self, guesser: Guesser<'_>) {
        let source = guesser.source();
        for counter in self.guesses(guesser, &source) {
            self.add(counter, -1).await;
        }
    }

    /// Counts a code of an authenticator app that is typed for an account, or fails with `RATE_LIMITED` after too many in a
    /// day: there are a million, and whoever tries them knows the password.
    pub async fn begin_code(&self, account: &str) -> Result<()> {
        self.check(Self::codes(account)).await
    }

    /// Takes a right code back.
    pub async fn forgive_code(&self, account: &str) {
        self.add(Self::codes(account), -1).await;
    }

    fn codes(account: &str) -> Counter<'_> {
        Counter { kind: "code", subject: account, window_ms: DAY_MS, limit: CODES_PER_DAY }
    }

    /// What counts a guess: the guesser's own of a minute and of an hour, and those of all devices, or of everybody else.
    fn guesses<'a>(&self, guesser: Guesser<'a>, source: &'a str) -> [Counter<'a>; 3] {
        let of_all = if guesser.device.is_some() { "failure_of_devices" } else { "failure_of_all" };
        let limit = self.limits.failures_per_account_per_minute;
        let [share, all] = [NETWORK_SHARE_FACTOR, ALL_NETWORKS_FACTOR].map(|factor| limit.saturating_mul(factor));
        [
            Counter { kind: "failure", subject: source, window_ms: MINUTE_MS, limit },
            Counter { kind: "failure_share", subject: source, window_ms: HOUR_MS, limit: share },
            Counter { kind: of_all, subject: guesser.account, window_ms: HOUR_MS, limit: all },
        ]
    }

    async fn check(&self, counter: Counter<'_>) -> Result<()> {
        let (count, left_ms) = self.add(counter, 1).await;
        if count > counter.limit { Err(Error::RateLimited { retry_after_ms: left_ms }) } else { Ok(()) }
    }

    /// Adds `step` to a counter and returns it with the milliseconds left of its window.
    async fn add(&self, counter: Counter<'_>, step: i32) -> (u32, u64) {
        let key = self.keys.attempts(counter.kind, counter.subject);
        let own = self.own.add(&key, counter.window_ms, step);
        let mut call = self.count.key(key);
        let call = call.arg(step).arg(counter.window_ms);
        let of_all = self.redis.script::<(u32, u64)>("count_attempts", call).await.unwrap_or(own);
        // Redis may have lost its counts.
        if own.0 > of_all.0 { own } else { of_all }
    }
}

impl Guesser<'_> {
    /// What the guesses are counted by.
    fn source(&self) -> String {
        match self.device {
            Some(device) => format!("{}:{device}", self.account),
            None => format!("{}:{}", self.account, self.network),
        }
    }
}

/// What this process has counted, in windows that start with the first attempt.
struct OwnCounts(Cache<String, (u32, Instant)>);

impl OwnCounts {
    fn new() -> Self {
        let longest = Duration::from_millis(DAY_MS);
        Self(Cache::builder().max_capacity(COUNTERS_MAX).time_to_live(longest).build())
    }

    fn add(&self, key: &str, window_ms: u64, step: i32) -> (u32, u64) {
        let now = Instant::now();
        let window = Duration::from_millis(window_ms);
        let counted = self.0.entry_by_ref(key).and_upsert_with(|present| {
            let present = present.map(moka::Entry::into_value).filter(|(_, since)| now.duration_since(*since) < window);
            let (count, since) = present.unwrap_or((0, now));
            (count.saturating_add_signed(step), since)
        });
        let (count, since) = counted.into_value();
        let left = window.saturating_sub(now.duration_since(since));
        (count, u64::try_from(left.as_millis()).unwrap_or(window_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_counts_in_windows() {
        let own = OwnCounts::new();
        assert_eq!(own.add("a", MINUTE_MS, 1).0, 1);
        assert_eq!(own.add("a", MINUTE_MS, 1).0, 2);
        assert_eq!(own.add("b", MINUTE_MS, 1).0, 1);
        assert_eq!(own.add("a", MINUTE_MS, -1).0, 1);
        assert_eq!(own.add("a", 0, 1).0, 1, "the window is over");
    }
}
