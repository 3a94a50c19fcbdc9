//! All routes, and the middleware around them.

use crate::{
    assets, calendar_file, campaign_chart, csv_exports,
    http::{
        error_response::ErrorResponse,
        fallbacks::{method_not_allowed, not_found},
        idempotent_body::IDEMPOTENCY_KEY,
        request_checks::check_request,
        request_id::{REQUEST_ID, drop_unusable_request_id},
        request_metrics::record_request,
        request_target::check_target,
        security_headers::add_security_headers,
    },
    openapi, page_routes, probes_and_metrics,
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
use http::{HeaderValue, Method, header};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::CorsLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

/// How long browsers may cache the response to a preflight request.
const CORS_MAX_AGE: Duration = Duration::from_hours(1);

/// The whole application.
pub fn router(state: AppState) -> Router {
    let checked = Router::new()
        .merge(openapi::router())
        .route("/ws/{id}", get(websocket::upgrade))
        .method_not_allowed_fallback(method_not_allowed)
        .route("/api/{*rest}", any(not_found))
        .merge(csv_exports::router())
        .merge(calendar_file::router())
        .merge(campaign_chart::router())
        .merge(page_routes::router())
        // One `ServiceBuilder`, not several calls of `Router::layer`: each call boxes the services below it, and every
        // request clones every box.
        .layer(
            ServiceBuilder::new()
                .layer(cors(&state))
                .layer(from_fn_with_state(state.clone(), check_request))
                // The largest limit of all; `JsonBody` has a lower one.
                .layer(RequestBodyLimitLayer::new(FORM_BYTES_MAX)),
        );
    // Only the path is logged: the query of a websocket contains its token.
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request| {
        let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
    });
    // Refusals under overload are counted, not logged one by one; server errors are logged where they occur.
    let trace = trace.on_failure(());
    websocket::register_metrics();
    Router::new()
        .merge(checked)
        .merge(assets::router(&state.config.site_root))
        .merge(probes_and_metrics::router())
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(drop_unusable_request_id))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(trace)
                .layer(from_fn(record_request))
                .layer(from_fn_with_state(state.clone(), add_security_headers))
                .layer(CatchPanicLayer::custom(|_| respond_to_panic()))
                .layer(from_fn(check_target)),
        )
        .with_state(state)
}

/// The routes of the management port.
pub fn management_router(state: AppState) -> Router {
    let headers = from_fn_with_state(state.clone(), add_security_headers);
    probes_and_metrics::router().fallback(not_found).layer(headers).with_state(state)
}

/// The response for a handler that panicked. The panic message itself is on standard error.
fn respond_to_panic() -> Response {
    tracing::error!("a handler panicked");
    ErrorResponse::new(ErrorCode::Internal, "Something went wrong on the server.").into_response()
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
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            IDEMPOTENCY_KEY,
            REQUEST_ID,
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID])
        .max_age(CORS_MAX_AGE)
}
