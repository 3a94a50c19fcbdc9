//! The gate every request but the health checks goes through: limits, who is asking, and whether
//! a browser's request comes from our own pages.

use super::{client::client_address, failure::Failure, origin::is_same_origin};
use crate::state::AppState;
use app::session;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{ApiError, ErrorCode, api::accounts::User, limits};
use engine::AttemptKind;
use http::{HeaderMap, Method, header, request::Parts};
use std::{sync::Arc, time::Duration};

/// No answer takes longer to begin.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the forms of our pages post to.
const UI_PATH: &str = "/api/ui/";
/// Where admins' forms do, to be reviewed.
const ADMIN_PATH: &str = "/admin/";

/// Who sent a request, as the gate found out.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user; `None` without a token; an error if the token is no good.
    pub user: Result<Option<Arc<User>>, ApiError>,
    /// Whether the token came by cookie, which browsers send by themselves.
    pub by_cookie: bool,
}

/// The middleware.
pub async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match check(&state, &parts).await {
        Ok(identity) => {
            parts.extensions.insert(identity);
            let request = Request::from_parts(parts, body);
            tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
                Failure::new(ErrorCode::Unavailable, "The answer took too long; please try again.").into_response()
            })
        }
        Err(failure) => refuse(&parts, failure),
    }
}

/// The refusal: for a plain form of our pages a way back to its page, for all others the error.
fn refuse(request: &Parts, failure: Failure) -> Response {
    match is_form(request).then(|| app::refused_form_url(&request.headers, &failure.0)).flatten() {
        Some(address) => {
            failure.count();
            Redirect::to(&address).into_response()
        }
        None => failure.into_response(),
    }
}

/// Whether this is a form of our pages.
fn is_form(request: &Parts) -> bool {
    let path = request.uri.path();
    request.method == Method::POST && (path.starts_with(UI_PATH) || path.starts_with(ADMIN_PATH))
}

async fn check(state: &AppState, request: &Parts) -> Result<Identity, Failure> {
    let address = client_address(request, &state.config);
    state.limits.admit_address(address)?;
    let bytes_max = if is_form(request) { limits::FORM_BYTES_MAX } else { limits::BODY_BYTES_MAX };
    if content_length(&request.headers).is_some_and(|length| length > bytes_max as u64) {
        return Err(Failure::new(ErrorCode::PayloadTooLarge, "The body is too large."));
    }
    if let Some(kind) = attempt(request) {
        state.engine.accounts.admit_attempt(kind, &address.to_string()).await?;
    }
    let identity = identify(state, &request.headers).await;
    if let Ok(Some(user)) = &identity.user {
        state.limits.admit_user(user.user_id)?;
    }
    let is_safe = matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
    // Forms of our pages are for our pages only, sign-in included: nobody may sign a visitor in.
    let from_page = identity.by_cookie || request.uri.path().starts_with(UI_PATH);
    if !is_safe && from_page && !is_same_origin(&request.headers, &state.config) {
        return Err(Failure::new(ErrorCode::CrossOrigin, "This request came from another site."));
    }
    Ok(identity)
}

async fn identify(state: &AppState, headers: &HeaderMap) -> Identity {
    let (token, by_cookie) = match session::bearer_token(headers) {
        Some(token) => (Some(token), false),
        None => (session::cookie_token(headers), true),
    };
    let Some(token) = token else { return Identity { user: Ok(None), by_cookie: false } };
    let user = state.engine.accounts.authenticate(&token).await;
    Identity { user: user.map(Some).map_err(|error| Failure::from(error).0), by_cookie }
}

fn attempt(request: &Parts) -> Option<AttemptKind> {
    if request.method != Method::POST {
        return None;
    }
    match request.uri.path() {
        "/api/v1/auth/login" | "/api/ui/sign_in" => Some(AttemptKind::SignIn),
        "/api/v1/auth/register" | "/api/ui/register" => Some(AttemptKind::Register),
        _ => None,
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
