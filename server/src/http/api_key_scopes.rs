//! What the scope of an API key allows.

use super::error_response::ErrorResponse;
use domain::{ErrorCode, api::accounts::ApiKeyScope};
use http::{Method, request::Parts};

/// Refuses a request that an API key of this scope is not for.
pub fn check_scope(scope: ApiKeyScope, request: &Parts) -> Result<(), ErrorResponse> {
    if allows(scope, &request.method, request.uri.path()) {
        Ok(())
    } else {
        Err(ErrorResponse::new(ErrorCode::InsufficientScope, "The scope of this API key does not allow that."))
    }
}

fn allows(scope: ApiKeyScope, method: &Method, path: &str) -> bool {
    // Tickets open feeds, which is reading. Everything else about the account is for who is signed in.
    if path == "/api/v1/auth/websocket-ticket" || path == "/api/v1/auth/me" {
        return true;
    }
    if path.starts_with("/api/v1/auth/") {
        return false;
    }
    match (scope, method) {
        (_, &Method::GET | &Method::HEAD | &Method::OPTIONS) => true,
        (ApiKeyScope::Bid, &Method::POST) => path == "/api/v1/bids",
        // Not the forms of pages.
        (ApiKeyScope::Admin, _) => path.starts_with("/api/v1/"),
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
        ] {
            let allowing: Vec<_> =
                [Read, Bid, Admin].into_iter().filter(|scope| allows(*scope, method, path)).collect();
            assert_eq!(allowing, allowed, "{method} {path}");
        }
    }
}
