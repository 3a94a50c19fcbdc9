//! An estimate of the server's clock in the browser.
//!
//! The browser's wall clock may be wrong by minutes, so its time is never used. Only its advance while the monotonic
//! clock stands still is: that is how long the machine slept. Both together give a local time that includes sleep.

/// An advance of the wall clock over the monotonic one by more than this is sleep.
const SLEEP_MS_MIN: f64 = 1_000.0;
/// If the clock was not read for longer than this, the page was frozen.
const PAUSE_MS_MIN: f64 = 3_000.0;

/// A local time in milliseconds that goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalClock {
    monotonic_ms: f64,
    wall_ms: f64,
    slept_ms: f64,
    has_paused: bool,
}

impl LocalClock {
    /// Starts from the current values of the browser's two clocks.
    pub(crate) fn new(monotonic_ms: f64, wall_ms: f64) -> Self {
        Self { monotonic_ms, wall_ms, slept_ms: 0.0, has_paused: false }
    }

    /// The local time.
    pub(crate) fn now_ms(&mut self, monotonic_ms: f64, wall_ms: f64) -> f64 {
        let passed_ms = monotonic_ms - self.monotonic_ms;
        let ahead_ms = wall_ms - self.wall_ms - passed_ms;
        // A wall clock that is set back tells nothing about sleep.
        if ahead_ms > SLEEP_MS_MIN {
            self.slept_ms += ahead_ms;
        }
        self.has_paused |= ahead_ms > SLEEP_MS_MIN || passed_ms > PAUSE_MS_MIN;
        (self.monotonic_ms, self.wall_ms) = (monotonic_ms, wall_ms);
        monotonic_ms + self.slept_ms
    }

    /// Whether the machine slept or the page was frozen since the last call.
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
    /// A first estimate from the time the page was rendered: late by however long it took to arrive.
    pub(crate) fn new(server_ms: f64, local_ms: f64) -> Self {
        Self { offset_ms: server_ms - local_ms, error_ms: f64::INFINITY }
    }

    /// The server's time in whole milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self, local_ms: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
        let now = (self.offset_ms + local_ms).floor() as i64;
        now
    }

    /// How far off the estimate may be, in whole milliseconds; none while that is unknown.
    pub(crate) fn accuracy_ms(&self) -> Option<u32> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of milliseconds"
        )]
        self.error_ms.is_finite().then(|| self.error_ms.ceil() as u32)
    }

    /// Adds a ping that was sent and answered at these local times. The server's time was read somewhere in between, so
    /// half the round trip bounds the error.
    pub(crate) fn add_round_trip(&mut self, sent_ms: f64, received_ms: f64, server_ms: f64) {
        let error_ms = (received_ms - sent_ms) / 2.0;
        if error_ms <= self.error_ms {
            self.offset_ms = server_ms + error_ms - received_ms;
            self.error_ms = error_ms;
        } else {
            // A good sample must not be trusted forever: clocks drift and machines sleep.
            self.error_ms *= 1.25;
        }
    }

    /// Accepts the next round trip, however slow: after a pause the offset is unknown.
    pub(crate) fn invalidate(&mut self) {
        self.error_ms = f64::INFINITY;
    }

    /// Adds a message sent at `server_ms`: the server's clock is at least that far. This catches a machine that has
    /// just woken up.
    pub(crate) fn add_message(&mut self, received_ms: f64, server_ms: f64) {
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
        // The wall clock is set back an hour.
        assert!((local.now_ms(300.0, 1_460_300.0) - 60_300.0).abs() < 0.5);
        assert!(!local.take_pause());
        // A frozen page: both clocks went on.
        assert!((local.now_ms(90_300.0, 1_550_300.0) - 150_300.0).abs() < 0.5);
        assert!(local.take_pause());
    }

    #[test]
    fn after_a_pause_the_next_answer_counts() {
        let mut clock = ServerClock::new(0.0, 0.0);
        clock.add_round_trip(0.0, 2.0, 1000.0);
        clock.invalidate();
        assert_eq!(clock.accuracy_ms(), None);
        clock.add_round_trip(0.0, 400.0, 5000.0);
        assert_eq!((clock.now_ms(400.0), clock.accuracy_ms()), (5200, Some(200)));
    }

    #[test]
    fn a_shorter_round_trip_wins() {
        let mut clock = ServerClock::new(10_000.0, 0.0);
        assert_eq!(clock.now_ms(50.0), 10_050);
        assert_eq!(clock.accuracy_ms(), None);
        clock.add_round_trip(100.0, 200.0, 11_000.0);
        assert_eq!(clock.now_ms(200.0), 11_050);
        clock.add_round_trip(300.0, 900.0, 0.0);
        assert_eq!(clock.now_ms(200.0), 11_050);
        clock.add_round_trip(1000.0, 1010.0, 12_000.0);
        assert_eq!(clock.now_ms(1010.0), 12_005);
        assert_eq!(clock.accuracy_ms(), Some(5));
    }

    #[test]
    fn old_samples_lose_their_weight() {
        let mut clock = ServerClock::new(0.0, 0.0);
        clock.add_round_trip(0.0, 10.0, 0.0);
        for _ in 0..20 {
            clock.add_round_trip(0.0, 100.0, 500_000.0);
        }
        assert!(clock.now_ms(100.0) > 400_000);
    }

    #[test]
    fn a_message_is_not_from_the_future() {
        let mut clock = ServerClock::new(1000.0, 0.0);
        clock.add_message(10.0, 900.0);
        assert_eq!(clock.now_ms(10.0), 1010);
        clock.add_message(10.0, 60_000.0);
        assert_eq!(clock.now_ms(10.0), 60_000);
    }
}
