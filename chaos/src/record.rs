//! What the clients of a round saw: every request with its answer, and every frame.

use domain::{CampaignId, Money, Timestamp, UserId, api::bids::BidOutcome, websocket_events::ServerEvent};
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What one bid request led to.
#[derive(Clone, Debug, Serialize)]
pub enum Answer {
    /// 201 or 200.
    Accepted {
        /// 201, rather than 200.
        created: bool,
        /// The standing bid.
        outcome: Box<BidOutcome>,
    },
    /// An error of the API.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The stable code; empty if the answer was not an error of the API.
        code: String,
        /// Whether it says when to try again.
        has_retry_after: bool,
        /// The server's clock, in answers that have it.
        server_time: Option<Timestamp>,
    },
    /// No complete answer.
    Lost(String),
}

/// One bid request.
#[derive(Clone, Debug, Serialize)]
pub struct BidAttempt {
    /// Whose.
    pub user_id: UserId,
    /// Where.
    pub campaign_id: CampaignId,
    /// How much.
    pub price: Money,
    /// When it was sent, in microseconds since 1970 by this machine's clock, which is PostgreSQL's too.
    pub sent_us: i64,
    /// When its answer was complete, or it was given up.
    pub answered_us: i64,
    /// What came of it.
    pub answer: Answer,
}

/// Where a websocket was opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct ConnectionId {
    /// Which watcher.
    pub watcher: usize,
    /// The number of this connection, counted from 0.
    pub connection: u32,
}

/// One event that a watcher received.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// On which connection.
    pub connection: ConnectionId,
    /// Whose connection; `None` for a spectator.
    pub user_id: Option<UserId>,
    /// Of which campaign.
    pub campaign_id: CampaignId,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// The event.
    pub event: ServerEvent,
}

/// Everything that was seen in a round.
#[derive(Default)]
pub struct Record {
    bids: Mutex<Vec<BidAttempt>>,
    frames: Mutex<Vec<Frame>>,
    problems: Mutex<Vec<String>>,
    notes: Mutex<Vec<String>>,
}

impl Record {
    /// Adds a bid.
    pub fn bid(&self, attempt: BidAttempt) {
        self.bids.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }

    /// Adds a frame.
    pub fn frame(&self, frame: Frame) {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
    }

    /// Adds something that no client should ever see, such as a frame that cannot be read.
    pub fn problem(&self, problem: String) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    /// Adds something that the reader of a report should know, such as a fault that could not be brought about.
    pub fn note(&self, note: &str) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note.to_owned());
    }

    /// All notes so far.
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All bids so far, in the order in which they were answered.
    pub fn bids(&self) -> Vec<BidAttempt> {
        self.bids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All frames so far, in the order in which they were received.
    pub fn frames(&self) -> Vec<Frame> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All problems so far.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A clock in microseconds since 1970 that never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    began_us: i64,
}

impl Clock {
    /// Starts it, set to this machine's time.
    #[expect(clippy::disallowed_methods, reason = "PostgreSQL runs on this machine, so its clock is this one")]
    pub fn start() -> Self {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), began_us: i64::try_from(since_1970.as_micros()).unwrap_or_default() }
    }

    /// The time.
    pub fn now_us(&self) -> i64 {
        self.began_us + i64::try_from(self.began.elapsed().as_micros()).unwrap_or_default()
    }

    /// The time as the API writes it.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.now_us()).unwrap_or_else(|| unreachable!("this is not the year 10000"))
    }
}
