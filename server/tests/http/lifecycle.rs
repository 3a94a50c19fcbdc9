//! What operators see: health, metrics, limits on connections, and an orderly end.

use crate::support::{Server, read_to_end};
use http::header;
use serde_json::json;
use testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn health_is_told_to_anyone() {
    let server = Server::start().await;
    let health = server.anyone().get("/health").await;
    health.json(200);
    assert_eq!(health.text, r#"{"status":"healthy"}"#);
    assert_eq!(server.anyone().get("/healthz").await.status, 200);
    let ready = server.anyone().get("/readyz").await.json(200);
    let expected = json!({ "ready": true, "database": true, "migrated": true, "redis": true, "draining": false });
    assert_eq!(ready, expected);
    server.anyone().post("/health", json!({})).await.refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn metrics_have_the_names_that_dashboards_know() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let _socket = server.watch(campaign).await;
    ann.bid(campaign, 900).await.json(201);
    ann.bid(campaign, 900).await.json(200);
    ann.bid(campaign, 1).await.refused(400, "PRICE_TOO_LOW");
    ann.get(&format!("/api/v1/rankings/{campaign}/me")).await.json(200);
    server.anyone().get("/api/v1/nothing").await.refused(404, "NOT_FOUND");
    let metrics = server.anyone().get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header(header::CONTENT_TYPE).starts_with("text/plain"));
    for line in [
        r#"http_requests_total{endpoint="/api/v1/bids",method="POST",status="201"}"#,
        r#"http_requests_total{endpoint="/api/v1/rankings/{id}/me",method="GET",status="200"}"#,
        r#"http_requests_total{endpoint="/ws/{id}",method="GET",status="101"}"#,
        r#"http_request_duration_seconds_count{endpoint="/api/v1/bids",method="POST"}"#,
        "http_requests_active ",
        r#"bids_total{status="accepted"}"#,
        r#"bids_total{status="kept"}"#,
        r#"bids_total{status="PRICE_TOO_LOW"}"#,
        "bid_latency_seconds_count ",
        r"db_query_duration_seconds_count{operation=",
        r"redis_operation_duration_seconds_count{operation=",
        "bid_batch_size_count ",
        "bid_queue_depth ",
        "bid_queue_wait_seconds_count ",
        "websocket_connections ",
        r#"requests_refused_total{code="PRICE_TOO_LOW"}"#,
    ] {
        assert!(metrics.text.lines().any(|found| found.starts_with(line)), "no {line}");
    }
    // Addresses are templates: an id is no label.
    assert!(!metrics.text.contains(&campaign.to_string()));
    assert!(!metrics.text.contains("nothing"));
}

#[tokio::test]
async fn without_its_database_the_server_says_so_and_when_to_come_back() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    server.world.engine.shut_down().await;
    ann.get("/api/v1/orders").await.refused(503, "UNAVAILABLE");
    let ready = server.anyone().get("/readyz").await.json(503);
    assert_eq!((&ready["ready"], &ready["database"]), (&json!(false), &json!(false)));
    server.anyone().get("/health").await.json(200);
}

#[tokio::test]
async fn websockets_are_told_to_come_back_and_the_server_ends() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let sockets = [server.watch(campaign).await, server.watch_as(campaign, &ann.token).await];
    server.tell_to_stop();
    for socket in sockets {
        assert_eq!(socket.close_code().await, Some(CloseCode::Restart));
    }
    eventually("the server has ended", async || (!server.is_running()).then_some(())).await;
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_bid_under_way_is_answered_before_the_end() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let body = json!({ "campaign_id": campaign, "price": 900 }).to_string();
    let head = format!(
        "POST /api/v1/bids HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        ann.token,
        body.len()
    );
    let mut stream = server.connect().await;
    stream.write_all(head.as_bytes()).await.expect("sends");
    // The server asks for the body: the request is under way.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("an answer");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.tell_to_stop();
    eventually("nobody listens", async || tokio::net::TcpStream::connect(server.address).await.err()).await;
    assert!(server.is_running(), "it waits for the bid");
    stream.write_all(body.as_bytes()).await.expect("sends");
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    eventually("the server has ended", async || (!server.is_running()).then_some(())).await;
}

#[tokio::test]
async fn load_balancers_are_told_before_anyone_is_turned_away() {
    let server = Server::start_with(&["--shutdown-delay-seconds", "3600", "--shutdown-limit-seconds", "3600"]).await;
    server.tell_to_stop();
    let ready = eventually("it is not ready", async || {
        let ready = server.anyone().get("/readyz").await;
        (ready.status == 503).then_some(ready)
    });
    assert_eq!(ready.await.json(503)["draining"], true);
    server.anyone().get("/api/v1/products").await.json(200);
}

#[tokio::test]
async fn connections_over_the_limit_are_turned_away_and_websockets_count() {
    let server = Server::start_with(&["--connections-max", "2"]).await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let mut socket = server.watch(campaign).await;
    socket.event("ranking_update").await;
    let second = server.connect().await;
    let mut third = server.connect().await;
    assert_eq!(read_to_end(&mut third).await, "");
    drop(second);
    // A place is free again.
    let health = b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    eventually("the next is served", async || server.raw(health).await.contains("healthy").then_some(())).await;
    drop(socket);
    eventually("two are served", async || {
        let _idle = server.connect().await;
        server.raw(health).await.contains("healthy").then_some(())
    })
    .await;
}
