//! The IP address of the client, which rate limits count by.

use crate::config::ServerConfig;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The remote address of the TCP connection, which may be a proxy's. The listener attaches it to every request.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub SocketAddr);

/// The client's address: the peer's or, if the peer is a trusted proxy, the one it was forwarded for.
pub fn client_address(request: &Parts, config: &ServerConfig) -> IpAddr {
    forwarded_address(request, config).unwrap_or_else(|| peer_address(request))
}

/// If the peer is a trusted proxy, the last address in `X-Forwarded-For` that is not a trusted proxy's.
pub fn forwarded_address(request: &Parts, config: &ServerConfig) -> Option<IpAddr> {
    let trusted = |address: &IpAddr| config.trusted_proxies.contains(address);
    if !trusted(&peer_address(request)) {
        return None;
    }
    let headers = request.headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    // Nothing before an unreadable hop can be trusted.
    let addresses = hops.into_iter().rev().map_while(|hop| hop.trim().parse().ok());
    addresses.map(|hop: IpAddr| hop.to_canonical()).find(|address| !trusted(address))
}

fn peer_address(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    // On a dual-stack socket, IPv4 peers have IPv4-mapped IPv6 addresses.
    peer.to_canonical()
}
