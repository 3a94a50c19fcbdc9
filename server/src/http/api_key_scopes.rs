//! What the scope of an API key allows.

use super::{authentication::Identity, error_response::ErrorResponse};
use domain::{ErrorCode, api::accounts::ApiKeyScope};
use engine::Engine;
use http::{Method, request::Parts};
use web::session_cookies;

/// Refuses a request with an API key that is not for it, or that is in a cookie, where sessions are.
pub fn check_scope(engine: &Engine, identity: &Identity, request: &Parts) -> Result<(), ErrorResponse> {
    let in_header = identity.scope.filter(|_| !identity.by_cookie);
    let is_allowed = in_header.is_none_or(|scope| allows(scope, &request.method, request.uri.path()));
    if is_allowed && !has_key_in_cookie(engine, request) {
        Ok(())
    } else {
        Err(ErrorResponse::new(ErrorCode::InsufficientScope, "An API key of this scope is not for that."))
    }
}

fn has_key_in_cookie(engine: &Engine, request: &Parts) -> bool {
    let token = session_cookies::cookie_token(&request.headers);
    token.is_some_and(|token| engine.accounts.token_session(&token).is_ok_and(|session| session.scope.is_some()))
}

fn allows(scope: ApiKeyScope, method: &Method, path: &str) -> bool {
    if path.starts_with("/ws/") {
        return true;
    }
    // Not the pages and their forms: those are for who is signed in.
    let Some(resource) = path.strip_prefix("/api/v1/") else { return false };
    if resource.starts_with("auth/") {
        // A ticket opens feeds, which is reading. Everything else about the account is for who is signed in.
        return matches!(resource, "auth/me" | "auth/websocket-ticket");
    }
    match (scope, method) {
        (_, &Method::GET | &Method::HEAD | &Method::OPTIONS) | (ApiKeyScope::Admin, _) => true,
        (ApiKeyScope::Bid, &Method::POST) => resource == "bids",
        (ApiKeyScope::Read | ApiKeyScope::Bid, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_says() {
        use ApiKeyScope::{Admin, Bid, Read};
        let (get, post, patch, put) = (Method::GET, Method::POST, Method::PATCH, Method::PUT);
        for (method, path, allowed) in [
            (&get, "/api/v1/orders", &[Read, Bid, Admin][..]),
            (&get, "/api/v1/auth/me", &[Read, Bid, Admin]),
            (&post, "/api/v1/auth/websocket-ticket", &[Read, Bid, Admin]),
            (&post, "/api/v1/bids", &[Bid, Admin]),
            (&post, "/api/v1/campaigns", &[Admin]),
            (&patch, "/api/v1/users/x", &[Admin]),
            (&put, "/api/v1/auth/password", &[]),
            (&get, "/api/v1/auth/sessions", &[]),
            (&post, "/api/v1/auth/api-keys", &[]),
            (&post, "/api/v1/auth/logout", &[]),
            (&post, "/api/ui/place_bid", &[]),
            (&get, "/profile", &[]),
            (&get, "/admin/audit.csv", &[]),
            (&get, "/ws/x", &[Read, Bid, Admin]),
        ] {
            let allowing: Vec<_> =
                [Read, Bid, Admin].into_iter().filter(|scope| allows(*scope, method, path)).collect();
            assert_eq!(allowing, allowed, "{method} {path}");
        }
    }
}
