//! Limits on requests per user and per client address.

use crate::support::{Server, send};
use http::{HeaderName, Method};
use testkit::eventually;

const ME: &str = "/api/v1/auth/me";
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[tokio::test]
async fn requests_are_limited_per_user() {
    let server = Server::start_with(&["--user-requests-per-second", "1"]).await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    ann.get(ME).await.json(200);
    let refused = eventually("a request of ann is refused", async || {
        let response = ann.get(ME).await;
        (response.status != 200).then_some(response)
    });
    refused.await.refused(429, "RATE_LIMITED");
    // Other users are not affected.
    bob.get(ME).await.json(200);
    server.anonymous().get("/api/v1/products").await.json(200);
}

/// Whether any request of a burst is refused.
async fn is_limited(server: &Server, path: &str, forwarded_for: impl Fn(u32) -> String) -> bool {
    for n in 0..30 {
        let request = server.anonymous().request(Method::GET, path).header(FORWARDED_FOR, forwarded_for(n));
        let response = send(request).await;
        if response.status == 429 {
            response.refused(429, "RATE_LIMITED");
            return true;
        }
    }
    false
}

#[tokio::test]
async fn requests_are_limited_per_address_which_clients_cannot_forge() {
    let server = Server::start_with(&["--address-requests-per-second", "1"]).await;
    assert!(is_limited(&server, "/api/v1/products", |n| format!("192.0.2.{n}")).await);
    // Probes and metrics are never limited.
    for path in ["/health", "/healthz", "/readyz", "/metrics"] {
        assert!(!is_limited(&server, path, |n| format!("192.0.2.{n}")).await, "{path}");
    }
}

#[tokio::test]
async fn the_client_address_is_taken_from_trusted_proxies() {
    let flags = ["--address-requests-per-second", "1", "--trusted-proxies", "127.0.0.0/8,10.0.0.1"];
    let server = Server::start_with(&flags).await;
    assert!(!is_limited(&server, "/api/v1/products", |n| format!("192.0.2.{n}")).await);
    assert!(!is_limited(&server, "/api/v1/products", |n| format!("198.51.100.{n}, 10.0.0.1")).await);
    // Addresses before the last untrusted one may be forged by the client, and are ignored; so is an unreadable header.
    assert!(is_limited(&server, "/api/v1/products", |n| format!("203.0.113.{n}, 203.0.113.200, 10.0.0.1")).await);
    assert!(is_limited(&server, "/api/v1/products", |n| format!("2001:db8::{n}, unknown")).await);
}
