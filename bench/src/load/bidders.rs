//! Bidders with prepared requests, and how they are split among connections.

use crate::{
    fixture::User,
    http_client::encode_request,
    prices::{PRICE_CHARS, PriceCounter, StartingPrices, write_price},
};
use std::net::SocketAddr;

/// A user's request to bid, complete but for the price.
pub struct Bidder {
    request: Vec<u8>,
    price_at: usize,
    base: u64,
}

impl Bidder {
    fn new(server: SocketAddr, campaign: &str, user: &User, base: u64) -> Self {
        let body = format!(r#"{{"campaign_id":"{campaign}","price":{:0<PRICE_CHARS$}}}"#, "");
        let request = encode_request(server, "POST", "/api/v1/bids", &user.token, &body);
        let price_at = request.len() - 1 - PRICE_CHARS;
        Self { request, price_at, base }
    }

    /// The request for the bidder's next bid, higher than the last.
    pub fn next_request(&mut self, prices: &PriceCounter) -> &[u8] {
        write_price(&mut self.request[self.price_at..][..PRICE_CHARS], prices.above(self.base));
        &self.request
    }

    /// The price in the last request.
    pub fn price(&self) -> &str {
        std::str::from_utf8(&self.request[self.price_at..][..PRICE_CHARS]).unwrap_or_default()
    }
}

/// The bidders of each connection. Every user belongs to one connection, so that nobody has two bids in flight: of
/// two bids of one user in a batch only the better one counts.
pub fn split_among_connections(
    server: SocketAddr,
    campaign: &str,
    users: &[User],
    starting_prices: StartingPrices,
    connections: u32,
) -> Vec<Vec<Bidder>> {
    let mut groups: Vec<Vec<Bidder>> = (0..connections).map(|_| Vec::new()).collect();
    let count = groups.len();
    for (n, user) in users.iter().enumerate() {
        groups[n % count].push(Bidder::new(server, campaign, user, starting_prices.base(n)));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(count: usize) -> Vec<User> {
        (0..count).map(|n| User { token: format!("token{n}"), ..User::default() }).collect()
    }

    #[test]
    fn every_request_has_a_higher_price_and_the_same_length() {
        let server = "127.0.0.1:80".parse().expect("an address");
        let mut groups = split_among_connections(server, "c", &users(3), StartingPrices::NoStandingBids, 2);
        assert_eq!((groups[0].len(), groups[1].len()), (2, 1));
        let prices = PriceCounter::default();
        let first = groups[0][0].next_request(&prices).to_vec();
        let second = groups[0][0].next_request(&prices).to_vec();
        assert!(String::from_utf8_lossy(&first).ends_with("\r\n\r\n{\"campaign_id\":\"c\",\"price\":1000000.01}"));
        assert!(second.ends_with(b"1000000.02}") && first.len() == second.len());
    }
}
