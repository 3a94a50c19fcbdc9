//! One connection that bids.

use crate::{
    error::Result,
    http_client::HttpConnection,
    load::{
        bid_stats::{BidOutcome, BidStats},
        bidders::Bidder,
    },
    prices::PriceCounter,
};
use std::{cell::RefCell, net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};

/// Pause before a broken connection is opened again.
const RECONNECT_DELAY: Duration = Duration::from_millis(20);

/// A connection and what its bids need.
pub struct Worker {
    server: SocketAddr,
    connection: Option<HttpConnection>,
    prices: Arc<PriceCounter>,
    /// The bids of all workers of this thread.
    pub stats: Rc<RefCell<BidStats>>,
}

impl Worker {
    /// Opens the connection.
    pub async fn connect(server: SocketAddr, prices: Arc<PriceCounter>, stats: Rc<RefCell<BidStats>>) -> Result<Self> {
        let connection = Some(HttpConnection::open(server).await?);
        Ok(Self { server, connection, prices, stats })
    }

    /// Sends the bidder's next bid and waits for the answer, until `give_up` at most.
    pub async fn bid(&mut self, bidder: &mut Bidder, give_up: Instant) -> BidOutcome {
        if self.connection.is_none() {
            sleep(RECONNECT_DELAY).await;
            self.connection = HttpConnection::open(self.server).await.ok();
        }
        let Some(connection) = &mut self.connection else { return BidOutcome::Broken };
        let outcome = match timeout_at(give_up, connection.exchange(bidder.next_request(&self.prices))).await {
            Ok(Ok(status)) => return BidOutcome::Answered(status),
            Ok(Err(_)) => BidOutcome::Broken,
            Err(_) => BidOutcome::Unanswered,
        };
        self.connection = None;
        outcome
    }
}
