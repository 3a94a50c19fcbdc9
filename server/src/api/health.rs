//! What monitors and orchestrators ask.

use crate::{
    http::failure::{Answer, Failure},
    state::AppState,
};
use axum::{Json, extract::State, response::IntoResponse};
use domain::ErrorCode;
use http::{StatusCode, header};
use prometheus::TextEncoder;
use serde_json::{Value, json};

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
    let health = state.health.get(&state.engine).await;
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

/// Metrics in Prometheus' text format.
pub async fn metrics() -> Answer<impl IntoResponse> {
    let text = TextEncoder::new()
        .encode_to_string(&prometheus::gather())
        .map_err(|_| Failure::new(ErrorCode::Internal, "The metrics could not be written."))?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}
