//! Malformed and unusual input causes no server error: NUL characters, which PostgreSQL cannot store, broken escapes,
//! very long or unusual texts and broken JSON, in every path, query, form, body and header.

use crate::support::{FORM, Member, Response, Server, UNKNOWN_ID, send};
use domain::limits::BODY_BYTES_MAX;
use http::{Method, header};
use serde_json::{Value, json};
use testkit::PASSWORD;

/// Rate limits that no test here reaches.
const NO_RATE_LIMITS: [&str; 4] = ["--user-requests-per-second", "100000", "--address-requests-per-second", "100000"];

/// Malformed and very long texts, percent-encoded.
fn malformed_texts() -> Vec<String> {
    let escaped = ["%00", "a%00b", "%2500", "%", "%ff", "%F0%9F"].map(str::to_owned);
    escaped.into_iter().chain(["x".repeat(300), "%E5%90%8D".repeat(300), "9".repeat(300)]).collect()
}

/// Sends a request with the session cookie, and a form as its body.
async fn request(server: &Server, who: &Member, method: Method, path: &str, body: Option<String>) -> Response {
    let request = server
        .anonymous()
        .request(method, path)
        .header(header::COOKIE, format!("gavel_session={}", who.token))
        .header(header::ORIGIN, server.origin())
        .header(header::ACCEPT, "text/html");
    let request = match body {
        Some(form) => request.header(header::CONTENT_TYPE, FORM).body(form),
        None => request,
    };
    send(request).await
}

fn assert_no_server_error(response: &Response, what: &str) {
    assert!(response.status.as_u16() < 500, "{what}: {} {}", response.status, response.text);
}

#[tokio::test]
async fn no_path_causes_a_server_error() {
    let server = Server::start_with(&NO_RATE_LIMITS).await;
    let admin = server.admin().await;
    for text in malformed_texts() {
        for (method, path) in [
            (Method::GET, "/{}"),
            (Method::GET, "/campaigns/{}"),
            (Method::GET, "/admin/products/{}"),
            (Method::GET, "/admin/campaigns/{}"),
            (Method::GET, "/admin/campaigns/{}/edit"),
            (Method::GET, "/admin/campaigns/{}/cancel"),
            (Method::GET, "/admin/campaigns/{}/report"),
            (Method::GET, "/admin/campaigns/{}/orders.csv"),
            (Method::GET, "/admin/campaigns/{}/bids.csv"),
            (Method::GET, "/admin/campaigns/{}/participants.csv"),
            (Method::GET, "/admin/users/{}"),
            (Method::GET, "/pkg/{}"),
            (Method::GET, "/img/{}"),
            (Method::GET, "/api/v1/{}"),
            (Method::GET, "/api/v1/products/{}"),
            (Method::GET, "/api/v1/campaigns/{}"),
            (Method::GET, "/api/v1/bids/{}/history"),
            (Method::GET, "/api/v1/rankings/{}"),
            (Method::GET, "/api/v1/rankings/{}/me"),
            (Method::GET, "/api/v1/orders/campaign/{}"),
            (Method::GET, "/ws/{}"),
            (Method::PATCH, "/api/v1/users/{}"),
            (Method::PATCH, "/api/v1/products/{}"),
            (Method::PATCH, "/api/v1/campaigns/{}"),
            (Method::POST, "/api/v1/campaigns/{}/cancel"),
            (Method::POST, "/api/ui/{}"),
        ] {
            let path = path.replace("{}", &text);
            let response = request(&server, &admin, method, &path, None).await;
            assert_no_server_error(&response, &path);
            assert!((400..500).contains(&response.status.as_u16()), "{path}: {}", response.status);
        }
    }
}

#[tokio::test]
async fn no_query_causes_a_server_error() {
    let server = Server::start_with(&NO_RATE_LIMITS).await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    let pages = [
        ("/".to_owned(), "show skip"),
        (format!("/campaigns/{campaign}"), "bid error fields min_price server_time"),
        ("/login".to_owned(), "next error fields"),
        ("/register".to_owned(), "next error fields"),
        ("/bids".to_owned(), "show skip"),
        ("/orders".to_owned(), "skip"),
        ("/admin/products".to_owned(), "q skip"),
        ("/admin/campaigns".to_owned(), "q skip status"),
        ("/admin/users".to_owned(), "q skip"),
        ("/admin/results".to_owned(), "q skip"),
        ("/admin/audit".to_owned(), "q skip"),
        ("/admin/campaigns/new".to_owned(), "product form step"),
        (format!("/admin/campaigns/{campaign}/edit"), "form step"),
        (format!("/admin/campaigns/{campaign}/report"), "skip"),
        (format!("/admin/products/{}", product.product_id), "form error step"),
        ("/api/v1/products".to_owned(), "skip limit status"),
        ("/api/v1/campaigns".to_owned(), "skip limit status"),
        ("/api/v1/orders".to_owned(), "skip limit"),
        (format!("/api/v1/orders/campaign/{campaign}"), "skip limit"),
        (format!("/api/v1/rankings/{campaign}"), "limit"),
        (format!("/api/v1/bids/{campaign}/history"), "skip limit"),
        (format!("/ws/{campaign}"), "token"),
    ];
    for text in malformed_texts() {
        for (path, names) in &pages {
            for name in names.split(' ') {
                let address = format!("{path}?{name}={text}");
                let response = request(&server, &admin, Method::GET, &address, None).await;
                assert_no_server_error(&response, &address);
            }
            let address = format!("{path}?{text}={text}");
            assert_no_server_error(&request(&server, &admin, Method::GET, &address, None).await, &address);
        }
    }
    for path in ["/admin/products", "/admin/campaigns", "/admin/users", "/admin/results", "/admin/audit"] {
        for q in ["%00", "a%00b", &"x".repeat(256)] {
            let response = request(&server, &admin, Method::GET, &format!("{path}?q={q}"), None).await;
            assert_eq!(response.status, 422, "{path} {q}");
        }
    }
    for path in ["/api/v1/products", "/api/v1/campaigns", "/api/v1/orders"] {
        assert_eq!(admin.get(&format!("{path}?q=%00")).await.invalid_field(), "q", "{path}");
    }
}

#[tokio::test]
async fn no_form_causes_a_server_error() {
    let server = Server::start_with(&NO_RATE_LIMITS).await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    let (product, user) = (product.product_id, admin.user.user_id);
    let forms = [
        ("/api/ui/sign_in".to_owned(), "email password next"),
        ("/api/ui/register".to_owned(), "email password username next"),
        ("/api/ui/place_bid".to_owned(), "campaign_id price"),
        ("/api/ui/set_language".to_owned(), "lang next"),
        ("/api/ui/set_theme".to_owned(), "theme next"),
        ("/api/ui/create_product".to_owned(), "name description image_url stock min_price"),
        ("/api/ui/update_product".to_owned(), "id name description image_url stock min_price status fingerprint"),
        (
            "/api/ui/create_campaign".to_owned(),
            "product_id start_time end_time zone quota alpha beta gamma fingerprint",
        ),
        ("/api/ui/update_campaign".to_owned(), "id product_id start_time end_time zone quota alpha fingerprint"),
        ("/api/ui/cancel_campaign".to_owned(), "id reason"),
        ("/api/ui/update_user".to_owned(), "id weight status fingerprint"),
        ("/admin/products/new".to_owned(), "step name description image_url stock min_price"),
        (format!("/admin/products/{product}"), "step name description image_url stock min_price status fingerprint"),
        ("/admin/campaigns/new".to_owned(), "step find product_id start_time end_time zone quota alpha fingerprint"),
        (
            format!("/admin/campaigns/{campaign}/edit"),
            "step find product_id start_time end_time zone quota fingerprint",
        ),
        (format!("/admin/campaigns/{campaign}/cancel"), "step reason"),
        (format!("/admin/users/{user}"), "step weight status fingerprint"),
    ];
    for text in malformed_texts() {
        for (path, names) in &forms {
            let all = names.split(' ').map(|name| format!("{name}={text}")).collect::<Vec<_>>().join("&");
            let all = format!("{all}&user_id={user}");
            let reviewed = all.replacen(&format!("step={text}"), "step=review", 1);
            for fields in [all, reviewed] {
                let response = request(&server, &admin, Method::POST, path, Some(fields)).await;
                assert_no_server_error(&response, path);
                // The page that the response redirects to shows the input.
                if response.status == 303 {
                    let address = response.header(header::LOCATION);
                    assert_no_server_error(&request(&server, &admin, Method::GET, address, None).await, address);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_body_and_no_header_causes_a_server_error() {
    let server = Server::start_with(&NO_RATE_LIMITS).await;
    let admin = server.admin().await;
    let user = format!("/api/v1/users/{}", admin.user.user_id);
    for text in ["\0".to_owned(), "ann\0@test.example".to_owned(), "x".repeat(300), "名".repeat(20_000)] {
        let responses = [
            admin.post("/api/v1/auth/login", json!({ "email": text, "password": PASSWORD })).await,
            admin.post("/api/v1/auth/login", json!({ "email": "ann@test.example", "password": text })).await,
            admin.post("/api/v1/auth/register", json!({ "email": text, "password": PASSWORD, "username": "n" })).await,
            admin
                .post("/api/v1/auth/register", json!({ "email": "a@b.c", "password": PASSWORD, "username": text }))
                .await,
            admin.post("/api/v1/products", json!({ "name": text, "stock": 1, "min_price": 1 })).await,
            admin
                .post(
                    "/api/v1/products",
                    json!({ "name": "n", "image_url": format!("/{text}"), "stock": 1, "min_price": 1 }),
                )
                .await,
            admin.patch(&user, json!({ "status": text })).await,
        ];
        for response in responses {
            assert_no_server_error(&response, &text);
        }
    }
    let long = "x".repeat(3000);
    for cookie in ["gavel_session=%00", "gavel_lang=%00", "theme=%00", "zone=%00", &format!("a={long}")] {
        let page = server.anonymous().request(Method::GET, "/register?error=VALIDATION").header(header::COOKIE, cookie);
        assert_no_server_error(&send(page).await, cookie);
    }
    for name in [header::ACCEPT_LANGUAGE, header::AUTHORIZATION, header::REFERER, header::USER_AGENT, header::ACCEPT] {
        let page = server.anonymous().request(Method::GET, "/").header(name.clone(), long.as_str());
        assert_no_server_error(&send(page).await, name.as_str());
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let id = format!(r#"{{"campaign_id":"{UNKNOWN_ID}","price":"#);
    let deep = "[".repeat(10_000);
    for body in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        format!(r#"["{UNKNOWN_ID}",900]"#),
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
async fn no_unusual_text_causes_a_server_error() {
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
        let responses = [
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
            post(format!("/api/v1/campaigns/{UNKNOWN_ID}/cancel"), json!({ "reason": text })).await,
        ];
        for (path, response) in responses {
            assert!(response.status.as_u16() < 500, "{path} with {text:?}: {}", response.text);
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
        let response = admin.get(path).await;
        assert!(response.status.as_u16() < 500, "{path}: {}", response.text);
    }
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
    let announced = format!("{head}Content-Length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    let response = server.send_raw(announced.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 413") && response.contains("PAYLOAD_TOO_LARGE"), "{response}");
    // A body that does not announce its size is cut off.
    let chunk = BODY_BYTES_MAX + 1;
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk:x}\r\n{}", "x".repeat(chunk));
    let response = server.send_raw(chunked.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 413") && response.contains("PAYLOAD_TOO_LARGE"), "{response}");
    // A body of exactly the maximum size is read and parsed.
    let padding = " ".repeat(BODY_BYTES_MAX - 2);
    assert_eq!(
        server.anonymous().post_bytes("/api/v1/auth/login", format!("{{{padding}}}")).await.invalid_field(),
        "email"
    );
}

#[tokio::test]
async fn requests_that_no_route_should_see_are_refused() {
    let server = Server::start().await;
    let raw = async |head: &str| server.send_raw(format!("{head}Connection: close\r\n\r\n").as_bytes()).await;
    for (head, status, code) in [
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n", "405", "METHOD_NOT_ALLOWED"),
        ("GET /health HTTP/1.1\r\n", "400", "VALIDATION"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400", "VALIDATION"),
        ("GET /campaigns/%2e%2E HTTP/1.1\r\nHost: a\r\n", "404", "NOT_FOUND"),
        ("GET /./admin HTTP/1.1\r\nHost: a\r\n", "404", "NOT_FOUND"),
        ("GET /api/ui/nope HTTP/1.1\r\nHost: a\r\n", "405", "METHOD_NOT_ALLOWED"),
        ("GET /api/ui/place_bid HTTP/1.1\r\nHost: a\r\n", "405", "METHOD_NOT_ALLOWED"),
    ] {
        let response = raw(head).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")) && response.contains(code), "{head}: {response}");
    }
    let old = raw("GET /health HTTP/1.0\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200") || old.starts_with("HTTP/1.1 200"), "{old}");
    let nope = server.anonymous().request(Method::POST, "/api/ui/nope").header(header::ORIGIN, server.origin());
    send(nope).await.refused(404, "NOT_FOUND");
}
