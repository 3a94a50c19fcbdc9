//! `/ws/{campaign_id}`: the live feed of a campaign.

use crate::support::{Server, UNKNOWN_ID, assert_has_fields, column};
use domain::CampaignId;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A campaign with one winner, in which only the price counts.
async fn one_winner_campaign(server: &Server) -> CampaignId {
    server.world.price_only_campaign(&server.world.product(1).await, 1).await
}

#[tokio::test]
async fn a_spectator_gets_the_ranking_on_connect_and_on_change() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let mut socket = server.watch(campaign).await;
    let empty = socket.event("ranking_update").await;
    assert_has_fields(&empty, "campaign_id top_k total_participants min_winning_score max_score timestamp version");
    assert_eq!((&empty["campaign_id"], &empty["top_k"]), (&json!(campaign), &json!([])));
    assert_eq!((&empty["min_winning_score"], &empty["max_score"]), (&Value::Null, &Value::Null));
    let ann = server.member("ann").await;
    ann.bid(campaign, 900).await.json(201);
    let update = socket.ranking_with(1).await;
    let row = json!({ "rank": 1, "user_id": ann.user.user_id, "username": "ann", "score": 900.0, "price": 900 });
    assert_eq!(update["top_k"], json!([row]));
    assert_eq!(update["min_winning_score"].as_f64(), Some(900.0));
    assert_eq!(update["timestamp"], "2026-01-31T12:00:00Z");
    assert!(update["version"].as_u64() > empty["version"].as_u64());
}

#[tokio::test]
async fn a_bidder_gets_events_on_bidding_and_on_being_outbid() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let mut anns_socket = server.watch_as(campaign, &ann.token).await;
    let mut spectator = server.watch(campaign).await;
    server.world.at(1234);
    let placed = ann.bid(campaign, 900).await.json(201);
    let accepted = anns_socket.event("bid_accepted").await;
    let expected = json!({
        "bid_id": placed["bid_id"], "campaign_id": campaign, "price": 900, "score": 900.0, "rank": 1,
        "time_elapsed_ms": 1234, "timestamp": "2026-01-31T12:00:01.234Z", "version": placed["version"],
    });
    assert_eq!(accepted, expected);
    let higher = bob.bid(campaign, 1000).await.json(201);
    assert!(higher["version"].as_u64() > placed["version"].as_u64());
    let changed = anns_socket.event("rank_changed").await;
    let expected = json!({
        "campaign_id": campaign, "rank": 2, "score": 900.0, "price": 900, "is_winning": false, "previous_rank": 1,
        "version": higher["version"],
    });
    assert_eq!(changed, expected);
    let ranking = spectator.ranking_with(2).await;
    assert_eq!(column(&ranking["top_k"], "user_id"), [json!(bob.user.user_id)]);
}

#[tokio::test]
async fn a_bidders_sockets_in_all_processes_get_bid_accepted() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    let other = server.another_process().await;
    let mut here = server.watch_as(campaign, &ann.token).await;
    let mut there = other.watch_as(campaign, &ann.token).await;
    there.event("ranking_update").await;
    let placed = ann.bid(campaign, 900).await.json(201);
    for socket in [&mut here, &mut there] {
        assert_eq!(socket.event("bid_accepted").await["bid_id"], placed["bid_id"]);
    }
    there.ranking_with(1).await;
}

#[tokio::test]
async fn everyone_gets_campaign_ended_even_if_they_connect_later() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let mut winner = server.watch_as(campaign, &bob.token).await;
    let mut loser = server.watch_as(campaign, &ann.token).await;
    let mut spectator = server.watch(campaign).await;
    ann.bid(campaign, 900).await.json(201);
    bob.bid(campaign, 1000).await.json(201);
    server.world.engine.start();
    server.world.at(60_000);
    let first = json!({
        "campaign_id": campaign, "is_winner": true, "final_rank": 1, "final_score": 1000.0, "final_price": 1000,
        "min_winning_score": 1000.0,
    });
    let second = json!({
        "campaign_id": campaign, "is_winner": false, "final_rank": 2, "final_score": 900.0, "final_price": 900,
        "min_winning_score": 1000.0,
    });
    let nobody = json!({
        "campaign_id": campaign, "is_winner": false, "final_rank": null, "final_score": null, "final_price": null,
        "min_winning_score": 1000.0,
    });
    assert_eq!(winner.event("campaign_ended").await, first);
    assert_eq!(loser.event("campaign_ended").await, second);
    assert_eq!(spectator.event("campaign_ended").await, nobody);
    assert_eq!(server.watch_as(campaign, &bob.token).await.event("campaign_ended").await, first);
    assert_eq!(server.watch(campaign).await.event("campaign_ended").await, nobody);
}

#[tokio::test]
async fn edits_and_cancellations_are_sent() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let admin = server.admin().await;
    let mut socket = server.watch(campaign).await;
    let path = format!("/api/v1/campaigns/{campaign}");
    admin.patch(&path, json!({ "end_time": "2026-01-31T12:05:00Z" })).await.json(200);
    let updated = socket.event("campaign_updated").await;
    assert_eq!((&updated["status"], &updated["end_time"]), (&json!("active"), &json!("2026-01-31T12:05:00Z")));
    let mut detail = server.anonymous().get(&path).await.json(200);
    detail["server_time"] = updated["campaign"]["server_time"].clone();
    assert_eq!(updated["campaign"], detail);
    admin.post(&format!("{path}/cancel"), json!({ "reason": "a recall" })).await.json(200);
    let updated = socket.event("campaign_updated").await;
    assert_eq!((&updated["status"], &updated["reason"]), (&json!("cancelled"), &json!("a recall")));
}

#[tokio::test]
async fn pings_are_answered() {
    let server = Server::start().await;
    let mut socket = server.watch(one_winner_campaign(&server).await).await;
    socket.protocol_ping().await;
    socket.send("ping").await;
    assert_eq!(socket.plain_text().await, "pong");
    for ping in [r#"{"event":"ping"}"#, r#"{"event":"ping","data":{"a":[1]}}"#] {
        socket.send(ping).await;
        assert_eq!(socket.event("pong").await, json!({ "server_time": "2026-01-31T12:00:00Z" }));
    }
    // Other messages are ignored.
    for nonsense in ["", "{", "[]", "PING", r#"{"event":"subscribe"}"#, "\u{0}"] {
        socket.send(nonsense).await;
    }
    socket.send("ping").await;
    assert_eq!(socket.plain_text().await, "pong");
}

#[tokio::test]
async fn an_invalid_token_or_campaign_is_refused_at_the_upgrade() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    for token in ["x", "", "%00", &format!("{}x", ann.token)] {
        let refused = server.open(&format!("/ws/{campaign}?token={token}"), &[]).await.expect_err("refused");
        refused.refused(401, "INVALID_TOKEN");
    }
    let bearer = server.open(&format!("/ws/{campaign}"), &[(AUTHORIZATION, "Bearer x")]).await;
    bearer.expect_err("refused").refused(401, "INVALID_TOKEN");
    let cookie = server.open(&format!("/ws/{campaign}"), &[(COOKIE, "gavel_session=x")]).await;
    cookie.expect_err("refused").refused(401, "INVALID_TOKEN");
    for id in [UNKNOWN_ID, "x", "%00", "%ff"] {
        server.open(&format!("/ws/{id}"), &[]).await.expect_err("refused").refused(404, "NOT_FOUND");
    }
    server.world.at(3_600_000);
    let expired = server.open(&format!("/ws/{campaign}?token={}", ann.token), &[]).await.expect_err("refused");
    expired.refused(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_ticket_opens_feeds_for_half_a_minute_and_nothing_else() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    let new_ticket = async || {
        let answer = ann.post("/api/v1/auth/websocket-ticket", json!({})).await.json(200);
        assert_eq!(answer["expires_in"], 30);
        answer["ticket"].as_str().expect("a ticket").to_owned()
    };
    let ticket = new_ticket().await;
    let path = format!("/ws/{campaign}?ticket={ticket}");
    let mut socket = server.open(&path, &[]).await.expect("opens");
    ann.bid(campaign, 900).await.json(201);
    socket.event("bid_accepted").await;
    server.anonymous().with_token(&ticket).get("/api/v1/auth/me").await.refused(401, "INVALID_TOKEN");
    for token_or_ticket in [format!("token={ticket}"), format!("ticket={}", ann.token)] {
        let refused = server.open(&format!("/ws/{campaign}?{token_or_ticket}"), &[]).await.expect_err("refused");
        refused.refused(401, "INVALID_TOKEN");
    }
    server.world.at(30_000);
    server.open(&path, &[]).await.expect_err("expired").refused(401, "INVALID_TOKEN");
    // The feed lasts as long as the session.
    socket.send("ping").await;
    assert_eq!(socket.plain_text().await, "pong");
    let path = format!("/ws/{campaign}?ticket={}", new_ticket().await);
    ann.post("/api/v1/auth/logout", json!({})).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::Policy));
    server.open(&path, &[]).await.expect_err("of an ended session").refused(401, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_cookie_opens_a_feed_from_our_own_pages_only() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    let path = format!("/ws/{campaign}");
    let cookie = format!("gavel_session={}", ann.token);
    for headers in [&[(COOKIE, cookie.as_str())][..], &[(COOKIE, &cookie), (ORIGIN, "http://evil.example")]] {
        server.open(&path, headers).await.expect_err("refused").refused(403, "CROSS_ORIGIN");
    }
    let mut socket = server.open(&path, &[(COOKIE, &cookie), (ORIGIN, &server.origin())]).await.expect("opens");
    ann.bid(campaign, 900).await.json(201);
    socket.event("bid_accepted").await;
    // A token in the query needs no origin: browsers do not add it by themselves.
    let with_token = format!("{path}?token={}", ann.token);
    server.open(&with_token, &[(ORIGIN, "http://other.example")]).await.expect("opens");
}

#[tokio::test]
async fn a_feed_closes_when_the_session_that_opened_it_expires() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    let cookie = format!("gavel_session={}", ann.token);
    let mut by_token = server.watch_as(campaign, &ann.token).await;
    let by_cookie =
        server.open(&format!("/ws/{campaign}"), &[(COOKIE, &cookie), (ORIGIN, &server.origin())]).await.expect("opens");
    let mut spectator = server.watch(campaign).await;
    server.world.at(3_599_999);
    by_token.send("ping").await;
    assert_eq!(by_token.plain_text().await, "pong");
    server.world.at(3_600_000);
    assert_eq!(by_token.close_code().await, Some(CloseCode::Policy));
    assert_eq!(by_cookie.close_code().await, Some(CloseCode::Policy));
    spectator.send("ping").await;
    assert_eq!(spectator.plain_text().await, "pong");
}

#[tokio::test]
async fn the_feeds_of_a_blocked_user_are_closed_in_all_processes() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let (ann, bob, admin) = (server.member("ann").await, server.member("bob").await, server.admin().await);
    let other = server.another_process().await;
    let mut here = server.watch_as(campaign, &ann.token).await;
    let mut there = other.watch_as(campaign, &ann.token).await;
    let mut bobs_socket = other.watch_as(campaign, &bob.token).await;
    let path = format!("/api/v1/users/{}", ann.user.user_id);
    // Other changes of the account close nothing.
    admin.patch(&path, json!({ "weight": 2 })).await.json(200);
    for socket in [&mut here, &mut there] {
        socket.send("ping").await;
        assert_eq!(socket.plain_text().await, "pong");
    }
    admin.patch(&path, json!({ "status": "inactive" })).await.json(200);
    assert_eq!(here.close_code().await, Some(CloseCode::Policy));
    assert_eq!(there.close_code().await, Some(CloseCode::Policy));
    bobs_socket.send("ping").await;
    assert_eq!(bobs_socket.plain_text().await, "pong");
    let reconnect = server.open(&format!("/ws/{campaign}?token={}", ann.token), &[]).await.expect_err("refused");
    reconnect.refused(403, "ACCOUNT_INACTIVE");
}

#[tokio::test]
async fn an_upgrade_counts_as_a_request_of_its_user() {
    let server = Server::start_with(&["--user-requests-per-second", "2"]).await;
    let campaign = one_winner_campaign(&server).await;
    let ann = server.member("ann").await;
    let path = format!("/ws/{campaign}?token={}", ann.token);
    let mut sockets = Vec::new();
    let refused = loop {
        match server.open(&path, &[]).await {
            Ok(socket) => sockets.push(socket),
            Err(refused) => break refused,
        }
        assert!(sockets.len() < 100, "no upgrade is refused");
    };
    refused.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn a_request_that_is_not_a_handshake_is_refused() {
    let server = Server::start().await;
    let path = format!("/ws/{}", one_winner_campaign(&server).await);
    server.anonymous().get(&path).await.refused(422, "VALIDATION");
    server.anonymous().post(&path, json!({})).await.refused(405, "METHOD_NOT_ALLOWED");
    server.anonymous().get("/ws/x").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn clients_that_send_too_much_are_disconnected() {
    let server = Server::start().await;
    let campaign = one_winner_campaign(&server).await;
    let mut large = server.watch(campaign).await;
    large.send(&"x".repeat(4 * 1024 + 1)).await;
    large.close_code().await;
    let mut many = server.watch(campaign).await;
    for _ in 0..101 {
        many.send("{}").await;
    }
    assert_eq!(many.close_code().await, Some(CloseCode::Policy));
}
