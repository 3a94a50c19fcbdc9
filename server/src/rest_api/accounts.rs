//! `/api/v1/auth` and `/api/v1/users`

use crate::{
    http::{
        authentication::{CurrentAdmin, CurrentToken, CurrentUser},
        entity_tags::{IfMatch, IfMatchParam, Tagged},
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
        ActiveSessions, ApiKeyList, ChangePasswordRequest, CreateApiKey, EraseRequest, LoginRequest, LoginResponse,
        NewApiKey, PersonalData, RegisterRequest, TokenType, UpdateUser, User, WebsocketTicket,
    },
};
use engine::{Engine, Error, SignInSource};
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;
use web::{client_network::ClientNetwork, session_cookies, user_agent::user_agent};

/// Creates an account, without signing in.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "Accounts",
    operation_id = "register",
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The account.", body = User),
        (status = 400, description = "`EMAIL_TAKEN`"),
    ),
)]
pub async fn register(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> HandlerResult<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(engine.accounts.register(request, network.0).await?)))
}

/// Returns a bearer token and sets no cookies.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "Accounts",
    operation_id = "signIn",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "The token.", body = LoginResponse),
        (status = 401, description = "`BAD_CREDENTIALS`, `CODE_REQUIRED`"),
        (status = 403, description = "`ACCOUNT_INACTIVE`"),
    ),
)]
pub async fn login(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<LoginRequest>,
) -> HandlerResult<Json<LoginResponse>> {
    let source = SignInSource { user_agent: user_agent(&headers), ..SignInSource::at(network.0) };
    let session = match engine.accounts.sign_in(&request.email, &request.password, source).await {
        Err(Error::CodeRequired { proof }) if request.code.is_some() => {
            let code = request.code.unwrap_or_default();
            engine.accounts.sign_in_with_code(proof.expose_secret(), &code, source).await?
        }
        session => session?,
    };
    Ok(Json(LoginResponse {
        access_token: session.token.expose_secret().to_owned(),
        token_type: TokenType::Bearer,
        expires_in: session.expires_in_s,
    }))
}

/// The user's own account.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "Accounts",
    operation_id = "getMe",
    responses(
        (status = 200, description = "The account.", body = User),
    ),
    security(("token" = [])),
)]
pub async fn me(CurrentUser(user): CurrentUser) -> Json<User> {
    Json((*user).clone())
}

/// Sets a user's weight or blocks them. For admins.
#[utoipa::path(
    patch,
    path = "/users/{id}",
    tag = "Accounts",
    operation_id = "updateUser",
    params(("id" = UserId, Path, description = "The user's id."), IfMatchParam),
    request_body = UpdateUser,
    responses(
        (status = 200, description = "The account after the edit.", body = User, headers(("ETag" = String))),
        (status = 404, description = "`NOT_FOUND`"),
        (status = 412, description = "`STALE`"),
    ),
    security(("token" = ["admin"])),
)]
pub async fn update(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<UserId>,
    IfMatch(precondition): IfMatch,
    JsonBody(change): JsonBody<UpdateUser>,
) -> HandlerResult<Tagged<User>> {
    Ok(Tagged(engine.accounts.update_user_if(&actor, id, change, &precondition).await?))
}

/// Ends the session and, unless it could not be ended, removes its cookies. A token that is no longer
/// valid is no error.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    operation_id = "signOut",
    responses(
        (status = 204, description = "The session has ended, or there was none."),
    ),
    security((), ("token" = [])),
)]
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

/// What the user is signed in on, newest first.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "Accounts",
    operation_id = "listSessions",
    responses(
        (status = 200, description = "The open sessions.", body = ActiveSessions),
    ),
    security(("token" = [])),
)]
pub async fn sessions(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<Json<ActiveSessions>> {
    let sessions = engine.accounts.active_sessions(&token).await?;
    Ok(Json(ActiveSessions { total: sessions.len(), sessions }))
}

/// Signs the user out of one session.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    tag = "Accounts",
    operation_id = "endSession",
    params(("id" = SessionId, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 404, description = "`NOT_FOUND`"),
    ),
    security(("token" = [])),
)]
pub async fn end_session(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
    PathId(id): PathId<SessionId>,
) -> HandlerResult<StatusCode> {
    engine.accounts.end_session(&token, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs the user out of all sessions but the one of this request.
#[utoipa::path(
    delete,
    path = "/auth/sessions",
    tag = "Accounts",
    operation_id = "endOtherSessions",
    responses(
        (status = 204, description = "The other sessions have ended."),
    ),
    security(("token" = [])),
)]
pub async fn end_other_sessions(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<StatusCode> {
    engine.accounts.end_other_sessions(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the user's password and ends their other sessions.
#[utoipa::path(
    put,
    path = "/auth/password",
    tag = "Accounts",
    operation_id = "changePassword",
    request_body = ChangePasswordRequest,
    responses(
        (status = 204, description = "The new password is valid."),
    ),
    security(("token" = [])),
)]
pub async fn change_password(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    CurrentToken(token): CurrentToken,
    JsonBody(request): JsonBody<ChangePasswordRequest>,
) -> HandlerResult<StatusCode> {
    engine.accounts.change_password(&token, request, network.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is stored about the user: account, sessions, API keys, bids and orders.
#[utoipa::path(
    get,
    path = "/auth/data",
    tag = "Accounts",
    operation_id = "exportMyData",
    responses(
        (status = 200, description = "The data.", body = PersonalData),
    ),
    security(("token" = [])),
)]
pub async fn data(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<Json<PersonalData>> {
    Ok(Json(engine.personal_records.export(&token).await?))
}

/// Erases the user: name, address, password, sessions and API keys. Bids and orders stay, under a pseudonym.
#[utoipa::path(
    post,
    path = "/auth/erase",
    tag = "Accounts",
    operation_id = "eraseMe",
    request_body = EraseRequest,
    responses(
        (status = 204, description = "The user is erased."),
        (status = 409, description = "`CONFLICT`: an admin, or a bid of theirs is in a campaign that has not ended."),
    ),
    security(("token" = [])),
)]
pub async fn erase(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    CurrentToken(token): CurrentToken,
    JsonBody(request): JsonBody<EraseRequest>,
) -> HandlerResult<StatusCode> {
    engine.accounts.erase(&token, &request.password, network.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What opens a websocket of the session for half a minute, in place of the token.
#[utoipa::path(
    post,
    path = "/auth/websocket-ticket",
    tag = "Accounts",
    operation_id = "createWebsocketTicket",
    responses(
        (status = 200, description = "The ticket.", body = WebsocketTicket),
    ),
    security(("token" = [])),
)]
pub async fn websocket_ticket(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<Json<WebsocketTicket>> {
    let (ticket, expires_in) = engine.accounts.websocket_ticket(&token)?;
    Ok(Json(WebsocketTicket { ticket: ticket.expose_secret().to_owned(), expires_in }))
}

/// The user's open API keys, newest first.
#[utoipa::path(
    get,
    path = "/auth/api-keys",
    tag = "Accounts",
    operation_id = "listApiKeys",
    responses(
        (status = 200, description = "The keys, without their tokens.", body = ApiKeyList),
    ),
    security(("token" = [])),
)]
pub async fn api_keys(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
) -> HandlerResult<Json<ApiKeyList>> {
    let keys = engine.accounts.api_keys(&token).await?;
    Ok(Json(ApiKeyList { total: keys.len(), keys }))
}

/// Creates an API key. Its token is in this answer only.
#[utoipa::path(
    post,
    path = "/auth/api-keys",
    tag = "Accounts",
    operation_id = "createApiKey",
    request_body = CreateApiKey,
    responses(
        (status = 201, description = "The key and its token.", body = NewApiKey),
        (status = 409, description = "`CONFLICT`: the user has 20 keys, or has created 100 within a day."),
    ),
    security(("token" = [])),
)]
pub async fn create_api_key(
    State(engine): State<Engine>,
    Extension(network): Extension<ClientNetwork>,
    CurrentToken(token): CurrentToken,
    JsonBody(request): JsonBody<CreateApiKey>,
) -> HandlerResult<(StatusCode, Json<NewApiKey>)> {
    Ok((StatusCode::CREATED, Json(engine.accounts.create_api_key(&token, request, network.0).await?)))
}

/// Revokes an API key.
#[utoipa::path(
    delete,
    path = "/auth/api-keys/{id}",
    tag = "Accounts",
    operation_id = "revokeApiKey",
    params(("id" = SessionId, Path, description = "The key's id.")),
    responses(
        (status = 204, description = "The key is revoked."),
        (status = 404, description = "`NOT_FOUND`"),
    ),
    security(("token" = [])),
)]
pub async fn revoke_api_key(
    State(engine): State<Engine>,
    CurrentToken(token): CurrentToken,
    PathId(id): PathId<SessionId>,
) -> HandlerResult<StatusCode> {
    engine.accounts.revoke_api_key(&token, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
