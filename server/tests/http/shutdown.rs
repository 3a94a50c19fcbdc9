//! Graceful shutdown: readiness, websockets, requests in progress and the end of the process.

use crate::support::{Server, read_to_end};
use serde_json::json;
use testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn a_shutdown_closes_websockets_and_ends_the_server() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    let sockets = [server.watch(campaign).await, server.watch_as(campaign, &ann.token).await];
    server.begin_shutdown();
    for socket in sockets {
        assert_eq!(socket.close_code().await, Some(CloseCode::Restart));
    }
    eventually("the server ends", async || (!server.is_running()).then_some(())).await;
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err(), "the port is still open");
}

#[tokio::test]
async fn a_bid_in_progress_is_answered_before_the_server_stops() {
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
    // The server asks for the body, so the request is in progress.
    let mut continuation = [0; 25];
    stream.read_exact(&mut continuation).await.expect("a response");
    assert_eq!(&continuation, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.begin_shutdown();
    eventually("the port is closed", async || tokio::net::TcpStream::connect(server.address).await.err()).await;
    assert!(server.is_running(), "the server waits for the bid");
    stream.write_all(body.as_bytes()).await.expect("sends");
    let response = read_to_end(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 201 Created"), "{response}");
    eventually("the server ends", async || (!server.is_running()).then_some(())).await;
}

#[tokio::test]
async fn readiness_fails_before_requests_are_refused() {
    let server = Server::start_with(&["--shutdown-delay-seconds", "3600", "--shutdown-limit-seconds", "3600"]).await;
    server.begin_shutdown();
    let ready = eventually("the server is not ready", async || {
        let ready = server.anonymous().get("/readyz").await;
        (ready.status == 503).then_some(ready)
    });
    assert_eq!(ready.await.json(503)["draining"], true);
    server.anonymous().get("/api/v1/products").await.json(200);
}
