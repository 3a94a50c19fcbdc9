//! The health of the stores, cached so that probes cost them nothing however many ask.

use engine::{Engine, Health};
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// For how long one answer of the stores is shared.
const TTL: Duration = Duration::from_millis(500);

/// The last answer. Locked while the stores are being asked, so that concurrent probes share one question.
#[derive(Default)]
pub struct CachedHealth(Mutex<Option<(Instant, Health)>>);

impl CachedHealth {
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
