//! Limits, origins, odd input: what strangers try.

use crate::support::{Answer, NOBODY, Server, send};
use domain::limits::BODY_BYTES_MAX;
use http::{HeaderName, Method, header};
use serde_json::{Value, json};
use testkit::{PASSWORD, eventually};

const ME: &str = "/api/v1/auth/me";
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[tokio::test]
async fn every_answer_has_security_headers() {
    let server = Server::start().await;
    for path in ["/health", "/metrics", "/api/v1/products", "/api/v1/nothing", "/pkg/nothing.js"] {
        let answer = server.anyone().get(path).await;
        assert_eq!(answer.header(header::X_FRAME_OPTIONS), "DENY", "{path}");
        assert_eq!(answer.header(header::REFERRER_POLICY), "same-origin", "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"), "{path}");
        assert!(!answer.header(HeaderName::from_static("x-request-id")).is_empty(), "{path}");
    }
    let request = server.anyone().request(Method::GET, "/health").header("x-request-id", "mine");
    assert_eq!(send(request).await.header(HeaderName::from_static("x-request-id")), "mine");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_refused_in_json() {
    let server = Server::start().await;
    for path in ["/api/v1/nothing", "/api/v1", "/api/v1/", "/api/v2/products", "/api/v1/products/a/b", "/api/v1/%00"] {
        server.anyone().get(path).await.refused(404, "NOT_FOUND");
        server.anyone().post(path, json!({})).await.refused(404, "NOT_FOUND");
    }
    for (method, path) in [
        (Method::DELETE, "/api/v1/products"),
        (Method::PUT, "/api/v1/products/x"),
        (Method::GET, "/api/v1/bids"),
        (Method::GET, "/api/v1/auth/login"),
        (Method::POST, "/api/v1/orders"),
    ] {
        let answer = send(server.anyone().request(method, path)).await;
        answer.refused(405, "METHOD_NOT_ALLOWED");
        assert!(!answer.header(header::ALLOW).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let id = format!(r#"{{"campaign_id":"{NOBODY}","price":"#);
    let deep = "[".repeat(10_000);
    for body in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        format!(r#"["{NOBODY}",900]"#),
        "\"text\"".to_owned(),
        "7".to_owned(),
        deep.clone(),
        format!("{id}{deep}"),
        format!("{id}900}}{id}900}}"),
        format!("{id}900,\"price\":901}}"),
        format!("{id}1e999}}"),
        format!("{id}NaN}}"),
        format!("{id}\"\\ud800\"}}"),
        "campaign_id=a&price=1".to_owned(),
    ] {
        ann.post_bytes("/api/v1/bids", body).await.refused(422, "VALIDATION");
    }
    ann.post_bytes("/api/v1/bids", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).await.refused(422, "VALIDATION");
}

#[tokio::test]
async fn no_text_is_too_strange() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    let (product, campaign) = (product.product_id, campaign);
    let post = |path: String, body: Value| {
        let request = admin.request(Method::POST, &path).json(&body);
        async move { (path, send(request).await) }
    };
    for text in [
        "\u{0}",
        "a\u{0}b",
        "\u{202e}abc",
        "\u{feff}",
        "\u{fffe}\u{10ffff}",
        "👩‍👩‍👧‍👦",
        "e\u{301}\u{301}\u{301}",
        "' OR 1=1; --",
        "<script>",
        "%00",
        "\\u0000",
        "{{}}",
        "\r\nSet-Cookie: a=b",
        "NaN",
        "-0",
        "९०००",
        "",
    ] {
        let answers = [
            post("/api/v1/auth/register".into(), json!({ "email": text, "password": text, "username": text })).await,
            post("/api/v1/auth/register".into(), json!({ "email": "a@b.c", "password": PASSWORD, "username": text }))
                .await,
            post(
                "/api/v1/auth/register".into(),
                json!({ "email": format!("{text}@b.c"), "password": PASSWORD, "username": "n" }),
            )
            .await,
            post("/api/v1/auth/login".into(), json!({ "email": text, "password": text })).await,
            post(
                "/api/v1/products".into(),
                json!({ "name": text, "description": text, "image_url": text, "stock": 1, "min_price": 1 }),
            )
            .await,
            post("/api/v1/products".into(), json!({ "name": "n", "description": text, "stock": 1, "min_price": 1 }))
                .await,
            post("/api/v1/products".into(), json!({ "name": "n", "stock": text, "min_price": text })).await,
            post(
                "/api/v1/products".into(),
                json!({ "name": "n", "image_url": format!("https://{text}"), "stock": 1, "min_price": 1 }),
            )
            .await,
            post("/api/v1/campaigns".into(), json!({ "product_id": product, "start_time": text, "end_time": text }))
                .await,
            post(
                "/api/v1/campaigns".into(),
                json!({ "product_id": text, "start_time": text, "end_time": text, "alpha": text }),
            )
            .await,
            post("/api/v1/bids".into(), json!({ "campaign_id": campaign, "price": text })).await,
            post("/api/v1/bids".into(), json!({ "campaign_id": text, "price": 900 })).await,
            post(format!("/api/v1/campaigns/{NOBODY}/cancel"), json!({ "reason": text })).await,
        ];
        for (path, answer) in answers {
            assert!(answer.status.as_u16() < 500, "{path} with {text:?}: {}", answer.text);
        }
    }
    for path in [
        "/api/v1/products?skip=%00",
        "/api/v1/products?limit=%ff",
        "/api/v1/campaigns?status=%00%ff",
        "/api/v1/campaigns?%00=%00",
        "/api/v1/products?skip=1&skip=2",
        "/api/v1/products?&&==",
        "/api/v1/products/%f0%9f%91%a9",
        "/api/v1/rankings/%00/me",
        "/api/v1/bids/%00/history",
        "/api/v1/orders/campaign/%00",
        "/ws/%00?token=%00",
        "/%00",
        "/campaigns/%00",
        "/%ff%fe",
    ] {
        let answer = admin.get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
    let announced = format!("{head}Content-Length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    let answer = server.raw(announced.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
    // Nobody is fooled by a body that does not say how large it is.
    let chunk = BODY_BYTES_MAX + 1;
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk:x}\r\n{}", "x".repeat(chunk));
    let answer = server.raw(chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
    // The largest that is allowed is read, and understood.
    let padding = " ".repeat(BODY_BYTES_MAX - 2);
    assert_eq!(
        server.anyone().post_bytes("/api/v1/auth/login", format!("{{{padding}}}")).await.invalid_field(),
        "email"
    );
}

#[tokio::test]
async fn a_user_may_ask_so_often_per_second() {
    let server = Server::start_with(&["--user-requests-per-second", "1"]).await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    ann.get(ME).await.json(200);
    let refused = eventually("ann is told to slow down", async || {
        let answer = ann.get(ME).await;
        (answer.status != 200).then_some(answer)
    });
    refused.await.refused(429, "RATE_LIMITED");
    // Nobody else has to suffer.
    bob.get(ME).await.json(200);
    server.anyone().get("/api/v1/products").await.json(200);
}

/// Whether any of a burst of requests is told to slow down.
async fn is_limited(server: &Server, path: &str, forwarded_for: impl Fn(u32) -> String) -> bool {
    for n in 0..30 {
        let request = server.anyone().request(Method::GET, path).header(FORWARDED_FOR, forwarded_for(n));
        let answer = send(request).await;
        if answer.status == 429 {
            answer.refused(429, "RATE_LIMITED");
            return true;
        }
    }
    false
}

#[tokio::test]
async fn an_address_may_ask_so_often_and_cannot_be_made_up() {
    let server = Server::start_with(&["--address-requests-per-second", "1"]).await;
    assert!(is_limited(&server, "/api/v1/products", |n| format!("192.0.2.{n}")).await);
    // Monitors are never refused.
    for path in ["/health", "/healthz", "/readyz", "/metrics"] {
        assert!(!is_limited(&server, path, |n| format!("192.0.2.{n}")).await, "{path}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_address() {
    let flags = ["--address-requests-per-second", "1", "--trusted-proxies", "127.0.0.0/8,10.0.0.1"];
    let server = Server::start_with(&flags).await;
    assert!(!is_limited(&server, "/api/v1/products", |n| format!("192.0.2.{n}")).await);
    assert!(!is_limited(&server, "/api/v1/products", |n| format!("198.51.100.{n}, 10.0.0.1")).await);
    // What the client itself wrote before the last stranger is not believed, nor is nonsense.
    assert!(is_limited(&server, "/api/v1/products", |n| format!("203.0.113.{n}, 203.0.113.200, 10.0.0.1")).await);
    assert!(is_limited(&server, "/api/v1/products", |n| format!("2001:db8::{n}, unknown")).await);
}

#[tokio::test]
async fn a_cookie_session_acts_for_our_own_pages_only() {
    let server = Server::start_with(&["--public-origins", "https://auction.example"]).await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let bid = |origin: Option<&str>| {
        let body = json!({ "campaign_id": campaign, "price": 900 });
        let request = server.anyone().request(Method::POST, "/api/v1/bids").json(&body);
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
    // Reading needs no origin, and a token that is shown on purpose needs none either.
    let me = server.anyone().request(Method::GET, ME).header(header::COOKIE, format!("gavel_session={}", ann.token));
    assert_eq!(send(me).await.json(200)["email"], ann.user.email);
    send(bid(Some("https://evil.example")).bearer_auth(&ann.token)).await.json(200);
}

#[tokio::test]
async fn a_form_signs_in_from_our_own_pages_only() {
    let server = Server::start().await;
    server.world.member("ann").await;
    let form = || {
        server
            .anyone()
            .request(Method::POST, "/api/ui/sign_in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html")
            .body(format!("email=ann@test.example&password={}&next=/orders", PASSWORD.replace(' ', "+")))
    };
    // A plain form is sent back to its page; a script, which asks for JSON, is told.
    for request in [form(), form().header(header::ORIGIN, "https://evil.example")] {
        let answer = send(request).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert!(answer.header(header::LOCATION).ends_with("?error=CROSS_ORIGIN"), "{:?}", answer.headers);
        assert_eq!(answer.header(header::SET_COOKIE), "", "nobody is signed in");
    }
    let script = server.anyone().request(Method::POST, "/api/ui/sign_in").header(header::ACCEPT, "application/json");
    send(script).await.refused(403, "CROSS_ORIGIN");
    let answer = send(form().header(header::ORIGIN, server.origin())).await;
    assert_eq!((answer.status.as_u16(), answer.header(header::LOCATION)), (303, "/orders"), "{}", answer.text);
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("gavel_session=ey")).expect("a session");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn other_sites_may_call_only_if_they_are_listed() {
    async fn preflight(server: &Server, origin: &str) -> Answer {
        let request = server.anyone().request(Method::OPTIONS, "/api/v1/bids");
        let request = request.header(header::ORIGIN, origin).header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        send(request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type")).await
    }
    let allowed = |answer: &Answer| answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN).to_owned();
    let closed = Server::start().await;
    assert_eq!(allowed(&preflight(&closed, "https://spa.example").await), "");

    let open = Server::start_with(&["--cors-origins", "https://spa.example/,https://other.example"]).await;
    let answer = preflight(&open, "https://spa.example").await;
    assert_eq!((answer.status.as_u16(), allowed(&answer).as_str()), (200, "https://spa.example"));
    assert!(answer.header(header::ACCESS_CONTROL_ALLOW_METHODS).contains("PATCH"));
    assert!(answer.header(header::ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
    assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
    assert_eq!(allowed(&preflight(&open, "https://evil.example").await), "");
    let request = open.anyone().request(Method::GET, "/api/v1/nothing").header(header::ORIGIN, "https://other.example");
    let refused = send(request).await;
    refused.refused(404, "NOT_FOUND");
    assert_eq!(allowed(&refused), "https://other.example", "scripts may read refusals too");
}
