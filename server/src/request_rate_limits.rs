//! Rate limits of requests, per user and per network. Each process counts on its own.

use crate::config::ServerConfig;
use domain::{ApiError, ErrorCode, UserId};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use std::{hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use web::client_network::ClientNetwork;

/// How often users and networks without recent requests are removed.
const CLEANUP_INTERVAL: Duration = Duration::from_mins(1);

/// The rate limiters for users and networks.
pub struct RateLimits {
    users: DefaultKeyedRateLimiter<UserId>,
    networks: DefaultKeyedRateLimiter<ClientNetwork>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Limiters with the configured quotas.
    pub fn new(config: &ServerConfig) -> Self {
        let quota = |per_second| Quota::per_second(NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN));
        Self {
            users: RateLimiter::keyed(quota(config.user_requests_per_second)),
            networks: RateLimiter::keyed(quota(config.address_requests_per_second)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a user; `RATE_LIMITED` if there were too many.
    pub fn check_user(&self, user: UserId) -> Result<(), ApiError> {
        self.check(&self.users, &user)
    }

    /// Counts a request from a network; `RATE_LIMITED` if there were too many.
    pub fn check_network(&self, network: ClientNetwork) -> Result<(), ApiError> {
        self.check(&self.networks, &network)
    }

    /// Starts the task that removes idle users and networks, so that memory use stays bounded.
    pub fn spawn_cleanup(self: &Arc<Self>, stop: CancellationToken) {
        let limits = self.clone();
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(CLEANUP_INTERVAL).await;
                limits.users.retain_recent();
                limits.networks.retain_recent();
            }
        }));
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), ApiError> {
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
