//! `/api/v1/auth` and `/api/v1/users`

use crate::{
    http::{
        authentication::{CurrentAdmin, CurrentUser},
        error_response::HandlerResult,
        json_body::JsonBody,
        same_origin::require_same_origin,
        url_params::PathId,
    },
    state::AppState,
};
use axum::{Extension, Json, extract::State, response::IntoResponse};
use domain::{
    UserId,
    api::accounts::{LoginRequest, LoginResponse, RegisterRequest, TokenType, UpdateUser, User},
};
use engine::Engine;
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;
use web::{client_network::ClientNetwork, session_cookies};

/// `POST /auth/register`: creates an account, without signing in.
pub async fn register(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> HandlerResult<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(engine.accounts.register(request, network.0).await?)))
}

/// `POST /auth/login`: returns a bearer token and sets no cookies.
pub async fn login(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    JsonBody(request): JsonBody<LoginRequest>,
) -> HandlerResult<Json<LoginResponse>> {
    let session = engine.accounts.sign_in(&request.email, &request.password, network.0).await?;
    Ok(Json(LoginResponse {
        access_token: session.token.expose_secret().to_owned(),
        token_type: TokenType::Bearer,
        expires_in: session.expires_in_s,
    }))
}

/// `GET /auth/me`: the user's own account.
pub async fn me(CurrentUser(user): CurrentUser) -> Json<User> {
    Json((*user).clone())
}

/// `PATCH /users/{id}`: sets a user's weight or blocks them, by admins.
pub async fn update(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<UserId>,
    JsonBody(change): JsonBody<UpdateUser>,
) -> HandlerResult<Json<User>> {
    Ok(Json(engine.accounts.update_user(&actor, id, change).await?))
}

/// `POST /auth/logout`: removes the session cookies. A bearer token stays valid until it expires.
pub async fn logout(State(state): State<AppState>, request: HeaderMap) -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    // Browsers send no cookie with a form of another site, but would drop ours if the answer said so. Clients that are not
    // browsers send no origin.
    if !request.contains_key(header::ORIGIN) || require_same_origin(&request, &state.config).is_ok() {
        for cookie in session_cookies::end_cookies(state.secure_cookies()) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    (StatusCode::NO_CONTENT, headers)
}
