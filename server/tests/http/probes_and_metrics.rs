//! Health probes and metrics.

use crate::support::Server;
use http::header;
use serde_json::json;

#[tokio::test]
async fn probes_need_no_sign_in() {
    let server = Server::start().await;
    let health = server.anonymous().get("/health").await;
    health.json(200);
    assert_eq!(health.text, r#"{"status":"healthy"}"#);
    assert_eq!(server.anonymous().get("/healthz").await.status, 200);
    let ready = server.anonymous().get("/readyz").await.json(200);
    let expected =
        json!({ "ready": true, "database": true, "migrated": true, "redis": true, "full": false, "draining": false });
    assert_eq!(ready, expected);
    server.anonymous().post("/health", json!({})).await.refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn metrics_have_the_names_that_dashboards_use() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let _socket = server.watch(campaign).await;
    ann.bid(campaign, 900).await.json(201);
    ann.bid(campaign, 900).await.json(200);
    ann.bid(campaign, 1).await.refused(400, "PRICE_TOO_LOW");
    ann.get(&format!("/api/v1/rankings/{campaign}/me")).await.json(200);
    server.anonymous().get("/api/v1/nothing").await.refused(404, "NOT_FOUND");
    let metrics = server.anonymous().get("/metrics").await;
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
    // The label is the route's template: no ids, no unknown paths.
    assert!(!metrics.text.contains(&campaign.to_string()));
    assert!(!metrics.text.contains("nothing"));
}

#[tokio::test]
async fn without_its_database_the_server_is_not_ready_and_asks_clients_to_retry() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    server.world.engine.shut_down().await;
    ann.get("/api/v1/orders").await.refused(503, "UNAVAILABLE");
    let ready = server.anonymous().get("/readyz").await.json(503);
    assert_eq!((&ready["ready"], &ready["database"]), (&json!(false), &json!(false)));
    server.anonymous().get("/health").await.json(200);
}
