//! Requests that no route should ever see: refused before anything else looks at them.

use super::{
    error_response::ErrorResponse,
    fallbacks::{method_not_allowed, not_found},
};
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ApiError;
use http::{Method, StatusCode, Version, header};

/// Middleware that refuses a request for a tunnel, without exactly one host, or with dots in place of a path's segment.
pub async fn check_target(request: Request, next: Next) -> Response {
    // This server is no proxy. The target of a tunnel has no path, which routers rely on.
    if request.method() == Method::CONNECT {
        return method_not_allowed().await.into_response();
    }
    // RFC 9112, section 3.2: anything else is 400. HTTP/1.0 knows no hosts.
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() != Version::HTTP_10) {
        let error = ErrorResponse(ApiError::field("", "must have exactly one Host header"));
        return (StatusCode::BAD_REQUEST, error).into_response();
    }
    if request.uri().path().split('/').any(is_dots) {
        return not_found().await.into_response();
    }
    next.run(request).await
}

/// Whether a segment means this folder or the one above. Clients resolve such segments themselves; encoded, they are sent to
/// mislead.
fn is_dots(segment: &str) -> bool {
    segment.len() <= "%2e%2e".len() && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_found_however_they_are_written() {
        for dots in [".", "..", "%2e", "%2E.", ".%2e", "%2e%2E"] {
            assert!(is_dots(dots), "{dots}");
        }
        for name in ["", "...", "a.b", ".well-known", "%2e%2e%2e", "%252e"] {
            assert!(!is_dots(name), "{name}");
        }
    }
}
