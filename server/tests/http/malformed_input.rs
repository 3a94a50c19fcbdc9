//! NUL characters, which PostgreSQL cannot store, broken escapes and very long texts in every path, query, form, body
//! and header: none causes a server error.

use crate::support::{Answer, Member, Server, send};
use http::{Method, header};
use serde_json::json;
use testkit::PASSWORD;

const FORM: &str = "application/x-www-form-urlencoded";
/// Enough that no request here has to wait.
const NO_LIMITS: [&str; 4] = ["--user-requests-per-second", "100000", "--address-requests-per-second", "100000"];

/// What is put everywhere, as addresses and forms write it.
fn odd_texts() -> Vec<String> {
    let escaped = ["%00", "a%00b", "%2500", "%", "%ff", "%F0%9F"].map(str::to_owned);
    escaped.into_iter().chain(["x".repeat(300), "%E5%90%8D".repeat(300), "9".repeat(300)]).collect()
}

/// A request with a browser's session, and for the API the same token as a header.
async fn request(server: &Server, who: &Member, method: Method, path: &str, body: Option<String>) -> Answer {
    let request = server
        .anyone()
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

fn is_no_fault(answer: &Answer, what: &str) {
    assert!(answer.status.as_u16() < 500, "{what}: {} {}", answer.status, answer.text);
}

#[tokio::test]
async fn no_path_is_a_fault() {
    let server = Server::start_with(&NO_LIMITS).await;
    let admin = server.admin().await;
    for text in odd_texts() {
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
            let answer = request(&server, &admin, method, &path, None).await;
            is_no_fault(&answer, &path);
            assert!((400..500).contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn no_query_is_a_fault() {
    let server = Server::start_with(&NO_LIMITS).await;
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
    for text in odd_texts() {
        for (path, names) in &pages {
            for name in names.split(' ') {
                let address = format!("{path}?{name}={text}");
                let answer = request(&server, &admin, Method::GET, &address, None).await;
                is_no_fault(&answer, &address);
            }
            let address = format!("{path}?{text}={text}");
            is_no_fault(&request(&server, &admin, Method::GET, &address, None).await, &address);
        }
    }
    for path in ["/admin/products", "/admin/campaigns", "/admin/users", "/admin/results", "/admin/audit"] {
        for q in ["%00", "a%00b", &"x".repeat(101)] {
            let answer = request(&server, &admin, Method::GET, &format!("{path}?q={q}"), None).await;
            assert_eq!(answer.status, 404, "{path} {q}");
        }
    }
    for path in ["/api/v1/products", "/api/v1/campaigns", "/api/v1/orders"] {
        assert_eq!(admin.get(&format!("{path}?q=%00")).await.invalid_field(), "q", "{path}");
    }
}

#[tokio::test]
async fn no_form_is_a_fault() {
    let server = Server::start_with(&NO_LIMITS).await;
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
    for text in odd_texts() {
        for (path, names) in &forms {
            let all = names.split(' ').map(|name| format!("{name}={text}")).collect::<Vec<_>>().join("&");
            let all = format!("{all}&user_id={user}");
            let reviewed = all.replacen(&format!("step={text}"), "step=review", 1);
            for fields in [all, reviewed] {
                let answer = request(&server, &admin, Method::POST, path, Some(fields)).await;
                is_no_fault(&answer, path);
                // What was typed is on the page the answer leads to.
                if answer.status == 303 {
                    let address = answer.header(header::LOCATION);
                    is_no_fault(&request(&server, &admin, Method::GET, address, None).await, address);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_body_and_no_header_is_a_fault() {
    let server = Server::start_with(&NO_LIMITS).await;
    let admin = server.admin().await;
    let user = format!("/api/v1/users/{}", admin.user.user_id);
    for text in ["\0".to_owned(), "ann\0@test.example".to_owned(), "x".repeat(300), "名".repeat(20_000)] {
        let answers = [
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
        for answer in answers {
            is_no_fault(&answer, &text);
        }
    }
    let long = "x".repeat(3000);
    for cookie in ["gavel_session=%00", "gavel_lang=%00", "theme=%00", "zone=%00", &format!("a={long}")] {
        let page = server.anyone().request(Method::GET, "/register?error=VALIDATION").header(header::COOKIE, cookie);
        is_no_fault(&send(page).await, cookie);
    }
    for name in [header::ACCEPT_LANGUAGE, header::AUTHORIZATION, header::REFERER, header::USER_AGENT, header::ACCEPT] {
        let page = server.anyone().request(Method::GET, "/").header(name.clone(), long.as_str());
        is_no_fault(&send(page).await, name.as_str());
    }
}
