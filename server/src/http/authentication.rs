//! Who sent a request: identified once per request by its token, then extracted by handlers.

use super::error_response::ErrorResponse;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{
    ApiError, ErrorCode,
    api::accounts::{ApiKeyScope, User},
};
use engine::{Engine, require_admin};
use http::{HeaderMap, request::Parts};
use std::{convert::Infallible, sync::Arc};
use web::session_cookies;

/// The sender of a request according to its token. The request checks attach it to every request that they pass.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user; `None` without a token, an error if the token is not valid.
    pub user: Result<Option<Arc<User>>, ApiError>,
    /// What the token is for, if it is that of an API key.
    pub scope: Option<ApiKeyScope>,
    /// Whether the token came in a cookie, which browsers attach to requests from any site.
    pub by_cookie: bool,
}

/// Identifies the sender by a bearer token or, without one, by the session cookie.
pub async fn identify(engine: &Engine, headers: &HeaderMap) -> Identity {
    let Some((token, by_cookie)) = session_cookies::token(headers) else {
        return Identity { user: Ok(None), scope: None, by_cookie: false };
    };
    match engine.accounts.identify(&token).await {
        Ok((user, session)) => Identity { user: Ok(Some(user)), scope: session.scope, by_cookie },
        Err(error) => Identity { user: Err(ErrorResponse::from(error).0), scope: None, by_cookie },
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// The signed-in user; 401 without one.
pub struct CurrentUser(pub Arc<User>);

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let identity = parts.extensions.get::<Identity>().map(|identity| identity.user.clone());
        match identity {
            Some(Ok(Some(user))) => Ok(Self(user)),
            Some(Err(error)) => Err(ErrorResponse(error)),
            Some(Ok(None)) | None => Err(ErrorResponse::new(ErrorCode::NotAuthenticated, "Please sign in to do this.")),
        }
    }
}

/// The token of the signed-in user; 401 without one.
pub struct CurrentToken(pub String);

impl<S: Sync> FromRequestParts<S> for CurrentToken {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        CurrentUser::from_request_parts(parts, state).await?;
        let token = session_cookies::token(&parts.headers).map(|(token, _)| token);
        // There is no user without a token.
        Ok(Self(token.unwrap_or_default()))
    }
}

/// The signed-in admin; 401 without a user, 403 for other users.
pub struct CurrentAdmin(pub Arc<User>);

impl<S: Sync> FromRequestParts<S> for CurrentAdmin {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let CurrentUser(user) = CurrentUser::from_request_parts(parts, state).await?;
        require_admin(&user)?;
        Ok(Self(user))
    }
}
