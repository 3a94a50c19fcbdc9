//! The accept loop: accepts connections up to a limit, serves them, and drains them on shutdown.
//!
//! It replaces `axum::serve`, which does not set `TCP_NODELAY`, has no timeout for request headers and no limit on
//! connections.

use crate::{
    config::Networks,
    http::{
        client_address::PeerAddress,
        connection_limits::{ConnectionLimits, ConnectionPermit},
    },
    shutdown::Shutdown,
};
use axum::{Router, body::Body};
use http::{HeaderValue, Request, Response, header::CONNECTION};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long a new connection may take to send the headers of its first request.
const FIRST_HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to send the headers of a later request, or be idle between two requests.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(75);
/// Maximum size of the headers of a request.
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// How long a peer may leave what was sent to it unacknowledged, or its window closed, before the kernel drops the
/// connection: it has vanished, or never reads.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Pause after a failed accept, most likely for lack of file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Serves connections within `limits` until it is to stop listening, then finishes the requests in progress.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &ConnectionLimits,
    trusted_proxies: &Networks,
    shutdown: &Shutdown,
) {
    let (draining, stop) = (&shutdown.draining, &shutdown.stop_listening);
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
        // Over a limit, the connection is closed at once, which is cheaper than any response.
        let is_proxy = trusted_proxies.contains(&peer.ip().to_canonical());
        let Some(permit) = limits.admit(peer.ip(), is_proxy) else { continue };
        let service = Service { router: router.clone(), permit, draining: draining.clone() };
        connections.spawn(serve_connection(stream, peer, service, stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// What answers the requests of a connection.
struct Service {
    router: Router,
    permit: ConnectionPermit,
    draining: CancellationToken,
}

impl Service {
    async fn respond(&self, peer: SocketAddr, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(peer));
        request.extensions_mut().insert(self.permit.clone());
        let mut response = self.router.clone().oneshot(request).await?;
        if self.draining.is_cancelled() {
            // The response to a websocket's handshake has this header already.
            response.headers_mut().entry(CONNECTION).or_insert(HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, service: Service, stop: CancellationToken) {
    // Otherwise a small response may wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD_TIMEOUT));
    let has_begun = CancellationToken::new();
    let begun = has_begun.clone();
    let service = Arc::new(service);
    let service = hyper::service::service_fn(move |request| {
        begun.cancel();
        let service = service.clone();
        async move { service.respond(peer, request).await }
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
        Err(_) = timeout(FIRST_HEADERS_TIMEOUT, has_begun.cancelled()) => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection failed");
    }
}
