//! The IP address of the client, which rate limits count by.

use crate::config::ServerConfig;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The remote address of the TCP connection, which may be a proxy's. The listener attaches it to every request.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub SocketAddr);

/// The client's address: the peer's or, if the peer is a trusted proxy, the last address in `X-Forwarded-For` that is
/// not a trusted proxy's.
pub fn client_address(request: &Parts, config: &ServerConfig) -> IpAddr {
    let peer = request.extensions.get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    // On a dual-stack socket, IPv4 peers have IPv4-mapped IPv6 addresses.
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
            // Nothing before an unreadable hop can be trusted.
            Err(_) => break,
        }
    }
    peer
}
