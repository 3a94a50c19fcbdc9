//! Bidders with their requests made in advance, and prices that always rise.

use crate::{http, options::Places, world::User};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

/// The lowest price of all, in cents. From here to [`PRICE_END`] prices have ten characters, so
/// that a request keeps its length.
const PRICE_MIN: u64 = 100_000_000;
/// Standing bids made in advance lie in this many cents from [`PRICE_MIN`] up.
const STANDING_RANGE: u64 = 400_000_000;
/// Half of them lie under this price.
pub const STANDING_MIDDLE: u64 = PRICE_MIN + STANDING_RANGE / 2;
const PRICE_END: u64 = 1_000_000_000;
/// Characters of a price.
const PRICE_CHARS: usize = 10;

/// The one counter of a whole benchmark: every bid is a cent more than its bidder could have bid
/// before, so every bid counts.
#[derive(Default)]
pub struct Prices {
    taken: AtomicU64,
}

impl Prices {
    fn above(&self, base: u64) -> u64 {
        (base + 1 + self.taken.fetch_add(1, Ordering::Relaxed)).min(PRICE_END - 1)
    }
}

/// The price in cents of the standing bid made in advance for the `n`-th user, spread evenly and
/// without order.
pub fn standing_price(n: usize) -> u64 {
    let spread = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    PRICE_MIN + ((spread * STANDING_RANGE) >> 32)
}

/// Where the prices of bidders begin.
#[derive(Clone, Copy)]
pub struct Field {
    /// Whether there are standing bids made in advance, and where the new ones land among them.
    pub standing: Option<Places>,
}

impl Field {
    fn base(self, n: usize) -> u64 {
        match self.standing {
            None => PRICE_MIN,
            Some(Places::Top) => PRICE_MIN + STANDING_RANGE,
            Some(Places::Anywhere) => standing_price(n),
        }
    }
}

/// A user's request to bid, complete but for the price.
pub struct Bidder {
    request: Vec<u8>,
    price_at: usize,
    base: u64,
}

impl Bidder {
    fn new(server: SocketAddr, campaign: &str, user: &User, base: u64) -> Self {
        let body = format!(r#"{{"campaign_id":"{campaign}","price":{:0<PRICE_CHARS$}}}"#, "");
        let request = http::request(server, "POST", "/api/v1/bids", &user.token, &body);
        let price_at = request.len() - 1 - PRICE_CHARS;
        Self { request, price_at, base }
    }

    /// The request for the next higher price.
    pub fn next(&mut self, prices: &Prices) -> &[u8] {
        write_price(&mut self.request[self.price_at..][..PRICE_CHARS], prices.above(self.base));
        &self.request
    }

    /// The price of the request.
    pub fn price(&self) -> &str {
        std::str::from_utf8(&self.request[self.price_at..][..PRICE_CHARS]).unwrap_or_default()
    }
}

/// Users dealt to connections, each to one, so that nobody bids twice at the same time: of two
/// bids in one batch only the better counts.
pub fn deal(server: SocketAddr, campaign: &str, users: &[User], field: Field, connections: u32) -> Vec<Vec<Bidder>> {
    let mut hands: Vec<Vec<Bidder>> = (0..connections).map(|_| Vec::new()).collect();
    let places = hands.len();
    for (n, user) in users.iter().enumerate() {
        hands[n % places].push(Bidder::new(server, campaign, user, field.base(n)));
    }
    hands
}

/// Writes cents as an amount with two decimals.
fn write_price(place: &mut [u8], cents: u64) {
    let mut rest = cents;
    for (at, byte) in place.iter_mut().enumerate().rev() {
        if at == PRICE_CHARS - 3 {
            *byte = b'.';
        } else {
            *byte = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(count: usize) -> Vec<User> {
        (0..count).map(|n| User { token: format!("token{n}"), ..User::default() }).collect()
    }

    #[test]
    fn every_bid_is_higher_and_as_long_as_the_one_before() {
        let server = "127.0.0.1:80".parse().expect("an address");
        let mut hands = deal(server, "c", &users(3), Field { standing: None }, 2);
        assert_eq!((hands[0].len(), hands[1].len()), (2, 1));
        let prices = Prices::default();
        let first = hands[0][0].next(&prices).to_vec();
        let second = hands[0][0].next(&prices).to_vec();
        assert!(String::from_utf8_lossy(&first).ends_with("\r\n\r\n{\"campaign_id\":\"c\",\"price\":1000000.01}"));
        assert!(second.ends_with(b"1000000.02}") && first.len() == second.len());
    }

    #[test]
    fn standing_prices_are_in_range_and_spread() {
        let prices: Vec<u64> = (0..1000).map(standing_price).collect();
        assert!(prices.iter().all(|price| (PRICE_MIN..PRICE_MIN + STANDING_RANGE).contains(price)));
        let low = prices.iter().filter(|price| **price < STANDING_MIDDLE).count();
        assert!((400..600).contains(&low), "{low}");
    }
}
