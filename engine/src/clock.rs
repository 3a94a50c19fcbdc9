//! The one clock: PostgreSQL's.
//!
//! A process measures time with its monotonic clock, which nobody can set, and estimates the offset to PostgreSQL's
//! clock by querying it. So even a machine whose wall clock is wrong by minutes accepts no bid early or late. Tests use
//! a manual clock instead.

use crate::{
    error::{Error, Result},
    store::database::{ANSWER_TIMEOUT, Database, within},
};
use domain::Timestamp;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// Queries at each refresh.
const SAMPLES: usize = 5;
/// How fast two clocks may drift apart, in microseconds per second: ordinary quartz is accurate to 50 ppm, and the two
/// may be wrong in opposite directions.
const DRIFT_PPM: i64 = 100;

/// The time by which every rule is applied.
#[derive(Clone, Debug)]
pub struct Clock(TimeSource);

#[derive(Clone, Debug)]
enum TimeSource {
    Database(Arc<Offset>),
    Manual(watch::Sender<i64>),
}

#[derive(Debug)]
struct Offset {
    /// Where this process's monotonic time starts.
    origin: Instant,
    /// A copy of the estimate's, so that reading the time takes no lock.
    epoch_us: AtomicI64,
    estimate: Mutex<Estimate>,
}

/// An estimate of PostgreSQL's clock from one query. Times of this process are in microseconds since
/// [`Offset::origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the unit")]
struct Estimate {
    /// PostgreSQL's time at the origin, in microseconds since the Unix epoch.
    epoch_us: i64,
    /// When it was taken, by this process's time.
    taken_us: i64,
    /// Its greatest possible error then.
    error_us: i64,
}

impl Clock {
    /// PostgreSQL's clock, estimated once; [`Clock::refresh`] keeps it accurate.
    pub(crate) async fn of_database(database: &Database) -> Result<Self> {
        let origin = Instant::now();
        let estimate = within(ANSWER_TIMEOUT, take_estimate(database, origin)).await?;
        let epoch_us = AtomicI64::new(estimate.epoch_us);
        Ok(Self(TimeSource::Database(Arc::new(Offset { origin, epoch_us, estimate: Mutex::new(estimate) }))))
    }

    /// A clock that stands still until [`Clock::set`].
    pub fn manual(now: Timestamp) -> Self {
        Self(TimeSource::Manual(watch::Sender::new(now.unix_micros())))
    }

    /// Sets a manual clock; does nothing to PostgreSQL's.
    pub fn set(&self, now: Timestamp) {
        if let TimeSource::Manual(micros) = &self.0 {
            micros.send_replace(now.unix_micros());
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            TimeSource::Database(offset) => offset.epoch_us.load(Ordering::Relaxed) + micros(offset.origin.elapsed()),
            TimeSource::Manual(micros) => *micros.borrow(),
        };
        // Out of range only if the database's clock is past the year 9999.
        Timestamp::from_unix_micros(micros).unwrap_or(Timestamp::EPOCH)
    }

    /// The greatest possible error of [`Clock::now`], in seconds.
    pub fn error_seconds(&self) -> f64 {
        match &self.0 {
            TimeSource::Database(offset) => offset.estimate().error_at(micros(offset.origin.elapsed())) as f64 / 1e6,
            TimeSource::Manual(_) => 0.0,
        }
    }

    /// Waits until `time`. Never returns early, and late by at most the timer's resolution.
    pub async fn sleep_until(&self, time: Timestamp) {
        match &self.0 {
            TimeSource::Database(_) => loop {
                let left_us = time.unix_micros() - self.now().unix_micros();
                if left_us <= 0 {
                    return;
                }
                // At most a minute at a time, because the offset may be refreshed meanwhile.
                tokio::time::sleep(Duration::from_micros(left_us.unsigned_abs()).min(Duration::from_mins(1))).await;
            },
            TimeSource::Manual(micros) => {
                let mut now = micros.subscribe();
                // The sender is in `self`, so the channel cannot be closed meanwhile.
                let _ = now.wait_for(|now| *now >= time.unix_micros()).await;
            }
        }
    }

    /// Takes a new estimate, and keeps the better one.
    pub(crate) async fn refresh(&self, database: &Database) -> Result<()> {
        let TimeSource::Database(offset) = &self.0 else { return Ok(()) };
        let new = within(ANSWER_TIMEOUT, take_estimate(database, offset.origin)).await?;
        let mut estimate = offset.estimate();
        *estimate = estimate.or_better(new);
        offset.epoch_us.store(estimate.epoch_us, Ordering::Relaxed);
        Ok(())
    }
}

impl Offset {
    fn estimate(&self) -> MutexGuard<'_, Estimate> {
        self.estimate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Estimate {
    /// From a query sent at `asked_us`, answered at `answered_us` with PostgreSQL's time `database_us`. PostgreSQL read
    /// its clock somewhere in between, so the middle is wrong by at most half the round trip.
    fn new(asked_us: i64, answered_us: i64, database_us: i64) -> Self {
        let error_us = (answered_us - asked_us + 1) / 2;
        let taken_us = asked_us + error_us;
        Self { epoch_us: database_us - taken_us, taken_us, error_us }
    }

    /// Its greatest possible error at `now_us`.
    fn error_at(self, now_us: i64) -> i64 {
        self.error_us + (now_us - self.taken_us).max(0) * DRIFT_PPM / 1_000_000
    }

    /// The better one of this and a newer estimate. A slow answer from a busy database is less accurate than a quick
    /// one from a while ago. But if the two contradict each other, the clock was set, and the newer one counts.
    fn or_better(self, newer: Self) -> Self {
        let error_us = self.error_at(newer.taken_us);
        let agree = (self.epoch_us - newer.epoch_us).abs() <= error_us + newer.error_us;
        if agree && error_us < newer.error_us { self } else { newer }
    }
}

/// Queries PostgreSQL's time a few times and returns the best estimate.
async fn take_estimate(database: &Database, origin: Instant) -> Result<Estimate> {
    // One session for all queries.
    let mut transaction = database.begin().await?;
    let mut best: Option<Estimate> = None;
    for _ in 0..SAMPLES {
        let time = sqlx::query_scalar!(
            r#"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS "unix_micros!""#
        );
        let asked_us = micros(origin.elapsed());
        let database_us = time.fetch_one(&mut *transaction).await?;
        let new = Estimate::new(asked_us, micros(origin.elapsed()), database_us);
        best = Some(best.map_or(new, |best| best.or_better(new)));
    }
    best.ok_or_else(|| Error::Internal("the clock was not read".to_owned()))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_US: i64 = 1_769_860_800_000_000;
    const SECOND_US: i64 = 1_000_000;

    /// An estimate from a question `at_us` after the origin, answered `round_trip_us` later by a
    /// clock that showed `origin_us` at the origin, `read_us` after the question.
    fn estimate(origin_us: i64, at_us: i64, round_trip_us: i64, read_us: i64) -> Estimate {
        Estimate::new(at_us, at_us + round_trip_us, origin_us + at_us + read_us)
    }

    #[test]
    fn an_estimate_is_no_further_off_than_it_says() {
        for (round_trip_us, read_us) in [(0, 0), (1, 0), (1, 1), (401, 0), (401, 200), (401, 401)] {
            let estimate = estimate(NOON_US, SECOND_US, round_trip_us, read_us);
            let off_us = (estimate.epoch_us - NOON_US).abs();
            assert!(off_us <= estimate.error_us && estimate.error_us <= round_trip_us / 2 + 1, "{estimate:?}");
        }
    }

    #[test]
    fn a_slow_answer_does_not_replace_a_quick_one() {
        let quick = estimate(NOON_US, 0, 200, 100);
        let slow = estimate(NOON_US, 5 * SECOND_US, 40_000, 39_000);
        assert_eq!(quick.or_better(slow), quick);
        assert_eq!(slow.or_better(quick), quick);
    }

    #[test]
    fn an_old_estimate_gives_way_once_it_may_have_drifted_further() {
        let old = estimate(NOON_US, 0, 200, 100);
        assert_eq!(old.error_at(old.taken_us + 10 * SECOND_US), 100 + 10 * DRIFT_PPM);
        let late = |seconds: i64| estimate(NOON_US, seconds * SECOND_US, 4000, 2000);
        assert_eq!(old.or_better(late(18)), old);
        assert_eq!(old.or_better(late(20)), late(20));
    }

    #[test]
    fn a_clock_that_was_set_is_followed_at_once() {
        let old = estimate(NOON_US, 0, 200, 100);
        for set_by_us in [-60 * SECOND_US, 60 * SECOND_US, 30_000] {
            let slow = estimate(NOON_US + set_by_us, 5 * SECOND_US, 40_000, 20_000);
            assert_eq!(old.or_better(slow), slow);
        }
    }
}
