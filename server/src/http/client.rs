//! Who is at the other end of a connection.

use crate::config::ServerConfig;
use http::request::Parts;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::sync::OwnedSemaphorePermit;

/// The peer of the TCP connection; the listener puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A connection's place among those that may be open at once; the listener puts it into every
/// request. A websocket outlives the HTTP connection it began as and takes the place along.
#[derive(Clone, Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] pub Arc<OwnedSemaphorePermit>);

/// The client's address: the peer's, or, if that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not one.
pub fn client_address(request: &Parts, config: &ServerConfig) -> IpAddr {
    let peer = request.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    // On a socket for both protocols IPv4 peers have IPv6 addresses.
    let peer = peer.to_canonical();
    let trusted = |address: &IpAddr| config.trusted_proxies.contains(address);
    if !trusted(&peer) {
        return peer;
    }
    let headers = request.headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    for hop in hops.into_iter().rev() {
        match hop.trim().parse().map(|hop: IpAddr| hop.to_canonical()) {
            Ok(address) if trusted(&address) => {}
            Ok(address) => return address,
            // Nothing before a garbled hop can be believed.
            Err(_) => break,
        }
    }
    peer
}
