//! Waiting with a time limit, so that a test fails instead of hanging.

use std::time::Duration;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

/// The longest that a test waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for something, or fails and names it.
pub async fn within_deadline<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    timeout(DEADLINE, wanted).await.unwrap_or_else(|_| panic!("timed out waiting for {what}"))
}

/// Everything up to the end of a connection.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the response ends the connection too.
    let _ = within_deadline("the end of the connection", stream.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).expect("a text")
}
