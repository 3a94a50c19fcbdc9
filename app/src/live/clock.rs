//! The server's clock, as the browser can know it.
//!
//! The browser's own clock of the day is never asked, for it may be wrong by minutes. All that is
//! used of the browser is a monotonic time (`performance.now()`), called local here.

/// An estimate of the server's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerClock {
    /// Server time minus local time, in milliseconds.
    offset_ms: f64,
    /// How far off the estimate may be, in milliseconds.
    error_ms: f64,
}

impl ServerClock {
    /// A first estimate from the time a page was made: late by however long it took to arrive.
    pub(crate) fn new(server_ms: f64, local_ms: f64) -> Self {
        Self { offset_ms: server_ms - local_ms, error_ms: f64::INFINITY }
    }

    /// The server's time in whole milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self, local_ms: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
        let now = (self.offset_ms + local_ms).floor() as i64;
        now
    }

    /// How far off the estimate may be, in whole milliseconds; none while nobody knows.
    pub(crate) fn accuracy_ms(&self) -> Option<u32> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of milliseconds"
        )]
        self.error_ms.is_finite().then(|| self.error_ms.ceil() as u32)
    }

    /// Learns from a question sent and an answer received at local times. The answer was made
    /// somewhere in between, so half the round trip bounds the error.
    pub(crate) fn learn_round_trip(&mut self, sent_ms: f64, received_ms: f64, server_ms: f64) {
        let error_ms = (received_ms - sent_ms) / 2.0;
        if error_ms <= self.error_ms {
            self.offset_ms = server_ms + error_ms - received_ms;
            self.error_ms = error_ms;
        } else {
            // A good sample must not be trusted for ever: clocks drift and machines sleep.
            self.error_ms *= 1.25;
        }
    }

    /// Learns from a message made at `server_ms`: it cannot come from the future, so the clock is
    /// at least there. This catches a machine that has just woken up.
    pub(crate) fn learn_message(&mut self, received_ms: f64, server_ms: f64) {
        if self.offset_ms + received_ms < server_ms {
            self.offset_ms = server_ms - received_ms;
            self.error_ms = f64::INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_round_trip_wins() {
        let mut clock = ServerClock::new(10_000.0, 0.0);
        assert_eq!(clock.now_ms(50.0), 10_050);
        assert_eq!(clock.accuracy_ms(), None);
        clock.learn_round_trip(100.0, 200.0, 11_000.0);
        assert_eq!(clock.now_ms(200.0), 11_050);
        clock.learn_round_trip(300.0, 900.0, 0.0);
        assert_eq!(clock.now_ms(200.0), 11_050);
        clock.learn_round_trip(1000.0, 1010.0, 12_000.0);
        assert_eq!(clock.now_ms(1010.0), 12_005);
        assert_eq!(clock.accuracy_ms(), Some(5));
    }

    #[test]
    fn old_samples_lose_their_weight() {
        let mut clock = ServerClock::new(0.0, 0.0);
        clock.learn_round_trip(0.0, 10.0, 0.0);
        for _ in 0..20 {
            clock.learn_round_trip(0.0, 100.0, 500_000.0);
        }
        assert!(clock.now_ms(100.0) > 400_000);
    }

    #[test]
    fn a_message_is_not_from_the_future() {
        let mut clock = ServerClock::new(1000.0, 0.0);
        clock.learn_message(10.0, 900.0);
        assert_eq!(clock.now_ms(10.0), 1010);
        clock.learn_message(10.0, 60_000.0);
        assert_eq!(clock.now_ms(10.0), 60_000);
    }
}
