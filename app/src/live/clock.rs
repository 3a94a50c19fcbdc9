//! The server's clock, as the browser can know it.
//!
//! The browser's own clock of the day is never believed, for it may be wrong by minutes. What is used of
//! it is how far it moves while the monotonic one stands still: that is sleep. Both together make a local
//! time that runs on while the machine sleeps.

/// By how much the clock of the day must run ahead of the monotonic one for it to be sleep.
const SLEEP_MS_MIN: f64 = 1_000.0;
/// Where nobody has looked at the clock for so long, the page was frozen.
const PAUSE_MS_MIN: f64 = 3_000.0;

/// A local time in milliseconds that runs on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalClock {
    monotonic_ms: f64,
    day_ms: f64,
    slept_ms: f64,
    has_paused: bool,
}

impl LocalClock {
    /// Begins with what the browser's two clocks say.
    pub(crate) fn new(monotonic_ms: f64, day_ms: f64) -> Self {
        Self { monotonic_ms, day_ms, slept_ms: 0.0, has_paused: false }
    }

    /// The local time.
    pub(crate) fn now_ms(&mut self, monotonic_ms: f64, day_ms: f64) -> f64 {
        let passed_ms = monotonic_ms - self.monotonic_ms;
        let ahead_ms = day_ms - self.day_ms - passed_ms;
        // A clock of the day that is set back says nothing.
        if ahead_ms > SLEEP_MS_MIN {
            self.slept_ms += ahead_ms;
        }
        self.has_paused |= ahead_ms > SLEEP_MS_MIN || passed_ms > PAUSE_MS_MIN;
        (self.monotonic_ms, self.day_ms) = (monotonic_ms, day_ms);
        monotonic_ms + self.slept_ms
    }

    /// Whether the machine has slept or the page was frozen since this was asked last.
    pub(crate) fn take_pause(&mut self) -> bool {
        std::mem::take(&mut self.has_paused)
    }
}

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

    /// Believes the next answer, however slow: after a pause nobody knows how far the clocks have moved.
    pub(crate) fn doubt(&mut self) {
        self.error_ms = f64::INFINITY;
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
    fn local_time_runs_on_during_sleep() {
        let mut local = LocalClock::new(0.0, 5_000_000.0);
        assert!((local.now_ms(100.0, 5_000_100.0) - 100.0).abs() < 0.5);
        assert!(!local.take_pause());
        // A minute of sleep in which the monotonic clock stood still.
        assert!((local.now_ms(200.0, 5_060_200.0) - 60_200.0).abs() < 0.5);
        assert!(local.take_pause() && !local.take_pause());
        // The clock of the day is set back an hour.
        assert!((local.now_ms(300.0, 1_460_300.0) - 60_300.0).abs() < 0.5);
        assert!(!local.take_pause());
        // A frozen page: both clocks went on.
        assert!((local.now_ms(90_300.0, 1_550_300.0) - 150_300.0).abs() < 0.5);
        assert!(local.take_pause());
    }

    #[test]
    fn after_a_pause_the_next_answer_counts() {
        let mut clock = ServerClock::new(0.0, 0.0);
        clock.learn_round_trip(0.0, 2.0, 1000.0);
        clock.doubt();
        assert_eq!(clock.accuracy_ms(), None);
        clock.learn_round_trip(0.0, 400.0, 5000.0);
        assert_eq!((clock.now_ms(400.0), clock.accuracy_ms()), (5200, Some(200)));
    }

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
