//! `/api/v1/bids`, and the form that places bids.

use crate::support::{FORM, Member, Server, UNKNOWN_ID, assert_has_fields, column, send};
use domain::CampaignId;
use engine::{Engine, EngineConfig};
use http::{Method, header};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::eventually;

const BIDS: &str = "/api/v1/bids";

async fn campaign(server: &Server) -> CampaignId {
    server.world.campaign(&server.world.product(5).await, 2).await
}

#[tokio::test]
async fn a_bid_improves_the_standing_bid_or_leaves_it_unchanged() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    let first = ann.bid(campaign, 900).await.json(201);
    assert_has_fields(&first, "bid_id campaign_id user_id price score rank time_elapsed_ms bid_number");
    assert_has_fields(&first, "improved is_winning created_at accepted_at");
    assert_eq!((&first["campaign_id"], &first["user_id"]), (&json!(campaign), &json!(ann.user.user_id)));
    assert_eq!((first["price"].as_f64(), first["score"].as_f64()), (Some(900.0), Some(2000.0)));
    assert_eq!((&first["rank"], &first["time_elapsed_ms"], &first["bid_number"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!((&first["improved"], &first["is_winning"]), (&json!(true), &json!(true)));
    assert_eq!(first["created_at"], "2026-01-31T12:00:00Z");

    // Later, the same price scores less: the response has the numbers of the standing bid.
    server.world.at(9999);
    let mut same = first.clone();
    same["improved"] = json!(false);
    assert_eq!(ann.bid(campaign, 900).await.json(200), same);

    let second = ann.bid(campaign, 2000).await.json(201);
    assert_eq!((&second["bid_id"], &second["bid_number"]), (&first["bid_id"], &json!(2)));
    assert_eq!(second["score"].as_f64(), Some(2000.0 + 0.1 + 100.0));
    assert_eq!(second["time_elapsed_ms"], 9999);
    assert_eq!(second["created_at"], first["created_at"]);
    assert_eq!(second["accepted_at"], "2026-01-31T12:00:09.999Z");
}

#[tokio::test]
async fn a_price_is_a_number_or_a_string_with_at_most_two_decimals() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    for (price, cents) in
        [(json!("900.5"), 900.5), (json!(901), 901.0), (json!(902.07), 902.07), (json!("903.00"), 903.0)]
    {
        assert_eq!(ann.bid(campaign, price).await.json(201)["price"].as_f64(), Some(cents));
    }
    let more = json!({ "campaign_id": campaign, "price": 950, "score": 1e9, "rank": 1, "time_elapsed_ms": 0 });
    let outcome = ann.post(BIDS, more).await.json(201);
    assert_eq!((outcome["score"].as_f64(), &outcome["user_id"]), (Some(2050.0), &json!(ann.user.user_id)));
    for wrong in
        [json!(900.001), json!(0), json!(-900), json!("1e3"), json!(1e300), json!(true), json!([900]), Value::Null]
    {
        assert_eq!(ann.bid(campaign, wrong.clone()).await.invalid_field(), "price", "{wrong}");
    }
}

#[tokio::test]
async fn a_page_bids_for_its_own_user_only() {
    let server = Server::start().await;
    let (campaign, ann, bob) = (campaign(&server).await, server.member("ann").await, server.member("bob").await);
    let history = format!("/api/v1/bids/{campaign}/history");
    // Ann's page, after Bob has signed in, in another tab.
    let bid = json!({ "campaign_id": campaign, "price": 900, "user_id": ann.user.user_id });
    bob.post(BIDS, bid.clone()).await.refused(409, "SESSION_CHANGED");
    // This is checked before anything else.
    let nowhere = json!({ "campaign_id": UNKNOWN_ID, "price": 900, "user_id": ann.user.user_id });
    bob.post(BIDS, nowhere).await.refused(409, "SESSION_CHANGED");
    assert_eq!(bob.get(&history).await.json(200)["total"], 0);
    ann.post(BIDS, bid).await.json(201);
    // A value that is not an id is ignored.
    for (price, nonsense) in (901..).zip([json!("x"), json!(7), json!(null), json!({ "a": [] })]) {
        ann.post(BIDS, json!({ "campaign_id": campaign, "price": price, "user_id": nonsense })).await.json(201);
    }

    // The same with a plain form: it is redirected to its page, which explains it.
    let browser = |method, path: &str| {
        let request =
            server.anonymous().request(method, path).header(header::COOKIE, format!("gavel_session={}", bob.token));
        request.header(header::ORIGIN, server.origin()).header(header::ACCEPT, "text/html")
    };
    let place = |fields: String| {
        let request = browser(Method::POST, "/api/ui/place_bid");
        send(request.header(header::CONTENT_TYPE, FORM).body(fields))
    };
    let page = format!("/campaigns/{campaign}");
    for user in [format!("&user_id={}", ann.user.user_id), "&user_id=".to_owned(), String::new()] {
        let response = place(format!("campaign_id={campaign}&price=950{user}")).await;
        let address = response.header(header::LOCATION).to_owned();
        assert_eq!((response.status.as_u16(), address), (303, format!("{page}?error=SESSION_CHANGED")), "{user}");
        let page = send(browser(Method::GET, response.header(header::LOCATION))).await;
        assert!(page.text.contains("You are signed in with another account now. Nothing was bid."), "{}", page.text);
    }
    assert_eq!(bob.get(&history).await.json(200)["total"], 0, "nothing was bid");
    let response = place(format!("campaign_id={campaign}&price=950&user_id={}", bob.user.user_id)).await;
    assert_eq!(response.header(header::LOCATION), format!("{page}?bid=accepted"));
}

#[tokio::test]
async fn a_bid_is_checked_in_a_fixed_order() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    // Authentication, body, campaign, time, price.
    server.anonymous().post(BIDS, json!([])).await.refused(401, "NOT_AUTHENTICATED");
    for wrong in
        [json!({ "campaign_id": UNKNOWN_ID, "price": "x" }), json!({ "campaign_id": "x", "price": 1 }), json!({})]
    {
        ann.post(BIDS, wrong).await.refused(422, "VALIDATION");
    }
    ann.post(BIDS, json!({ "campaign_id": UNKNOWN_ID, "price": 1 })).await.refused(404, "CAMPAIGN_NOT_FOUND");

    server.world.at(-1);
    let early = ann.bid(campaign, 1).await.refused(403, "CAMPAIGN_NOT_STARTED");
    assert_eq!(early["server_time"], "2026-01-31T11:59:59.999Z");
    server.world.at(0);
    let low = ann.bid(campaign, 799.99).await.refused(400, "PRICE_TOO_LOW");
    assert_eq!(low["min_price"].as_f64(), Some(800.0));
    ann.bid(campaign, 800).await.json(201);
    server.world.at(60_000);
    let late = ann.bid(campaign, 1).await.refused(403, "CAMPAIGN_ENDED");
    assert_eq!(late["server_time"], "2026-01-31T12:01:00Z");
}

#[tokio::test]
async fn a_cancelled_campaign_accepts_no_bids() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    ann.bid(campaign, 900).await.json(201);
    let admin = server.admin().await;
    let cancel = format!("/api/v1/campaigns/{campaign}/cancel");
    admin.post(&cancel, json!({ "reason": "a recall" })).await.json(200);
    let refused = ann.bid(campaign, 1).await.refused(403, "CAMPAIGN_CANCELLED");
    assert_eq!(refused["server_time"], "2026-01-31T12:00:00Z");
}

#[tokio::test]
async fn an_edited_minimum_price_applies_at_once() {
    let server = Server::start().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    ann.bid(campaign, 800).await.json(201);
    let path = format!("/api/v1/products/{}", product.product_id);
    admin.patch(&path, json!({ "min_price": 1000 })).await.json(200);
    let low = ann.bid(campaign, 999.99).await.refused(400, "PRICE_TOO_LOW");
    assert_eq!(low["min_price"].as_f64(), Some(1000.0));
}

#[tokio::test]
async fn a_bid_that_waits_too_long_is_refused_as_overloaded() {
    let server = Server::start().await;
    let (campaign, ann, bob) = (campaign(&server).await, server.member("ann").await, server.member("bob").await);
    let config = EngineConfig { bid_wait_max: Duration::from_millis(20), ..server.world.stores.config() };
    let engine = Engine::connect_with_clock(config, server.world.clock.clone()).await.expect("connects");
    let slow = server.process_with(engine).await;
    // The campaign's row is locked: both of its writers wait with a bid, and Bob's bid queues behind them.
    let pool = &server.world.pool;
    let mut lock = pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM campaigns FOR UPDATE").execute(&mut *lock).await.expect("locks");
    let mut taken = Vec::new();
    for token in [&ann.token, &server.member("cat").await.token] {
        let client = slow.with_token(token);
        taken.push(tokio::spawn(async move { client.bid(campaign, 900).await }));
        let waiting = taken.len();
        eventually("the bid waits for the lock", async || {
            (server.world.waiting_for_locks().await == waiting).then_some(())
        })
        .await;
    }
    slow.with_token(&bob.token).bid(campaign, 900).await.refused(503, "OVERLOADED");
    lock.rollback().await.expect("rolls back");
    for bid in taken {
        bid.await.expect("runs").json(201);
    }
    assert_eq!(
        bob.get(&format!("/api/v1/bids/{campaign}/history")).await.json(200)["total"],
        0,
        "the refused bid was not written"
    );
}

#[tokio::test]
async fn the_history_has_every_accepted_bid_of_the_user_newest_first() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    let path = format!("/api/v1/bids/{campaign}/history");
    assert_eq!(ann.get(&path).await.json(200), json!({ "bids": [], "total": 0 }));
    let bob = server.member("bob").await;
    bob.bid(campaign, 5000).await.json(201);
    let prices = [900.0, 1000.0, 1100.5];
    for price in prices {
        ann.bid(campaign, price).await.json(201);
    }
    ann.bid(campaign, 950).await.json(200);
    let history = ann.get(&path).await.json(200);
    assert_eq!(history["total"], 3);
    assert_eq!(column(&history["bids"], "price"), [json!(1100.5), json!(1000), json!(900)]);
    assert_eq!(column(&history["bids"], "bid_number"), [3, 2, 1]);
    assert_has_fields(&history["bids"][0], "bid_id campaign_id price score time_elapsed_ms bid_number accepted_at");
    assert_eq!(history["bids"][0]["score"].as_f64(), Some(2200.5));

    let page = ann.get(&format!("{path}?skip=1&limit=1")).await.json(200);
    assert_eq!((column(&page["bids"], "bid_number"), &page["total"]), (vec![json!(2)], &json!(3)));
    assert_eq!(ann.get(&format!("{path}?limit=101")).await.invalid_field(), "limit");
    assert_eq!(ann.get("/api/v1/bids/x/history").await.invalid_field(), "id");
    ann.get(&format!("/api/v1/bids/{UNKNOWN_ID}/history")).await.refused(404, "NOT_FOUND");
    server.anonymous().get(&path).await.refused(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_plain_form_accepts_common_price_formats_and_returns_unclear_ones() {
    let server = Server::start().await;
    let (campaign, ann) = (campaign(&server).await, server.member("ann").await);
    let post = async |price: &str| {
        let request = server
            .anonymous()
            .request(Method::POST, "/api/ui/place_bid")
            .header(header::COOKIE, format!("gavel_session={}", ann.token))
            .header(header::ORIGIN, server.origin())
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, FORM);
        let user = ann.user.user_id;
        send(request.body(format!("campaign_id={campaign}&price={price}&user_id={user}"))).await
    };
    let page = format!("/campaigns/{campaign}");
    let mut refusal = String::new();
    for refused in ["1,20", "1e3", "1200.000", "-900", "%20", "1.200"] {
        let response = post(refused).await;
        response.header(header::LOCATION).clone_into(&mut refusal);
        let is_returned =
            refusal.starts_with(&format!("{page}?form=")) && refusal.ends_with("&error=VALIDATION&fields=price");
        assert!(response.status == 303 && is_returned, "{refused}: {refusal}");
    }
    // `１２００`, `1,300` and `1 400,50`.
    for accepted in ["%EF%BC%91%EF%BC%92%EF%BC%90%EF%BC%90", "1,300", "1%20400,50"] {
        let response = post(accepted).await;
        let address = format!("{page}?bid=accepted");
        assert_eq!(
            (response.status.as_u16(), response.header(header::LOCATION)),
            (303, address.as_str()),
            "{accepted}"
        );
    }
    let history = ann.get(&format!("/api/v1/bids/{campaign}/history")).await.json(200);
    assert_eq!(column(&history["bids"], "price"), [json!(1400.5), json!(1300), json!(1200)]);

    // The page shows the input again, and what is wrong with it.
    let open = server.anonymous().request(Method::GET, &refusal);
    let shown = send(open.header(header::COOKIE, format!("gavel_session={}", ann.token))).await;
    assert!(shown.text.contains("value=\"1.200\""), "{}", shown.text);
    assert!(shown.text.contains("It is not clear where the cents begin."), "{}", shown.text);
}

#[tokio::test]
async fn an_admin_declares_a_bid_void_and_valid_again() {
    let server = Server::start().await;
    let (campaign, admin) = (campaign(&server).await, server.admin().await);
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    ann.bid(campaign, 900).await.json(201);
    bob.bid(campaign, 850).await.json(201);
    let mut feed = server.watch_as(campaign, &ann.token).await;
    feed.event("rank_changed").await;
    let path = |user: &dyn std::fmt::Display| format!("/api/v1/campaigns/{campaign}/bids/{user}/void");
    let put = |member: &Member, path: String, body: Value| send(member.request(Method::PUT, &path).json(&body));
    let delete = |path: String| send(admin.request(Method::DELETE, &path));
    let (ann_id, reason) = (ann.user.user_id, json!({ "reason": "A slip of the pen." }));
    put(&bob, path(&ann_id), reason.clone()).await.refused(403, "ADMIN_REQUIRED");
    assert_eq!(put(&admin, path(&ann_id), json!({ "reason": " " })).await.invalid_field(), "reason");
    for nobody in [UNKNOWN_ID.to_owned(), admin.user.user_id.to_string()] {
        put(&admin, path(&nobody), reason.clone()).await.refused(404, "NOT_FOUND");
    }
    put(&admin, path(&"x"), reason.clone()).await.refused(422, "VALIDATION");
    delete(path(&ann_id)).await.refused(404, "NOT_FOUND");

    assert_eq!(put(&admin, path(&ann_id), reason.clone()).await.status.as_u16(), 204);
    let void = feed.event("bid_voided").await;
    assert_eq!((&void["campaign_id"], &void["reason"]), (&json!(campaign), &reason["reason"]));
    let ranking = server.anonymous().get(&format!("/api/v1/rankings/{campaign}")).await.json(200);
    assert_eq!(column(&ranking["rankings"], "username"), ["bob"]);
    assert_eq!((&ranking["total_participants"], &ranking["version"]), (&json!(1), &void["version"]));
    let mine = ann.get(&format!("/api/v1/rankings/{campaign}/me")).await.json(200);
    assert_eq!((&mine["rank"], &mine["price"], &mine["is_winning"]), (&Value::Null, &Value::Null, &Value::Null));

    assert_eq!(delete(path(&ann_id)).await.status.as_u16(), 204);
    let back = feed.event("rank_changed").await;
    assert_eq!((&back["rank"], &back["previous_rank"]), (&json!(1), &Value::Null));
    let cancel = format!("/api/v1/campaigns/{campaign}/cancel");
    admin.post(&cancel, json!({ "reason": "Recall" })).await.json(200);
    put(&admin, path(&ann_id), reason).await.refused(409, "CONFLICT");
    delete(path(&ann_id)).await.refused(409, "CONFLICT");
}
