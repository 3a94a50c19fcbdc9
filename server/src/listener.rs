//! The accept loop: accepts connections up to a limit, serves them, and drains them on shutdown.
//!
//! It replaces `axum::serve`, which does not set `TCP_NODELAY`, has no timeout for request headers and no limit on
//! connections.

use crate::{
    http::{client_address::PeerAddress, connection_permit::ConnectionPermit},
    state::AppState,
};
use axum::{Router, body::Body};
use http::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long a connection may take to send the headers of a request, or be idle between two requests.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(75);
/// Maximum size of the headers of a request.
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// Pause after a failed accept, most likely for lack of file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Serves connections until `stop` is cancelled, then finishes the requests in progress.
pub async fn serve(listener: TcpListener, router: Router, state: AppState, stop: CancellationToken) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "listening");
    }
    let permits = Arc::new(Semaphore::new(state.config.connections_max));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };
        // Over the limit, the connection is closed at once, which is cheaper than any response.
        let Ok(permit) = permits.clone().try_acquire_owned() else { continue };
        let (router, stop) = (router.clone(), stop.clone());
        let permit = ConnectionPermit(Arc::new(permit));
        connections.spawn(serve_connection(stream, peer, permit, router, stop));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    permit: ConnectionPermit,
    router: Router,
    stop: CancellationToken,
) {
    // Otherwise a small response may wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(peer));
        request.extensions_mut().insert(permit.clone());
        router.clone().oneshot(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection failed");
    }
}
