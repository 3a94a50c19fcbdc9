//! Clients that ask for much and never read it.

use domain::CampaignId;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

const CLIENTS: usize = 60;
/// As small as the kernel allows, so that what is not read stays in the server.
const RECEIVE_BUFFER_BYTES: u32 = 1024;
/// How long one waits that can send no more.
const STUCK_FOR: Duration = Duration::from_millis(100);

/// Opens websockets, and connections that send one request after the other, and reads from none of them.
pub async fn run(address: SocketAddr, campaign: CampaignId, lasts: Duration) {
    let websocket = format!(
        "GET /ws/{campaign} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let ranking = format!("GET /api/v1/rankings/{campaign}?limit=1000 HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let clients = (0..CLIENTS).map(|n| {
        // Every other one opens a websocket.
        let (request, repeats) = if n % 2 == 0 { (websocket.clone(), false) } else { (ranking.clone(), true) };
        ask_without_reading(address, request, repeats)
    });
    let _ = timeout(lasts, futures_util::future::join_all(clients)).await;
}

async fn ask_without_reading(address: SocketAddr, request: String, repeats: bool) {
    let Ok(mut stream) = connect(address).await else { return };
    loop {
        match timeout(STUCK_FOR, stream.write_all(request.as_bytes())).await {
            Ok(Ok(())) if repeats => {}
            Ok(Err(_)) => return,
            _ => sleep(STUCK_FOR).await,
        }
        if !repeats {
            return std::future::pending().await;
        }
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.connect(address).await
}
