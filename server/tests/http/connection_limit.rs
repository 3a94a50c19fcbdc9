//! The limit on open connections, including websockets.

use crate::support::{Server, read_to_end};
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
