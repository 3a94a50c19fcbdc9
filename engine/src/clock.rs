//! One clock for everything: PostgreSQL's.
//!
//! A process measures time with its monotonic clock, which nobody can set, and learns the offset
//! to PostgreSQL's clock by asking. So a machine whose own wall clock is wrong by minutes still
//! accepts no bid early or late. Tests turn a manual clock instead.

use crate::error::Result;
use domain::Timestamp;
use sqlx::PgPool;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// Samples of one estimate; the one with the shortest round trip counts.
const SAMPLES: usize = 5;

/// The time everything in the engine goes by.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Database(Arc<Offset>),
    Manual(watch::Sender<i64>),
}

#[derive(Debug)]
struct Offset {
    /// Where this process's monotonic time starts.
    origin: Instant,
    /// PostgreSQL's time at `origin`, in microseconds since the Unix epoch.
    epoch_us: AtomicI64,
    /// Half the round trip of the sample in force: the estimate is at most this far off.
    error_us: AtomicI64,
}

impl Clock {
    /// PostgreSQL's clock, estimated once; [`Clock::refresh`] keeps it right.
    pub async fn of_database(pool: &PgPool) -> Result<Self> {
        let clock = Self(Source::Database(Arc::new(Offset {
            origin: Instant::now(),
            epoch_us: AtomicI64::new(0),
            error_us: AtomicI64::new(i64::MAX),
        })));
        clock.refresh(pool).await?;
        Ok(clock)
    }

    /// A clock that stands still until [`Clock::set`].
    pub fn manual(now: Timestamp) -> Self {
        Self(Source::Manual(watch::Sender::new(now.unix_micros())))
    }

    /// Turns a manual clock; it does nothing to the database's.
    pub fn set(&self, now: Timestamp) {
        if let Source::Manual(micros) = &self.0 {
            micros.send_replace(now.unix_micros());
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            Source::Database(offset) => offset.epoch_us.load(Ordering::Relaxed) + micros(offset.origin.elapsed()),
            Source::Manual(micros) => *micros.borrow(),
        };
        // Out of range only if the database's clock stands beyond the year 9999.
        Timestamp::from_unix_micros(micros).unwrap_or(Timestamp::EPOCH)
    }

    /// How far off [`Clock::now`] may be, in seconds.
    pub fn error_seconds(&self) -> f64 {
        match &self.0 {
            Source::Database(offset) => offset.error_us.load(Ordering::Relaxed) as f64 / 1e6,
            Source::Manual(_) => 0.0,
        }
    }

    /// Waits until it is `time`. Wakes early never, and late by no more than the timer's grain.
    pub async fn sleep_until(&self, time: Timestamp) {
        match &self.0 {
            Source::Database(_) => loop {
                let left_us = time.unix_micros() - self.now().unix_micros();
                if left_us <= 0 {
                    return;
                }
                // At most a minute at once: the offset may be refreshed meanwhile.
                tokio::time::sleep(Duration::from_micros(left_us.unsigned_abs()).min(Duration::from_mins(1))).await;
            },
            Source::Manual(micros) => {
                let mut now = micros.subscribe();
                // The sender lives in `self`, so the channel cannot close meanwhile.
                let _ = now.wait_for(|now| *now >= time.unix_micros()).await;
            }
        }
    }

    /// Asks PostgreSQL for the time, a few times, and believes the quickest answer.
    pub async fn refresh(&self, pool: &PgPool) -> Result<()> {
        let Source::Database(offset) = &self.0 else { return Ok(()) };
        let mut best: Option<(Duration, i64)> = None;
        let mut connection = pool.acquire().await?;
        for _ in 0..SAMPLES {
            let asked = Instant::now();
            let theirs_us: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                .fetch_one(&mut *connection)
                .await?;
            let round_trip = asked.elapsed();
            // Their clock was read somewhere within the round trip; the middle is off by half at most.
            let ours_us = micros(asked.duration_since(offset.origin) + round_trip / 2);
            if best.is_none_or(|(shortest, _)| round_trip < shortest) {
                best = Some((round_trip, theirs_us - ours_us));
            }
        }
        if let Some((round_trip, epoch_us)) = best {
            offset.epoch_us.store(epoch_us, Ordering::Relaxed);
            offset.error_us.store(micros(round_trip / 2), Ordering::Relaxed);
        }
        Ok(())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
