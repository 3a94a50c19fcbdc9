//! What all responses have in common: security headers, request ids, and errors in JSON.

use crate::support::{Server, send};
use http::{HeaderName, Method, header};
use serde_json::json;

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = Server::start().await;
    for path in ["/health", "/metrics", "/api/v1/products", "/api/v1/nothing", "/pkg/nothing.js"] {
        let response = server.anonymous().get(path).await;
        assert_eq!(response.header(header::X_FRAME_OPTIONS), "DENY", "{path}");
        assert_eq!(response.header(header::REFERRER_POLICY), "same-origin", "{path}");
        assert_eq!(response.header(header::CACHE_CONTROL), "no-store", "{path}");
        assert!(response.header(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"), "{path}");
        assert!(!response.header(HeaderName::from_static("x-request-id")).is_empty(), "{path}");
    }
    let request = server.anonymous().request(Method::GET, "/health").header("x-request-id", "mine");
    assert_eq!(send(request).await.header(HeaderName::from_static("x-request-id")), "mine");
    for unusable in ["x".repeat(129), "two words".to_owned()] {
        let request = server.anonymous().request(Method::GET, "/health").header("x-request-id", &unusable);
        let id = send(request).await.header(HeaderName::from_static("x-request-id")).to_owned();
        assert_eq!(id.len(), 36, "one of ours: {id}");
    }
}

#[tokio::test]
async fn browsers_are_told_to_use_https_where_cookies_require_it() {
    for (secure, expected) in [("true", "max-age=31536000"), ("false", "")] {
        let server = Server::start_with(&["--secure-cookies", secure]).await;
        let response = server.anonymous().get("/health").await;
        assert_eq!(response.header(header::STRICT_TRANSPORT_SECURITY), expected);
        for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert_eq!(response.header(HeaderName::from_static(name)), "same-origin");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_json() {
    let server = Server::start().await;
    for path in ["/api/v1/nothing", "/api/v1", "/api/v1/", "/api/v2/products", "/api/v1/products/a/b", "/api/v1/%00"] {
        server.anonymous().get(path).await.refused(404, "NOT_FOUND");
        server.anonymous().post(path, json!({})).await.refused(404, "NOT_FOUND");
    }
    for (method, path) in [
        (Method::DELETE, "/api/v1/products"),
        (Method::PUT, "/api/v1/products/x"),
        (Method::GET, "/api/v1/bids"),
        (Method::GET, "/api/v1/auth/login"),
        (Method::POST, "/api/v1/orders"),
    ] {
        let response = send(server.anonymous().request(method, path)).await;
        response.refused(405, "METHOD_NOT_ALLOWED");
        assert!(!response.header(header::ALLOW).is_empty(), "{path}");
    }
}
