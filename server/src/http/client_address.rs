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

/// If the peer is a trusted proxy, the address in `X-Forwarded-For` that the number of hops says or, if that is not set, the
/// last one that is not a trusted proxy's. A client may have sent entries of its own, which proxies keep at the front.
pub fn forwarded_address(request: &Parts, config: &ServerConfig) -> Option<IpAddr> {
    let trusted = |address: &IpAddr| config.trusted_proxies.contains(address);
    if !trusted(&peer_address(request)) {
        return None;
    }
    let headers = request.headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    // Nothing before an unreadable hop can be trusted.
    let addresses = hops.into_iter().rev().map_while(|hop| hop.trim().parse().ok());
    let mut addresses = addresses.map(|hop: IpAddr| hop.to_canonical());
    match config.trusted_proxy_hops {
        Some(hops) => addresses.take(hops.get().into()).last(),
        None => addresses.find(|address| !trusted(address)),
    }
}

fn peer_address(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    // On a dual-stack socket, IPv4 peers have IPv4-mapped IPv6 addresses.
    peer.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use http::Request;

    #[derive(Parser)]
    struct Serve {
        #[command(flatten)]
        config: ServerConfig,
    }

    /// The address of a client whose request came from `peer`, with this `X-Forwarded-For`, by these settings.
    fn address(proxies: &str, hops: Option<&str>, peer: &str, forwarded: &str) -> String {
        let mut flags =
            vec!["serve", "--database-url", "postgres://h/d", "--redis-url", "redis://h", "--jwt-secret", "x"];
        flags.extend(["--trusted-proxies", proxies]);
        flags.extend(hops.into_iter().flat_map(|hops| ["--trusted-proxy-hops", hops]));
        let config = Serve::try_parse_from(flags).expect("parses").config;
        let request = Request::builder().header("x-forwarded-for", forwarded);
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        parts.extensions.insert(PeerAddress(SocketAddr::new(peer.parse().expect("an address"), 1)));
        client_address(&parts, &config).to_string()
    }

    #[test]
    fn only_trusted_peers_say_whom_they_forward_for() {
        assert_eq!(address("10.0.0.0/8", None, "192.0.2.9", "198.51.100.1"), "192.0.2.9");
        assert_eq!(address("10.0.0.0/8", Some("1"), "192.0.2.9", "198.51.100.1"), "192.0.2.9");
        assert_eq!(address("10.0.0.0/8", None, "10.0.0.1", "203.0.113.7, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(address("10.0.0.0/8", None, "10.0.0.1", "198.51.100.1, nonsense"), "10.0.0.1");
    }

    /// The settings of `compose.yaml`, `k8s/overlays/local` and `k8s/overlays/gke`; the client made up the first entry.
    #[test]
    fn made_up_addresses_do_not_count_behind_the_proxies_that_we_ship() {
        let fake = "203.0.113.7";
        // nginx in compose: Docker's gateway is in a private network, too, and stands for every client.
        let networks = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";
        assert_eq!(address(networks, Some("1"), "172.18.0.5", &format!("{fake}, 172.18.0.1")), "172.18.0.1");
        // ingress-nginx.
        assert_eq!(address("10.0.0.0/8", Some("1"), "10.1.2.3", &format!("{fake}, 198.51.100.1")), "198.51.100.1");
        // Google's balancer adds the client's address and then its own.
        let google = "130.211.0.0/22,35.191.0.0/16";
        let forwarded = format!("{fake}, 198.51.100.1, 34.120.0.9");
        assert_eq!(address(google, Some("2"), "35.191.0.4", &forwarded), "198.51.100.1");
    }
}
