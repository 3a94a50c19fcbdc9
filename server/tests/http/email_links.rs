//! New passwords and confirmed addresses by links in e-mails.

use crate::support::{FORM, MailServer, Response, Server, ServerProcess, open_page, send};
use domain::ErrorCode;
use engine::{Engine, EngineConfig, MailConfig};
use http::{Method, header};
use serde_json::Value;
use testkit::PASSWORD;

const SITE: &str = "https://auction.example";
const NEW_PASSWORD: &str = "another battery staple";
const HOUR_MS: i64 = 3_600_000;

/// A process that sends e-mails to this mail server.
async fn with_mail(server: &Server, mail: &MailServer) -> (ServerProcess, Engine) {
    let world = &server.world;
    let config = MailConfig {
        smtp_url: Some(mail.url().into()),
        from: "Gavel <gavel@auction.example>".to_owned(),
        public_url: format!("{SITE}/"),
        is_logged: false,
    };
    let config = EngineConfig { mail: config, ..world.stores.config() };
    let engine = Engine::connect_with_clock(config, world.clock.clone()).await.expect("connects");
    engine.start();
    (server.process_with(engine.clone()).await, engine)
}

/// Posts a form of a visitor.
async fn submit(process: &ServerProcess, path: &str, fields: &[(&str, &str)]) -> Response {
    let form = reqwest::Url::parse_with_params("http://x/", fields).expect("an address");
    let request = process.anonymous().request(Method::POST, path);
    let request = request.header(header::ORIGIN, process.origin()).header(header::ACCEPT, "text/html");
    send(request.header(header::CONTENT_TYPE, FORM).body(form.query().unwrap_or_default().to_owned())).await
}

async fn open(process: &ServerProcess, path: &str) -> Response {
    send(process.anonymous().request(Method::GET, path).header(header::ACCEPT, "text/html")).await
}

async fn ask(process: &ServerProcess, email: &str) -> Response {
    submit(process, "/api/ui/request_password_reset", &[("email", email)]).await
}

fn token(link: &str) -> &str {
    link.split_once("?token=").expect("a token").1
}

async fn reset(process: &ServerProcess, link: &str, password: &str) -> Response {
    submit(process, "/api/ui/reset_password", &[("token", token(link)), ("new_password", password)]).await
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_that_works_once() {
    let (server, mail) = (Server::start().await, MailServer::start().await);
    let ann = server.member("ann").await;
    let (process, engine) = with_mail(&server, &mail).await;
    assert_eq!(ask(&process, " ANN@test.example ").await.header(header::LOCATION), "/forgot-password");
    let mail = mail.last_of(1).await;
    assert_eq!(mail.to, ann.user.email);
    let link = mail.link(SITE);
    assert!(link.starts_with("/reset-password?token="), "{link}");
    let used = engine.accounts.identify(token(&link)).await.expect_err("it is no session");
    assert_eq!(used.code(), ErrorCode::InvalidToken);

    let page = open(&process, &link).await;
    assert!(page.text.contains("name=\"new_password\"") && page.text.contains(&ann.user.email), "{}", page.text);
    assert!(!page.text.contains("next=/reset-password"), "the token is in no other address");
    let weak = reset(&process, &link, "password123").await;
    assert!(weak.header(header::LOCATION).contains("error=VALIDATION&fields=new_password"), "{:?}", weak.headers);
    let done = reset(&process, &link, NEW_PASSWORD).await;
    assert_eq!(done.header(header::LOCATION), "/login");
    process.with_token(&ann.token).get("/api/v1/auth/me").await.refused(401, "INVALID_TOKEN");
    process.anonymous().sign_in(&ann.user.email, PASSWORD).await.refused(401, "BAD_CREDENTIALS");
    process.anonymous().sign_in(&ann.user.email, NEW_PASSWORD).await.json(200);
    assert!(engine.accounts.has_confirmed_email(ann.user.user_id).await.expect("reads"), "the e-mail has arrived");

    let again = reset(&process, &link, "yet another password").await;
    assert!(again.header(header::LOCATION).contains("error=NOT_FOUND"), "{:?}", again.headers);
    assert!(open(&process, &link).await.text.contains("has been used"));
    process.anonymous().sign_in(&ann.user.email, NEW_PASSWORD).await.json(200);
}

#[tokio::test]
async fn a_link_expires_and_is_of_no_use_for_a_blocked_account() {
    let (server, mail) = (Server::start().await, MailServer::start().await);
    let (ann, admin) = (server.member("ann").await, server.admin().await);
    let (process, _) = with_mail(&server, &mail).await;
    ask(&process, &ann.user.email).await;
    let link = mail.last_of(1).await.link(SITE);
    let block = async |status: &str| {
        let path = format!("/api/v1/users/{}", ann.user.user_id);
        admin.patch(&path, serde_json::json!({ "status": status })).await.json(200)
    };
    block("inactive").await;
    assert!(reset(&process, &link, NEW_PASSWORD).await.header(header::LOCATION).contains("error=NOT_FOUND"));
    ask(&process, &ann.user.email).await;
    block("active").await;
    assert!(open(&process, &link).await.text.contains("name=\"new_password\""), "it is good again");
    server.world.at(HOUR_MS + 1000);
    assert!(open(&process, &link).await.text.contains("has expired"));
    assert!(reset(&process, &link, NEW_PASSWORD).await.header(header::LOCATION).contains("error=NOT_FOUND"));
    assert_eq!(mail.mails().len(), 1, "a blocked account gets none");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_and_no_address_is_flooded() {
    let (server, mail) = (Server::start().await, MailServer::start().await);
    let ann = server.member("ann").await;
    let (process, _) = with_mail(&server, &mail).await;
    let mut answers = Vec::new();
    for email in ["nobody@test.example", &ann.user.email, &ann.user.email, &ann.user.email, &ann.user.email] {
        let answer = ask(&process, email).await;
        answers.push((answer.status, answer.header(header::LOCATION).to_owned(), answer.text.clone()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(mail.last_of(3).await.to, ann.user.email);
    let malformed = ask(&process, "no address").await;
    assert!(malformed.header(header::LOCATION).contains("error=VALIDATION&fields=email"), "{:?}", malformed.headers);
    // A network may ask thirty times an hour.
    for n in 0..25 {
        ask(&process, &format!("nobody{n}@test.example")).await;
    }
    assert!(ask(&process, "last@test.example").await.header(header::LOCATION).contains("error=RATE_LIMITED"));
    assert_eq!(mail.mails().len(), 3, "{:?}", mail.mails());
}

#[tokio::test]
async fn an_address_is_confirmed_by_a_button_and_not_by_opening_the_link() {
    let (server, mail) = (Server::start().await, MailServer::start().await);
    let (process, engine) = with_mail(&server, &mail).await;
    let account = [("email", "ann@test.example"), ("username", "ann"), ("password", PASSWORD), ("next", "/")];
    assert_eq!(submit(&process, "/api/ui/register", &account).await.header(header::LOCATION), "/");
    let session = process.anonymous().sign_in("ann@test.example", PASSWORD).await.json(200);
    let me: Value =
        process.with_token(session["access_token"].as_str().expect("a token")).get("/api/v1/auth/me").await.json(200);
    let user_id = me["user_id"].as_str().expect("an id").parse().expect("an id");
    let is_confirmed = async || engine.accounts.has_confirmed_email(user_id).await.expect("reads");
    let link = mail.last_of(1).await.link(SITE);
    assert!(open(&process, &link).await.text.contains("ann@test.example"));
    assert!(!is_confirmed().await, "programs that check e-mails open links");
    let token = token(&link);
    let reset = submit(&process, "/api/ui/reset_password", &[("token", token), ("new_password", NEW_PASSWORD)]).await;
    assert!(reset.header(header::LOCATION).contains("error=NOT_FOUND"), "it sets no password");
    let confirmed = submit(&process, "/api/ui/confirm_email", &[("token", token)]).await;
    assert_eq!(confirmed.header(header::LOCATION), "/");
    assert!(is_confirmed().await);
}

#[tokio::test]
async fn without_a_mail_server_the_pages_say_so() {
    let server = Server::start().await;
    let page = open_page(&server, &server.member("ann").await, "/forgot-password").await;
    assert!(page.text.contains("cannot send e-mail") && !page.text.contains("name=\"email\""), "{}", page.text);
}
