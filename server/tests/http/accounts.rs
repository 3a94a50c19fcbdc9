//! `/api/v1/auth` and `/api/v1/users`: accounts, sessions and rights.

use crate::support::{FORM, Response, Server, assert_has_fields, send};
use domain::{
    UserId,
    api::accounts::{UpdateUser, UserStatus},
};
use http::{Method, header};
use serde_json::{Value, json};
use testkit::PASSWORD;

const ME: &str = "/api/v1/auth/me";
const REGISTER: &str = "/api/v1/auth/register";

#[tokio::test]
async fn a_visitor_registers_signs_in_and_signs_out() {
    let server = Server::start().await;
    let visitor = server.anonymous();
    // Unknown and read-only fields are ignored.
    let request = json!({
        "email": " Ann@Test.Example ", "password": PASSWORD, "username": "  陳小明 ",
        "is_admin": true, "weight": 5.0, "status": "inactive", "user_id": "x", "nonsense": [1],
    });
    let user = visitor.post(REGISTER, request).await.json(201);
    assert_has_fields(&user, "user_id email username weight is_admin status created_at");
    assert_eq!(user["email"], "Ann@Test.Example");
    assert_eq!(user["username"], "陳小明");
    assert_eq!((&user["weight"], &user["is_admin"], &user["status"]), (&json!(1.0), &json!(false), &json!("active")));
    assert!(user["created_at"].as_str().is_some_and(|time| time.ends_with('Z')));
    assert!(!user.to_string().contains("password"), "{user}");

    // E-mail addresses are compared without regard to case.
    let session = visitor.sign_in("ANN@TEST.EXAMPLE", PASSWORD).await.json(200);
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("bearer"), &json!(3600)));
    let member = server.with_token(session["access_token"].as_str().expect("a token"));
    assert_eq!(member.get(ME).await.json(200), user);

    let out = send(member.request(Method::POST, "/api/v1/auth/logout")).await;
    assert_eq!((out.status.as_u16(), out.text.as_str()), (204, ""));
    let cookies = cookies(&out);
    assert!(cookies[0].starts_with("gavel_session=;") && cookies[1].starts_with("gavel_session_info=;"), "{cookies:?}");
    assert!(cookies.iter().all(|cookie| cookie.contains("Max-Age=0")), "{cookies:?}");
}

/// The cookies a response sets.
fn cookies(response: &Response) -> Vec<&str> {
    response.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("a text")).collect()
}

#[tokio::test]
async fn an_email_address_has_one_account_whatever_its_case() {
    let server = Server::start().await;
    server.world.member("ann").await;
    let again = json!({ "email": "ANN@Test.example", "password": PASSWORD, "username": "ann" });
    server.anonymous().post(REGISTER, again).await.refused(400, "EMAIL_TAKEN");
}

#[tokio::test]
async fn a_refused_registration_names_the_field_and_never_repeats_the_password() {
    let server = Server::start().await;
    let good = json!({ "email": "ann@test.example", "password": "hunter22!", "username": "ann" });
    for (field, wrong) in [
        ("email", json!("ann")),
        ("email", json!("ann@test.example\u{0}")),
        ("email", json!(7)),
        ("email", json!(null)),
        ("password", json!("hunter2")),
        ("password", json!("hunter22".repeat(17))),
        ("password", json!(12_345_678)),
        ("password", json!(["hunter22"])),
        ("password", json!({ "hunter22": "hunter22" })),
        ("username", json!("   ")),
        ("username", json!("n".repeat(101))),
        ("username", json!("a\u{0}b")),
    ] {
        let mut request = good.clone();
        request[field] = wrong;
        let response = server.anonymous().post(REGISTER, request.clone()).await;
        assert_eq!(response.invalid_field(), field, "{request}");
        assert!(!response.text.contains("hunter") && !response.text.contains("12345678"), "{}", response.text);
    }
    for field in ["email", "password", "username"] {
        let mut request = good.clone();
        request.as_object_mut().expect("an object").remove(field);
        assert_eq!(server.anonymous().post(REGISTER, request).await.invalid_field(), field);
    }
    // Limits on lengths count characters, not bytes.
    for (password, username) in [("密碼密碼密碼密碼".to_owned(), "名".repeat(100)), ("p".repeat(128), "n".to_owned())]
    {
        let email = format!("{}@test.example", username.len());
        let request = json!({ "email": email, "password": password, "username": username });
        server.anonymous().post(REGISTER, request).await.json(201);
        server.anonymous().sign_in(&email, &password).await.json(200);
    }
}

#[tokio::test]
async fn an_unknown_email_address_is_refused_like_a_wrong_password() {
    let server = Server::start().await;
    server.world.member("ann").await;
    let wrong = server.anonymous().sign_in("ann@test.example", "wrong password").await;
    let unknown = server.anonymous().sign_in("bob@test.example", PASSWORD).await;
    let nonsense = server.anonymous().sign_in("\u{0} not an address", PASSWORD).await;
    let body = wrong.refused(401, "BAD_CREDENTIALS");
    assert_eq!(unknown.refused(401, "BAD_CREDENTIALS"), body);
    assert_eq!(nonsense.refused(401, "BAD_CREDENTIALS"), body);
}

#[tokio::test]
async fn only_a_valid_token_is_accepted() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let me = |value: String| {
        let request = server.anonymous().request(Method::GET, ME).header(header::AUTHORIZATION, value);
        async move { send(request).await }
    };
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(me(format!("{scheme} {}", ann.token)).await.json(200)["email"], ann.user.email);
    }
    server.anonymous().get(ME).await.refused(401, "NOT_AUTHENTICATED");
    me("Basic YTpi".to_owned()).await.refused(401, "NOT_AUTHENTICATED");
    me(ann.token.clone()).await.refused(401, "NOT_AUTHENTICATED");
    let (unsigned, _) = ann.token.rsplit_once('.').expect("a signature");
    let other = server.member("bob").await.token;
    let (_, signature) = other.rsplit_once('.').expect("a signature");
    // {"alg":"none"} with the claims of a valid token.
    let claims = ann.token.split('.').nth(1).expect("claims");
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    for bad in ["x".to_owned(), format!("{unsigned}."), format!("{unsigned}.{signature}"), none] {
        me(format!("Bearer {bad}")).await.refused(401, "INVALID_TOKEN");
    }
}

#[tokio::test]
async fn a_session_expires_after_an_hour() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    server.world.at(3_599_999);
    ann.get(ME).await.json(200);
    server.world.at(3_600_000);
    ann.get(ME).await.refused(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn the_session_cookies_name_the_user_and_can_be_renewed() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let id = ann.user.user_id;
    let noon_s = server.world.engine.clock.now().unix_millis() / 1000;
    let browser_request = |method, path: &str, cookie: &str| {
        let request = server.anonymous().request(method, path).header(header::COOKIE, cookie.to_owned());
        request.header(header::ORIGIN, server.origin())
    };
    // A page corrects the cookie that tells scripts about the session.
    let (session, info) =
        (format!("gavel_session={}", ann.token), format!("gavel_session_info={id}.{}", noon_s + 3600));
    let page = send(browser_request(Method::GET, "/profile", &session)).await;
    assert!(cookies(&page)[0].starts_with(&format!("{info}; SameSite=Lax; Path=/; Max-Age=3600")), "{page:?}");
    assert!(page.text.contains(&format!("data-user=\"{id}\"")), "{}", page.text);
    let page = send(browser_request(Method::GET, "/profile", &format!("{session}; {info}"))).await;
    assert_eq!(cookies(&page), [""; 0]);
    let page = send(browser_request(Method::GET, "/", &info)).await;
    assert!(cookies(&page)[0].starts_with("gavel_session_info=;"), "{page:?}");

    let renew = |user: UserId| {
        let request =
            browser_request(Method::POST, "/api/ui/renew_session", &session).header(header::ACCEPT, "application/json");
        request.header(header::CONTENT_TYPE, FORM).body(format!("user_id={user}"))
    };
    server.world.at(1_800_000);
    // A page of another user cannot renew it.
    let refused = send(renew(bob.user.user_id)).await;
    refused.refused(409, "SESSION_CHANGED");
    assert_eq!(cookies(&refused), [""; 0]);
    let renewed = send(renew(id)).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    let fresh = cookies(&renewed);
    assert!(fresh[0].starts_with("gavel_session=ey") && fresh[0].contains("HttpOnly"), "{fresh:?}");
    let end = noon_s + 1800 + 3600;
    assert!(fresh[1].starts_with(&format!("gavel_session_info={id}.{end};")), "{fresh:?}");
    assert!(!fresh[1].contains("HttpOnly"), "{fresh:?}");

    // The old session has expired, the renewed one has not. An expired session cannot be renewed, and its cookies are
    // removed.
    server.world.at(3_600_000);
    let token = fresh[0].split(['=', ';']).nth(1).expect("a token");
    server.with_token(token).get(ME).await.json(200);
    let late = send(renew(id)).await;
    assert_eq!(late.status, 401, "{}", late.text);
    assert!(cookies(&late).iter().all(|cookie| cookie.contains("Max-Age=0")), "{late:?}");
    assert_eq!(cookies(&late).len(), 2);
}

#[tokio::test]
async fn a_blocked_user_can_neither_use_a_token_nor_sign_in() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    ann.get(ME).await.json(200);
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    let id = ann.get(ME).await.json(200)["user_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    server.world.engine.accounts.update_user(&server.world.admin, id, block).await.expect("blocks");
    ann.get(ME).await.refused(403, "ACCOUNT_INACTIVE");
    server.anonymous().sign_in("ann@test.example", PASSWORD).await.refused(403, "ACCOUNT_INACTIVE");
    // Without the password, the response does not reveal that the account is blocked.
    server.anonymous().sign_in("ann@test.example", "wrong password").await.refused(401, "BAD_CREDENTIALS");
}

#[tokio::test]
async fn admin_rights_are_read_from_the_database_not_from_the_token() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let product = json!({ "name": "Lamp", "stock": 1, "min_price": 1 });
    let bob = server.member("bob").await;
    // The token was issued before.
    server.sql("UPDATE users SET is_admin = TRUE WHERE username = 'ann'").await;
    ann.post("/api/v1/products", product.clone()).await.json(201);
    bob.post("/api/v1/products", product).await.refused(403, "ADMIN_REQUIRED");
}

#[tokio::test]
async fn an_admin_sets_weights_and_blocks_users() {
    let server = Server::start().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    let id = ann.get(ME).await.json(200)["user_id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/users/{id}");
    ann.patch(&path, json!({ "weight": 5 })).await.refused(403, "ADMIN_REQUIRED");
    admin.patch(&path, json!({ "weight": 5.5 })).await.refused(422, "VALIDATION");
    assert_eq!(admin.patch(&path, json!({ "weight": "2.5" })).await.json(200)["weight"], 2.5);
    assert_eq!(ann.get(ME).await.json(200)["weight"], 2.5);
    admin.patch(&path, json!({ "status": "inactive" })).await.json(200);
    ann.get(ME).await.refused(403, "ACCOUNT_INACTIVE");
    let nobody = "/api/v1/users/0190f0c0-0000-7000-8000-000000000001";
    admin.patch(nobody, json!({ "weight": 1 })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn failed_sign_ins_are_limited_per_account() {
    let server = Server::start().await;
    for name in ["ann", "bob"] {
        server.world.member(name).await;
    }
    let visitor = server.anonymous();
    for _ in 0..5 {
        visitor.sign_in("ann@test.example", "wrong password").await.refused(401, "BAD_CREDENTIALS");
    }
    visitor.sign_in("Ann@test.example", "wrong password").await.refused(429, "RATE_LIMITED");
    visitor.sign_in("ann@test.example", PASSWORD).await.refused(429, "RATE_LIMITED");
    visitor.sign_in("bob@test.example", PASSWORD).await.json(200);
    // The limit is shared by all processes.
    let other = server.another_process().await;
    other.anonymous().sign_in("ann@test.example", PASSWORD).await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn sign_ins_and_registrations_are_limited_per_address() {
    let server = Server::start().await;
    for path in ["/api/v1/auth/login", REGISTER] {
        for _ in 0..100 {
            // Attempts count even if their bodies are invalid.
            assert_eq!(server.anonymous().post(path, Value::Null).await.status, 422);
        }
        server.anonymous().post(path, Value::Null).await.refused(429, "RATE_LIMITED");
    }
}
