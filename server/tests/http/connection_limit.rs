//! The limits on open connections, including websockets.

use crate::support::{Server, read_to_end};
use http::header;
use serde_json::json;
use testkit::eventually;

#[tokio::test]
async fn connections_over_the_limit_are_closed_and_websockets_count() {
    let server = Server::start_with(&["--connections-max", "2"]).await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let mut socket = server.watch(campaign).await;
    socket.event("ranking_update").await;
    let second = server.connect().await;
    let mut third = server.connect().await;
    assert_eq!(read_to_end(&mut third).await, "");
    drop(second);
    // One connection may be opened again.
    let health = b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    eventually("one more connection is served", async || {
        server.send_raw(health).await.contains("healthy").then_some(())
    })
    .await;
    drop(socket);
    eventually("two connections are open", async || {
        let _idle = server.connect().await;
        server.send_raw(health).await.contains("healthy").then_some(())
    })
    .await;
}

#[tokio::test]
async fn probes_and_metrics_are_answered_when_all_connections_are_taken() {
    let server = Server::start_with(&["--connections-max", "20"]).await;
    let management = server.management.anonymous();
    assert_eq!(management.get("/readyz").await.json(200)["full"], json!(false));
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(server.connect().await);
    }
    eventually("the last connection is taken", async || {
        let ready = management.get("/readyz").await;
        (ready.status == 503 && ready.json(503)["full"] == json!(true)).then_some(())
    })
    .await;
    let mut refused = server.connect().await;
    assert_eq!(read_to_end(&mut refused).await, "");
    // An orchestrator must not restart a process for having many clients.
    assert_eq!(management.get("/healthz").await.status, 200);
    // The numbers are of the server that was asked last, and the tests of other servers run in this process, too.
    eventually("the metrics show it", async || {
        let metrics = management.get("/metrics").await.text;
        let lines = [r#"connections_refused_total{limit="process"} "#, "connections_open 20\n", "connections_max 20\n"];
        lines.into_iter().all(|line| metrics.contains(line)).then_some(())
    })
    .await;
    management.get("/api/v1/campaigns").await.refused(404, "NOT_FOUND");
    drop(open);
    eventually("connections are left", async || (management.get("/readyz").await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn one_network_cannot_take_all_connections() {
    let server = Server::start_with(&["--connections-per-network-max", "1"]).await;
    let _open = server.connect().await;
    let mut second = server.connect().await;
    assert_eq!(read_to_end(&mut second).await, "");
}

#[tokio::test]
async fn one_user_or_forwarded_client_cannot_open_any_number_of_websockets() {
    let limits = ["--websockets-per-user-max", "2", "--connections-per-network-max", "2"];
    let server = Server::start_with(&[limits.as_slice(), &["--trusted-proxies", "127.0.0.1"]].concat()).await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let path = format!("/ws/{campaign}");
    let ann = server.member("ann").await;
    let token = format!("Bearer {}", ann.token);
    let as_ann = [(header::AUTHORIZATION, token.as_str())];
    let first = server.open(&path, &as_ann).await.expect("opens");
    let _second = server.open(&path, &as_ann).await.expect("opens");
    let refused = server.open(&path, &as_ann).await.expect_err("refused");
    refused.refused(429, "RATE_LIMITED");
    drop(first);
    eventually("a place is free", async || server.open(&path, &as_ann).await.ok()).await;

    let forwarded = header::HeaderName::from_static("x-forwarded-for");
    let visitor = [(forwarded.clone(), "192.0.2.1")];
    let _sockets =
        [server.open(&path, &visitor).await.expect("opens"), server.open(&path, &visitor).await.expect("opens")];
    let refused = server.open(&path, &visitor).await.expect_err("refused");
    refused.refused(429, "RATE_LIMITED");
    server.open(&path, &[(forwarded, "192.0.2.2")]).await.expect("another client may");
}
