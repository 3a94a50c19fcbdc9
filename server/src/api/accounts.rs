//! `/api/v1/auth`

use crate::{
    http::{
        extract::{Body, Member},
        failure::Answer,
    },
    state::AppState,
};
use app::session;
use axum::{Json, extract::State, response::IntoResponse};
use domain::api::accounts::{LoginRequest, LoginResponse, RegisterRequest, TokenType, User};
use engine::Engine;
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;

pub async fn register(
    State(engine): State<Engine>,
    Body(request): Body<RegisterRequest>,
) -> Answer<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(engine.register(request).await?)))
}

pub async fn login(State(engine): State<Engine>, Body(request): Body<LoginRequest>) -> Answer<Json<LoginResponse>> {
    let session = engine.sign_in(&request.email, &request.password).await?;
    Ok(Json(LoginResponse {
        access_token: session.token.expose_secret().to_owned(),
        token_type: TokenType::Bearer,
        expires_in: session.expires_in_s,
    }))
}

pub async fn me(Member(user): Member) -> Json<User> {
    Json((*user).clone())
}

/// Clears the cookie; a bearer token simply expires.
pub async fn logout(State(state): State<AppState>) -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    if let Some(cookie) = session::end_cookie(state.secure_cookies()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    (StatusCode::NO_CONTENT, headers)
}
