//! Request limits of this process, per user and per address.

use crate::config::ServerConfig;
use domain::{ApiError, ErrorCode, UserId};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often limiters forget keys that are back at rest.
const CLEAN_EVERY: Duration = Duration::from_mins(1);

/// The limiters.
pub struct RateLimits {
    users: DefaultKeyedRateLimiter<UserId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    pub fn new(config: &ServerConfig) -> Self {
        let quota = |per_second| Quota::per_second(NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN));
        Self {
            users: RateLimiter::keyed(quota(config.user_requests_per_second)),
            addresses: RateLimiter::keyed(quota(config.address_requests_per_second)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a user.
    pub fn admit_user(&self, user: UserId) -> Result<(), ApiError> {
        self.admit(&self.users, &user)
    }

    /// Counts a request of an address.
    pub fn admit_address(&self, address: IpAddr) -> Result<(), ApiError> {
        self.admit(&self.addresses, &address)
    }

    /// Lets the limiters forget, so that memory stays flat.
    pub fn spawn_cleaner(self: &Arc<Self>, stop: CancellationToken) {
        let limits = self.clone();
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(CLEAN_EVERY).await;
                limits.users.retain_recent();
                limits.addresses.retain_recent();
            }
        }));
    }

    fn admit<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), ApiError> {
        limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            let retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
            ApiError {
                retry_after_ms: Some(retry_after_ms),
                ..ApiError::new(ErrorCode::RateLimited, "Too many requests; please slow down.")
            }
        })
    }
}
