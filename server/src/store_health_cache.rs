//! The health of PostgreSQL and Redis, cached so that any number of probes costs them at most one check at a time.

use engine::{Engine, Health};
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// How long a result is reused.
const TTL: Duration = Duration::from_millis(500);

/// The last result and its time. Locked during a check, so that concurrent probes wait for one check and share its
/// result.
#[derive(Default)]
pub struct StoreHealth(Mutex<Option<(Instant, Health)>>);

impl StoreHealth {
    /// The health of the stores, at most half a second old.
    pub async fn get(&self, engine: &Engine) -> Health {
        let mut last = self.0.lock().await;
        if let Some((at, health)) = *last
            && at.elapsed() < TTL
        {
            return health;
        }
        let health = engine.health().await;
        *last = Some((Instant::now(), health));
        health
    }
}
