//! The demo's crowd: a few bidders who bid at a human pace in the live campaign of the demo, and an admin who follows a
//! campaign that has ended by the next one. For development only (`DEMO_CROWD`).
//!
//! They are clients like any other: everything goes through the HTTP API of this process. Only one process of an
//! installation may have a crowd: two would each follow a campaign by the next.

mod api_client;
mod bid_choice;
mod bidder;
mod campaign_host;
mod member;

use api_client::ApiClient;
use engine::supervise;
use futures_util::future::join_all;
use member::{Account, Member};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

/// The names other bidders see.
const BIDDERS: [&str; 12] = [
    "Grace Lin",
    "陳怡君",
    "Tom Becker",
    "林志豪",
    "Maya Patel",
    "張雅婷",
    "Oliver Reed",
    "黃俊傑",
    "Sofia Rossi",
    "王淑芬",
    "Ben Carter",
    "李承翰",
];

/// Starts the crowd of a process that listens at an address. It stops at once when `stop` is cancelled.
pub fn start(listening: SocketAddr, stop: &CancellationToken) {
    tracing::info!("demo bidders are bidding; DEMO_CROWD=false turns them off");
    let server = reachable(listening);
    tokio::spawn(stop.clone().run_until_cancelled_owned(supervise("demo_crowd", move || run(server))));
}

/// Lets them bid for ever. All of them are one task, so that they stop together.
async fn run(server: SocketAddr) {
    let api = ApiClient::new(server);
    let turnstile = Arc::new(Mutex::new(()));
    let (announce, live) = watch::channel(None);
    let admin = Member::new(api, turnstile.clone(), Account::admin());
    let bidders = BIDDERS.into_iter().zip(1..).map(|(name, number)| {
        let member = Member::new(api, turnstile.clone(), Account::bidder(number, name));
        bidder::run(member, number, live.clone())
    });
    let bidders = join_all(bidders.collect::<Vec<_>>());
    tokio::join!(campaign_host::run(api, admin, announce), bidders);
}

/// Where a server on this machine is reached that listens at an address, which may stand for all of the machine's.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listening.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_reached_at_the_loopback_address() {
        for (listening, server) in
            [("0.0.0.0:3000", "127.0.0.1:3000"), ("[::]:3000", "[::1]:3000"), ("192.0.2.7:80", "192.0.2.7:80")]
        {
            let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
            assert_eq!(reachable(address(listening)), address(server));
        }
    }

    #[test]
    fn the_names_are_valid_and_distinct() {
        for name in BIDDERS {
            assert!(name.parse::<domain::validated::Username>().is_ok(), "{name}");
        }
        let distinct: std::collections::HashSet<_> = BIDDERS.into_iter().collect();
        assert_eq!(distinct.len(), BIDDERS.len());
    }
}
