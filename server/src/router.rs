//! All routes, and what every request passes through on its way to them.

use crate::{
    api, assets, exports,
    http::{admission, failure::Failure, headers, metrics},
    pages,
    state::AppState,
    websocket,
};
use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use domain::{ErrorCode, limits::FORM_BYTES_MAX};
use http::{HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::CorsLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long browsers may remember what the API allows other sites.
const CORS_MAX_AGE: Duration = Duration::from_hours(1);

/// The whole application.
pub fn router(state: AppState) -> Router {
    let gated = Router::new()
        .nest("/api/v1", api::router())
        .route("/ws/{id}", get(websocket::upgrade))
        .method_not_allowed_fallback(api::method_not_allowed)
        .route("/api/{*rest}", any(api::not_found))
        .merge(exports::router())
        .merge(pages::router())
        // One stack, not layer by layer: each `Router::layer` boxes what is below it, and a boxed stack
        // is cloned anew at every level of every request.
        .layer(
            ServiceBuilder::new()
                .layer(cors(&state))
                .layer(from_fn_with_state(state.clone(), admission::admit))
                // The largest of all; the API takes less, where it reads a body.
                .layer(RequestBodyLimitLayer::new(FORM_BYTES_MAX)),
        );
    // The path only: a websocket's query carries its token.
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request| {
        let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
    });
    // Refusals under overload are counted, not logged one by one; what is a fault is logged where it happens.
    let trace = trace.on_failure(());
    metrics::register();
    Router::new()
        .merge(gated)
        .merge(assets::router(&state.config.site_root))
        .merge(api::health_router())
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(trace)
                .layer(from_fn(metrics::measure))
                .layer(from_fn(headers::secure))
                .layer(CatchPanicLayer::custom(|_| panicked())),
        )
        .with_state(state)
}

/// The answer of a handler that panicked. What it said went to standard error.
fn panicked() -> Response {
    tracing::error!("a handler panicked");
    Failure::new(ErrorCode::Internal, "Something went wrong on the server.").into_response()
}

fn cors(state: &AppState) -> CorsLayer {
    let origins: Vec<HeaderValue> = state
        .config
        .cors_origins
        .iter()
        .filter_map(|origin| origin.trim().trim_end_matches('/').parse().ok())
        .collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PATCH])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER, REQUEST_ID])
        .max_age(CORS_MAX_AGE)
}
