//! Keeps the tasks of a process running: one that panics is reported, counted and started again. Otherwise settlement or
//! repair could end unnoticed while the process goes on serving.

use crate::metrics;
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};

/// Pause before a task that panicked is started again, so that one that always panics is no busy loop.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// Runs a task until it ends by itself, and anew whenever it panics, which is reported and counted under its name.
pub async fn supervise<F: Future<Output = ()>>(name: &'static str, start: impl Fn() -> F) {
    // Exported before the first panic, so that the first is a change that an alert can see.
    metrics::TASK_PANICS.with_label_values(&[name]);
    while catch_panic(name, start()).await.is_none() {
        tokio::time::sleep(RESTART_AFTER).await;
    }
}

/// Runs one piece of a task's work; `None` if it panicked. What the work shared must stay valid: locks recover from
/// poisoning, and everything else is changed in one step.
pub(crate) async fn catch_panic<T>(name: &'static str, work: impl Future<Output = T>) -> Option<T> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    // The panic's message is on standard error.
    result.inspect_err(|_| report(name)).ok()
}

fn report(name: &'static str) {
    tracing::error!(task = name, "a task panicked");
    metrics::TASK_PANICS.with_label_values(&[name]).inc();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_task_that_panics_is_started_again() {
        let starts = AtomicU32::new(0);
        let before = metrics::TASK_PANICS.with_label_values(&["test"]).get();
        supervise("test", || async {
            assert_ne!(starts.fetch_add(1, Ordering::Relaxed), 0, "the first one panics");
        })
        .await;
        assert_eq!(starts.load(Ordering::Relaxed), 2);
        assert_eq!(metrics::TASK_PANICS.with_label_values(&["test"]).get(), before + 1);
    }
}
