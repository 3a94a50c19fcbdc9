//! Health probes and metrics, for load balancers, orchestrators and Prometheus. They bypass the request checks.

use crate::{
    http::{
        error_response::{ErrorResponse, HandlerResult},
        fallbacks::method_not_allowed,
    },
    state::AppState,
};
use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use domain::ErrorCode;
use http::{StatusCode, header};
use prometheus::TextEncoder;
use serde_json::{Value, json};

/// The routes of probes and metrics.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/health", get(health))
        .route("/healthz", get(liveness))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The process is up.
async fn health() -> Json<Value> {
    Json(json!({ "status": "healthy" }))
}

/// The process responds at all; if it does not, an orchestrator should restart it.
async fn liveness() -> &'static str {
    "alive"
}

/// Whether the process can serve new clients: PostgreSQL is reachable with the right schema, connections are left, and no
/// shutdown has begun. Redis is reported but not required: without it, responses are only slower.
async fn readiness(State(state): State<AppState>) -> impl IntoResponse {
    let health = state.health.get(&state.engine).await;
    let draining = state.shutdown.is_draining();
    let full = state.connections.is_nearly_full();
    let ready = health.database && health.migrated && !full && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "database": health.database,
        "migrated": health.migrated,
        "redis": health.redis,
        "full": full,
        "draining": draining,
    });
    (status, Json(body))
}

/// The metrics in Prometheus' text format.
async fn metrics(State(state): State<AppState>) -> HandlerResult<impl IntoResponse> {
    state.connections.export();
    let text = TextEncoder::new()
        .encode_to_string(&prometheus::gather())
        .map_err(|_| ErrorResponse::new(ErrorCode::Internal, "The metrics could not be written."))?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}
