//! Logging: one line per event on standard error, as text or as JSON, and no more than anyone can read.

use clap::ValueEnum;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use prometheus::{IntCounter, register_int_counter};
use std::{num::NonZeroU32, sync::LazyLock};
use tracing::{Event, Level, Metadata, callsite::Identifier};
use tracing_subscriber::{
    EnvFilter, Layer, fmt,
    layer::{Context, Filter, SubscriberExt},
    util::SubscriberInitExt,
};

/// Warnings and errors that one place in the code may log per second. In an outage every request has one to report, and
/// all say the same.
const SAME_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Warnings and errors that were not logged.
static DROPPED: LazyLock<IntCounter> = LazyLock::new(|| {
    let help = "Warnings and errors that were not logged, because the same had just been logged often";
    register_int_counter!("log_lines_dropped_total", help).expect("metric names are unique")
});

/// The format of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging. `RUST_LOG` sets the levels; the default is `info`.
pub fn init(format: LogFormat) {
    let levels = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    LazyLock::force(&DROPPED);
    tracing_subscriber::registry().with(lines.with_filter(LineLimit::new())).with(levels).init();
}

/// Lets so many warnings and errors of each place in the code pass.
struct LineLimit(DefaultKeyedRateLimiter<Identifier>);

impl LineLimit {
    fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_second(SAME_PER_SECOND)))
    }
}

impl<S> Filter<S> for LineLimit {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let is_logged = *metadata.level() > Level::WARN || self.0.check_key(&metadata.callsite()).is_ok();
        if !is_logged {
            DROPPED.inc();
        }
        is_logged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Write,
        sync::{Arc, Mutex, PoisonError},
    };

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_outage_does_not_fill_the_log() {
        let written = Lines::default();
        let writer = written.clone();
        let lines = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(LineLimit::new()));
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..100 {
                tracing::error!("PostgreSQL does not answer");
                tracing::info!("settled");
            }
            tracing::warn!("something else");
        });
        let written = String::from_utf8(written.0.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let written = written.expect("is text");
        let count = |message| written.lines().filter(|line| line.ends_with(message)).count();
        // On a machine that stalls, a second may pass meanwhile.
        assert!((10..100).contains(&count("does not answer")), "{written}");
        assert_eq!(count("settled"), 100, "what goes well is not limited");
        assert_eq!(count("something else"), 1, "each place has a limit of its own");
    }
}
