//! Websockets that watch, on low-priority threads of their own.

use crate::error::Result;
use rustix::process::setpriority_process;
use std::net::SocketAddr;
use tokio::{net::TcpStream, task::LocalSet};
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite::protocol::WebSocketConfig};

/// Read buffer of a websocket in bytes; a frame with fifteen rows has about two thousand.
const READ_BUFFER_BYTES: usize = 4096;
/// The nice value of the threads.
const NICE: i32 = 10;

/// Starts a thread for websockets. Real viewers are on other machines and take no CPU from the bids being timed, hence
/// the low priority.
pub fn spawn_thread(work: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new().name("viewers".to_owned()).spawn(move || {
        let _ = setpriority_process(None, NICE);
        work();
    })?;
    Ok(())
}

/// Runs a future, and the local tasks it spawns, on this thread.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, work)
}

/// Opens a websocket with small buffers.
pub async fn open(server: SocketAddr, url: &str) -> Result<WebSocketStream<TcpStream>> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    Ok(socket)
}
