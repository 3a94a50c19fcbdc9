//! What monitors and orchestrators ask.

use crate::{
    http::failure::{Answer, Failure},
    state::AppState,
};
use axum::{Json, extract::State, response::IntoResponse};
use domain::ErrorCode;
use engine::{Engine, Health};
use http::{StatusCode, header};
use prometheus::TextEncoder;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// For how long one look at the stores is shared, so that asking costs them nothing however many ask.
const LOOK_TTL: Duration = Duration::from_millis(500);

/// The last look at the stores. Held while they are being asked, so that all who come meanwhile
/// wait for the same answer.
#[derive(Default)]
pub struct LastLook(Mutex<Option<(Instant, Health)>>);

/// The process is up.
pub async fn health() -> Json<Value> {
    Json(json!({ "status": "healthy" }))
}

/// The process is alive: it answers at all.
pub async fn alive() -> &'static str {
    "alive"
}

/// The process can serve: PostgreSQL is there with the right schema, and it has not been told to
/// stop. Redis is reported but not required: without it the answers only come slower.
pub async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let health = state.last_look.health(&state.engine).await;
    let draining = state.lifecycle.is_draining();
    let ready = health.database && health.migrated && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "database": health.database,
        "migrated": health.migrated,
        "redis": health.redis,
        "draining": draining,
    });
    (status, Json(body))
}

impl LastLook {
    async fn health(&self, engine: &Engine) -> Health {
        let mut last = self.0.lock().await;
        if let Some((at, health)) = *last
            && at.elapsed() < LOOK_TTL
        {
            return health;
        }
        let health = engine.health().await;
        *last = Some((Instant::now(), health));
        health
    }
}

/// Metrics in Prometheus' text format.
pub async fn metrics() -> Answer<impl IntoResponse> {
    let text = TextEncoder::new()
        .encode_to_string(&prometheus::gather())
        .map_err(|_| Failure::new(ErrorCode::Internal, "The metrics could not be written."))?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}
