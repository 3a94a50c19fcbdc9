//! Requests from pages of other sites: what they may not do in a visitor's name, and CORS.

use crate::support::{FORM, Response, Server, send};
use http::{Method, header};
use serde_json::json;
use testkit::PASSWORD;

const ME: &str = "/api/v1/auth/me";

#[tokio::test]
async fn a_session_cookie_works_from_our_own_pages_only() {
    let server = Server::start_with(&["--public-origins", "https://auction.example"]).await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let bid = |origin: Option<&str>| {
        let body = json!({ "campaign_id": campaign, "price": 900 });
        let request = server.anonymous().request(Method::POST, "/api/v1/bids").json(&body);
        let request = request.header(header::COOKIE, format!("a=b; gavel_session={}", ann.token));
        match origin {
            Some(origin) => request.header(header::ORIGIN, origin),
            None => request,
        }
    };
    send(bid(None)).await.refused(403, "CROSS_ORIGIN");
    for other in ["https://evil.example", "null", "", "http://127.0.0.1:1", "https://auction.example.evil.example"] {
        send(bid(Some(other))).await.refused(403, "CROSS_ORIGIN");
    }
    send(bid(Some(&server.origin()))).await.json(201);
    send(bid(Some("https://auction.example"))).await.json(200);
    // Neither a safe request nor one with a bearer token needs an origin.
    let me = server.anonymous().request(Method::GET, ME).header(header::COOKIE, format!("gavel_session={}", ann.token));
    assert_eq!(send(me).await.json(200)["email"], ann.user.email);
    send(bid(Some("https://evil.example")).bearer_auth(&ann.token)).await.json(200);
}

#[tokio::test]
async fn where_cookies_are_of_https_so_must_the_origin_be() {
    let server = Server::start_with(&["--secure-cookies", "true"]).await;
    let ann = server.member("ann").await;
    let end_others = |origin: String| {
        let request = server.anonymous().request(Method::DELETE, "/api/v1/auth/sessions");
        request.header(header::COOKIE, format!("gavel_session={}", ann.token)).header(header::ORIGIN, origin)
    };
    send(end_others(server.origin())).await.refused(403, "CROSS_ORIGIN");
    let encrypted = server.origin().replace("http://", "https://");
    assert_eq!(send(end_others(encrypted)).await.status, 204);
}

#[tokio::test]
async fn a_form_signs_in_from_our_own_pages_only() {
    let server = Server::start().await;
    server.world.member("ann").await;
    let form = || {
        server
            .anonymous()
            .request(Method::POST, "/api/ui/sign_in")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::ACCEPT, "text/html")
            .body(format!("email=ann@test.example&password={}&next=/orders", PASSWORD.replace(' ', "+")))
    };
    // A plain form is redirected to its page; a script, which asks for JSON, gets the error.
    for request in [form(), form().header(header::ORIGIN, "https://evil.example")] {
        let response = send(request).await;
        assert_eq!(response.status, 303, "{}", response.text);
        assert!(response.header(header::LOCATION).ends_with("?error=CROSS_ORIGIN"), "{:?}", response.headers);
        assert_eq!(response.header(header::SET_COOKIE), "", "nobody is signed in");
    }
    let script = server.anonymous().request(Method::POST, "/api/ui/sign_in").header(header::ACCEPT, "application/json");
    send(script).await.refused(403, "CROSS_ORIGIN");
    let response = send(form().header(header::ORIGIN, server.origin())).await;
    assert_eq!((response.status.as_u16(), response.header(header::LOCATION)), (303, "/orders"), "{}", response.text);
    let cookies = response.headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("gavel_session=ey")).expect("a session");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_page_of_another_site_signs_nobody_out() {
    let server = Server::start().await;
    let logout = |origin: Option<&str>| {
        let request = server.anonymous().request(Method::POST, "/api/v1/auth/logout");
        match origin {
            Some(origin) => request.header(header::ORIGIN, origin),
            None => request,
        }
    };
    for (origin, signs_out) in
        [(None, true), (Some(server.origin()), true), (Some("https://evil.example".to_owned()), false)]
    {
        let response = send(logout(origin.as_deref())).await;
        assert_eq!(response.status, 204, "{origin:?}");
        assert_eq!(!response.header(header::SET_COOKIE).is_empty(), signs_out, "{origin:?}");
    }
}

#[tokio::test]
async fn only_listed_origins_may_call_the_api() {
    async fn preflight(server: &Server, origin: &str) -> Response {
        let request = server.anonymous().request(Method::OPTIONS, "/api/v1/bids");
        let request = request.header(header::ORIGIN, origin).header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        send(request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type")).await
    }
    let allowed = |response: &Response| response.header(header::ACCESS_CONTROL_ALLOW_ORIGIN).to_owned();
    let without_cors = Server::start().await;
    assert_eq!(allowed(&preflight(&without_cors, "https://spa.example").await), "");

    let with_cors = Server::start_with(&["--cors-origins", "https://spa.example/,https://other.example"]).await;
    let response = preflight(&with_cors, "https://spa.example").await;
    assert_eq!((response.status.as_u16(), allowed(&response).as_str()), (200, "https://spa.example"));
    assert!(response.header(header::ACCESS_CONTROL_ALLOW_METHODS).contains("PATCH"));
    assert!(response.header(header::ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
    assert_eq!(response.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
    assert_eq!(allowed(&preflight(&with_cors, "https://evil.example").await), "");
    let request =
        with_cors.anonymous().request(Method::GET, "/api/v1/nothing").header(header::ORIGIN, "https://other.example");
    let refused = send(request).await;
    refused.refused(404, "NOT_FOUND");
    assert_eq!(allowed(&refused), "https://other.example", "scripts can read errors too");
}
