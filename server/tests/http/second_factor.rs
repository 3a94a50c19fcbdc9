//! Signing in with a code: by the API, and by the pages' forms.

use crate::support::{FORM, Member, Response, Server, open_page, send, submit_form};
use http::{Method, header};
use serde_json::json;
use testkit::PASSWORD;
use totp_rs::{Builder, Secret};

const PERIOD_MS: i64 = 30_000;
const PAGE: &str = "/profile/second-factor";

/// The code that an app with this secret shows.
fn code(server: &Server, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    let app = Builder::new().with_secret(secret).build().expect("an app");
    app.generate(u64::try_from(server.world.clock.now().unix_millis() / 1000).expect("after 1970")).to_string()
}

/// The value of a cookie that a response sets.
fn cookie(response: &Response, name: &str) -> String {
    let cookies = response.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().expect("a text"));
    let mut values = cookies.filter_map(|cookie| cookie.strip_prefix(&format!("{name}=")));
    values.next().map_or_else(String::new, |value| value.split(';').next().unwrap_or_default().to_owned())
}

async fn submit(server: &Server, cookies: &str, path: &str, form: String) -> Response {
    let request = server.anonymous().request(Method::POST, path).header(header::ORIGIN, server.origin());
    let request = request.header(header::ACCEPT, "text/html").header(header::CONTENT_TYPE, FORM);
    send(request.header(header::COOKIE, cookies).body(form)).await
}

async fn open(server: &Server, cookies: &str, path: &str) -> Response {
    let request = server.anonymous().request(Method::GET, path).header(header::ACCEPT, "text/html");
    send(request.header(header::COOKIE, cookies)).await
}

/// Turns it on by the page and returns the app's secret.
async fn turn_on(server: &Server, ann: &Member) -> String {
    let page = open_page(server, ann, PAGE).await;
    assert!(page.text.contains("<svg") && page.text.contains("one-time-code"), "{}", page.text);
    let setup = cookie(&page, "gavel_second_factor");
    let secret = setup.split_once('/').expect("its user's").1.to_owned();
    let grouped = secret.chars().collect::<Vec<_>>().chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ");
    assert!(page.text.contains(&grouped), "the key can be typed, too");
    let cookies = format!("gavel_session={}; gavel_second_factor={setup}", ann.token);
    let turn_on = async |code: &str| {
        let form = format!("code={code}&current_password={}&user_id={}", PASSWORD.replace(' ', "+"), ann.user.user_id);
        submit(server, &cookies, "/api/ui/turn_second_factor_on", form).await
    };
    let wrong = turn_on("123").await;
    assert!(wrong.header(header::LOCATION).contains("error=VALIDATION&fields=code"), "{:?}", wrong.headers);
    assert_eq!(cookie(&open(server, &cookies, PAGE).await, "gavel_second_factor"), setup, "the app keeps its secret");
    let on = turn_on(&code(server, &secret)).await;
    assert_eq!(on.header(header::LOCATION), PAGE, "{:?}", on.headers);
    let codes = format!("gavel_session={}; gavel_recovery_codes={}", ann.token, cookie(&on, "gavel_recovery_codes"));
    let page = open(server, &codes, PAGE).await;
    assert_eq!(page.text.split("id=\"recovery-codes\"").nth(1).expect("codes").matches("<li>").count(), 8);
    assert!(page.text.contains("Turn off"));
    secret
}

#[tokio::test]
async fn the_pages_ask_for_the_code_after_the_password() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let secret = turn_on(&server, &ann).await;
    server.world.at(PERIOD_MS);
    let form = format!("email=ann%40test.example&password={}&next=%2Fbids", PASSWORD.replace(' ', "+"));
    let asked = submit(&server, "", "/api/ui/sign_in", form).await;
    assert_eq!(asked.header(header::LOCATION), "/login/code?next=/bids");
    assert_eq!(cookie(&asked, "gavel_session"), "", "not yet");
    let proof = format!("gavel_password_proof={}", cookie(&asked, "gavel_password_proof"));
    let page = open(&server, &proof, "/login/code?next=/bids").await;
    assert!(page.text.contains("name=\"code\"") && page.text.contains("value=\"/bids\""), "{}", page.text);
    assert!(open(&server, "", "/login/code").await.text.contains("Too much time has passed"));
    let enter = async |cookies: &str, code: &str| {
        submit(&server, cookies, "/api/ui/sign_in_with_code", format!("code={code}&next=%2Fbids")).await
    };
    let wrong = enter(&proof, "000000").await;
    assert_eq!(wrong.header(header::LOCATION), "/login/code?next=/bids&error=VALIDATION&fields=code");
    let late = enter("", &code(&server, &secret)).await;
    assert!(late.header(header::LOCATION).starts_with("/login?next=/bids&error=INVALID_TOKEN"), "{:?}", late.headers);
    let done = enter(&proof, &code(&server, &secret)).await;
    assert_eq!(done.header(header::LOCATION), "/bids");
    assert_ne!(cookie(&done, "gavel_session"), "");
}

#[tokio::test]
async fn the_api_takes_the_code_with_the_password() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let secret = turn_on(&server, &ann).await;
    server.world.at(PERIOD_MS);
    let login = async |code: Option<&str>| {
        let body = json!({ "email": ann.user.email, "password": PASSWORD, "code": code });
        server.anonymous().post("/api/v1/auth/login", body).await
    };
    login(None).await.refused(401, "CODE_REQUIRED");
    server.anonymous().sign_in(&ann.user.email, PASSWORD).await.refused(401, "CODE_REQUIRED");
    login(Some("000000")).await.refused(401, "BAD_CREDENTIALS");
    login(Some(&code(&server, &secret))).await.json(200);
    // Who does not know the password learns nothing.
    server.anonymous().sign_in(&ann.user.email, "wrong password").await.refused(401, "BAD_CREDENTIALS");
    let off = format!("code=000000&current_password={}", PASSWORD.replace(' ', "+"));
    let refused = submit_form(&server, &ann, "/api/ui/turn_second_factor_off", &off).await;
    assert!(refused.header(header::LOCATION).contains("error=VALIDATION&fields=code"), "{:?}", refused.headers);
}
