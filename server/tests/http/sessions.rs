//! Sessions over HTTP: signing out, the list of sessions, and changing the password, by the API and by the pages' forms.

use crate::support::{Member, Response, Server, assert_has_fields, column, open_page, send, submit_form};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use testkit::PASSWORD;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const ME: &str = "/api/v1/auth/me";
const SESSIONS: &str = "/api/v1/auth/sessions";
const LOGOUT: &str = "/api/v1/auth/logout";
const NEW_PASSWORD: &str = "another battery staple";

/// Signs the member in once more.
async fn again(server: &Server, member: &Member) -> Member {
    let session = server.anonymous().sign_in(&member.user.email, PASSWORD).await.json(200);
    let token = session["access_token"].as_str().expect("a token").to_owned();
    Member::new(member.user.clone(), token, server.anonymous())
}

fn done(response: &Response) {
    assert_eq!((response.status, response.text.as_str()), (StatusCode::NO_CONTENT, ""));
}

#[tokio::test]
async fn after_signing_out_the_token_is_refused_and_its_websocket_closed() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let phone = again(&server, &ann).await;
    let (mine, mut other) =
        (server.watch_as(campaign, &ann.token).await, server.watch_as(campaign, &phone.token).await);
    done(&send(ann.request(Method::POST, LOGOUT)).await);
    ann.get(ME).await.refused(401, "INVALID_TOKEN");
    ann.bid(campaign, 900).await.refused(401, "INVALID_TOKEN");
    assert_eq!(mine.close_code().await, Some(CloseCode::Policy));
    let refused = server.open(&format!("/ws/{campaign}?token={}", ann.token), &[]).await.expect_err("refused");
    refused.refused(401, "INVALID_TOKEN");
    // Signing out again, or with nonsense, is no error.
    done(&send(ann.request(Method::POST, LOGOUT)).await);
    done(&send(server.with_token("x").request(Method::POST, LOGOUT)).await);
    // The other session goes on.
    phone.get(ME).await.json(200);
    phone.bid(campaign, 900).await.json(201);
    other.event("bid_accepted").await;
}

#[tokio::test]
async fn another_site_cannot_end_a_session() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let cookie = format!("gavel_session={}", ann.token);
    let logout = |origin: &str| {
        let request = server.anonymous().request(Method::POST, LOGOUT).header(header::COOKIE, cookie.clone());
        request.header(header::ORIGIN, origin.to_owned())
    };
    send(logout("https://evil.example")).await.refused(403, "CROSS_ORIGIN");
    ann.get(ME).await.json(200);
    done(&send(logout(&server.origin())).await);
    ann.get(ME).await.refused(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let (phone, tablet) = (again(&server, &ann).await, again(&server, &ann).await);
    let list = phone.get(SESSIONS).await.json(200);
    let sessions = list["sessions"].as_array().expect("a list");
    assert_eq!((sessions.len(), &list["total"]), (3, &json!(3)), "{list}");
    let is_current = |session: &&Value| session["is_current"] == true;
    assert_eq!(sessions.iter().filter(is_current).count(), 1, "{list}");
    assert_eq!(sessions[0]["network"], "127.0.0.1");
    let tablets = tablet.get(SESSIONS).await.json(200);
    let id =
        tablets["sessions"].as_array().and_then(|list| list.iter().find(is_current)).expect("its own")["session_id"]
            .clone();
    let end = |who: &Member, id: &str| send(who.request(Method::DELETE, &format!("{SESSIONS}/{id}")));
    let bob = server.member("bob").await;
    end(&bob, id.as_str().expect("an id")).await.refused(404, "NOT_FOUND");
    done(&end(&phone, id.as_str().expect("an id")).await);
    tablet.get(ME).await.refused(401, "INVALID_TOKEN");
    end(&phone, "nonsense").await.refused(422, "VALIDATION");
    done(&send(phone.request(Method::DELETE, SESSIONS)).await);
    ann.get(ME).await.refused(401, "INVALID_TOKEN");
    phone.get(ME).await.json(200);
    server.anonymous().get(SESSIONS).await.refused(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let phone = again(&server, &ann).await;
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        send(ann.request(Method::PUT, "/api/v1/auth/password").json(&body))
    };
    let refused = change("wrong password", NEW_PASSWORD).await;
    assert_eq!(refused.invalid_field(), "current_password");
    assert!(!refused.text.contains("staple"), "{}", refused.text);
    assert_eq!(change(PASSWORD, "short").await.invalid_field(), "new_password");
    phone.get(ME).await.json(200);
    done(&change(PASSWORD, NEW_PASSWORD).await);
    phone.get(ME).await.refused(401, "INVALID_TOKEN");
    ann.get(ME).await.json(200);
    server.anonymous().sign_in(&ann.user.email, PASSWORD).await.refused(401, "BAD_CREDENTIALS");
    server.anonymous().sign_in(&ann.user.email, NEW_PASSWORD).await.json(200);
}

#[tokio::test]
async fn the_profile_changes_the_password_and_signs_out_elsewhere() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let phone = again(&server, &ann).await;
    let page = open_page(&server, &ann, "/profile").await;
    assert_eq!(page.text.matches("name=\"session_id\"").count(), 1, "{}", page.text);
    let id = &ann.user.user_id;
    let form = |fields: &str| format!("user_id={id}&{fields}").replace(' ', "+");
    let submit = async |path: &str, fields: &str| submit_form(&server, &ann, path, &form(fields)).await;
    let wrong = submit("/api/ui/change_password", "current_password=wrong&new_password=short").await;
    assert_eq!(wrong.header(header::LOCATION), "/profile?error=VALIDATION&fields=new_password");
    let wrong = submit("/api/ui/change_password", &format!("current_password=wrong&new_password={NEW_PASSWORD}")).await;
    assert_eq!(wrong.header(header::LOCATION), "/profile?error=VALIDATION&fields=current_password");
    // A page of someone else changes nothing.
    let foreign = submit_form(&server, &phone, "/api/ui/end_sessions", "user_id=x").await;
    assert!(foreign.header(header::LOCATION).contains("SESSION_CHANGED"), "{:?}", foreign.headers);
    phone.get(ME).await.json(200);
    let done = submit("/api/ui/end_sessions", "").await;
    assert_eq!(done.header(header::LOCATION), "/profile");
    phone.get(ME).await.refused(401, "INVALID_TOKEN");
    let fields = format!("current_password={PASSWORD}&new_password={NEW_PASSWORD}");
    let done = submit("/api/ui/change_password", &fields).await;
    assert_eq!(done.header(header::LOCATION), "/profile");
    server.anonymous().sign_in(&ann.user.email, NEW_PASSWORD).await.json(200);
    let out = submit("/api/ui/sign_out", "").await;
    assert_eq!(out.header(header::LOCATION), "/");
    ann.get(ME).await.refused(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_browser_whose_session_ended_elsewhere_becomes_a_spectator_and_learns_it() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    done(&send(ann.request(Method::POST, LOGOUT)).await);
    let (id, origin) = (ann.user.user_id, server.origin());
    let cookie = format!("gavel_session={}; gavel_session_info={id}.9999999999", ann.token);
    let headers = [(header::COOKIE, cookie.as_str()), (header::ORIGIN, origin.as_str())];
    let mut feed = server.open(&format!("/ws/{campaign}"), &headers).await.expect("opens");
    feed.event("ranking_update").await;
    let page = open_page(&server, &ann, "/bids").await;
    assert_eq!((page.status, page.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/login?next=/bids"));
}

#[tokio::test]
async fn an_api_key_does_what_its_scope_says() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let (admin, ann, bob) = (server.admin().await, server.member("ann").await, server.member("bob").await);
    let keys = "/api/v1/auth/api-keys";
    for (field, wrong) in [("name", json!(" ")), ("scope", json!("all")), ("days", json!(0)), ("days", json!(366))] {
        let mut request = json!({ "name": "Bot", "scope": "bid" });
        request[field] = wrong;
        assert_eq!(ann.post(keys, request).await.invalid_field(), field);
    }
    let create = async |member: &Member, scope: &str| {
        let key = member.post(keys, json!({ "name": "Bot", "scope": scope, "days": "7" })).await.json(201);
        assert_has_fields(&key, "key_id name scope created_at expires_at token");
        (server.with_token(key["token"].as_str().expect("a token")), key)
    };
    let (reader, _) = create(&ann, "read").await;
    let (bidder, key) = create(&ann, "bid").await;
    let (editor, _) = create(&admin, "admin").await;
    let listed = ann.get(keys).await.json(200);
    let mut scopes: Vec<_> = column(&listed["keys"], "scope").into_iter().map(|scope| scope.to_string()).collect();
    scopes.sort();
    assert_eq!(scopes, [r#""bid""#, r#""read""#]);
    assert_eq!(listed["total"], 2);
    assert!(listed["keys"][0]["token"].is_null(), "a token is shown once");

    for client in [&reader, &bidder, &editor] {
        client.get("/api/v1/orders").await.json(200);
        let ticket = client.post("/api/v1/auth/websocket-ticket", json!({})).await.json(200);
        let path = format!("/ws/{campaign}?ticket={}", ticket["ticket"].as_str().expect("a ticket"));
        server.open(&path, &[]).await.expect("opens");
        client.get(keys).await.refused(403, "INSUFFICIENT_SCOPE");
        client.post("/api/v1/auth/logout", json!({})).await.refused(403, "INSUFFICIENT_SCOPE");
    }
    reader.bid(campaign, 900).await.refused(403, "INSUFFICIENT_SCOPE");
    bidder.bid(campaign, 900).await.json(201);
    bidder.post("/api/v1/products", json!({})).await.refused(403, "INSUFFICIENT_SCOPE");
    editor.post("/api/v1/products", json!({ "name": "Lamp", "stock": 1, "min_price": 1 })).await.json(201);
    // Not in place of a session, either, whatever else is sent.
    let cookie = format!("gavel_session={}", key["token"].as_str().expect("a token"));
    for client in [server.anonymous(), server.with_token("x"), server.with_token(&bob.token)] {
        for (method, path) in [
            (Method::POST, "/api/ui/end_sessions"),
            (Method::POST, "/api/ui/place_bid"),
            (Method::POST, "/api/v1/auth/logout"),
            (Method::GET, "/profile"),
            (Method::GET, "/api/v1/auth/sessions"),
        ] {
            let request = client.request(method, path).header(header::ORIGIN, server.origin());
            let request = request.header(header::COOKIE, &cookie).header(header::ACCEPT, "application/json");
            send(request).await.refused(403, "INSUFFICIENT_SCOPE");
        }
    }
    let page = send(reader.request(Method::GET, "/profile").header(header::ACCEPT, "application/json")).await;
    page.refused(403, "INSUFFICIENT_SCOPE");

    let path = format!("{keys}/{}", key["key_id"].as_str().expect("an id"));
    assert_eq!(send(ann.request(Method::DELETE, &path)).await.status.as_u16(), 204);
    send(ann.request(Method::DELETE, &path)).await.refused(404, "NOT_FOUND");
    bidder.get("/api/v1/auth/me").await.refused(401, "INVALID_TOKEN");
    reader.get("/api/v1/auth/me").await.json(200);
}

#[tokio::test]
async fn members_download_and_erase_their_data() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let data = ann.get("/api/v1/auth/data").await.json(200);
    assert_eq!(data["account"]["email"], ann.user.email.as_str(), "{data}");
    for list in ["sessions", "api_keys", "bids", "orders"] {
        assert!(data[list].is_array(), "{list}: {data}");
    }
    server.anonymous().get("/api/v1/auth/data").await.refused(401, "NOT_AUTHENTICATED");
    let erase =
        |password: &str| send(ann.request(Method::POST, "/api/v1/auth/erase").json(&json!({ "password": password })));
    assert_eq!(erase("wrong password").await.invalid_field(), "password");
    done(&erase(PASSWORD).await);
    ann.get(ME).await.refused(403, "ACCOUNT_INACTIVE");

    // The same by the page, which says what is wrong and signs out.
    let bob = server.member("bob").await;
    let form = |password: &str| format!("user_id={}&current_password={password}", bob.user.user_id).replace(' ', "+");
    let wrong = submit_form(&server, &bob, "/api/ui/erase_account", &form("wrong")).await;
    assert_eq!(wrong.header(header::LOCATION), "/profile/data?error=VALIDATION&fields=current_password");
    let erased = submit_form(&server, &bob, "/api/ui/erase_account", &form(PASSWORD)).await;
    assert_eq!(erased.header(header::LOCATION), "/");
    bob.get(ME).await.refused(403, "ACCOUNT_INACTIVE");
}
