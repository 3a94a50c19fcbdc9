//! `/api/v1/auth` and `/api/v1/users`

use crate::{
    http::{
        authentication::{CurrentAdmin, CurrentToken, CurrentUser},
        entity_tags::{IfMatch, Tagged},
        error_response::{ErrorResponse, HandlerResult},
        json_body::JsonBody,
        same_origin::require_same_origin,
        url_params::PathId,
    },
    state::AppState,
};
use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, SessionId, UserId,
    api::accounts::{
        ActiveSessions, ChangePasswordRequest, LoginRequest, LoginResponse, RegisterRequest, TokenType, UpdateUser,
        User,
    },
};
use engine::Engine;
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;
use web::{client_network::ClientNetwork, session_cookies, user_agent::user_agent};

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
    headers: HeaderMap,
    JsonBody(request): JsonBody<LoginRequest>,
) -> HandlerResult<Json<LoginResponse>> {
    let agent = user_agent(&headers);
    let session = engine.accounts.sign_in(&request.email, &request.password, network.0, agent).await?;
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
    IfMatch(precondition): IfMatch,
    JsonBody(change): JsonBody<UpdateUser>,
) -> HandlerResult<Tagged<User>> {
    Ok(Tagged(engine.accounts.update_user_if(&actor, id, change, &precondition).await?))
}

/// `POST /auth/logout`: ends the session and, unless it could not be ended, removes its cookies. A token that is no longer
/// valid is no error.
pub async fn logout(State(state): State<AppState>, request: HeaderMap) -> HandlerResult<Response> {
    // Browsers send no cookie with a form of another site, but would drop ours if the answer said so. Clients that are not
    // browsers send no origin.
    let is_foreign = request.contains_key(header::ORIGIN) && require_same_origin(&request, &state.config).is_err();
    let cookie = session_cookies::cookie_token(&request).filter(|_| !is_foreign);
    for token in session_cookies::bearer_token(&request).into_iter().chain(cookie) {
        match state.engine.accounts.sign_out(&token).await.map_err(ErrorResponse::from) {
            Err(error) if error.0.code != ErrorCode::InvalidToken => return Err(error),
            _ => {}
        }
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if !is_foreign {
        for cookie in session_cookies::end_cookies(state.secure_cookies()) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// `GET /auth/sessions`: what the user is signed in on, newest first.
pub async fn sessions(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<Json<ActiveSessions>> {
    let sessions = engine.accounts.active_sessions(&token).await?;
    Ok(Json(ActiveSessions { total: sessions.len(), sessions }))
}

/// `DELETE /auth/sessions/{id}`: signs the user out of one session.
pub async fn end_session(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
    PathId(id): PathId<SessionId>,
) -> HandlerResult<StatusCode> {
    engine.accounts.end_session(&token, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /auth/sessions`: signs the user out of all sessions but the one of this request.
pub async fn end_other_sessions(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<StatusCode> {
    engine.accounts.end_other_sessions(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /auth/password`: changes the user's password and ends their other sessions.
pub async fn change_password(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    CurrentToken(token): CurrentToken,
    JsonBody(request): JsonBody<ChangePasswordRequest>,
) -> HandlerResult<StatusCode> {
    engine.accounts.change_password(&token, request, network.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
