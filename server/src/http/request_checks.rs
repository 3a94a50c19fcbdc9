//! The checks that every request passes before its handler, except those for health, metrics and static files.

use super::{
    api_key_scopes::check_scope,
    authentication::{Identity, identify},
    body_limit::check_content_length,
    client_address::client_address,
    error_response::ErrorResponse,
    page_forms::{calls_server_function, refuse},
    response_timeout::respond_in_time,
    same_origin::require_same_origin,
    sign_in_requests::attempt_kind,
};
use crate::state::AppState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{Method, request::Parts};
use web::client_network::ClientNetwork;

/// Middleware that refuses a request or passes it on with its sender's [`Identity`] and [`ClientNetwork`].
pub async fn check_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match check(&state, &parts).await {
        Ok((identity, network)) => {
            parts.extensions.insert(identity);
            parts.extensions.insert(network);
            respond_in_time(next.run(Request::from_parts(parts, body))).await
        }
        Err(error) => refuse(&parts, error),
    }
}

/// Runs the checks in order; the first that fails decides the response.
async fn check(state: &AppState, request: &Parts) -> Result<(Identity, ClientNetwork), ErrorResponse> {
    let network = ClientNetwork::of(client_address(request, &state.config));
    state.rate_limits.check_network(network)?;
    check_content_length(request)?;
    if let Some(kind) = attempt_kind(request) {
        state.engine.accounts.admit_attempt(kind, network.0).await?;
    }
    let identity = identify(&state.engine, &request.headers).await;
    if let Ok(Some(user)) = &identity.user {
        state.rate_limits.check_user(user.user_id)?;
    }
    check_scope(&state.engine, &identity, request)?;
    let is_safe = matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
    // Server functions are for our own pages even without a cookie: another site must not be able to sign a visitor in.
    if !is_safe && (identity.by_cookie || calls_server_function(request)) {
        require_same_origin(&request.headers, &state.config)?;
    }
    Ok((identity, network))
}
