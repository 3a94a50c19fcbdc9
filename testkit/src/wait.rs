//! Waiting for a condition.

use std::time::Duration;

/// How long a condition may take to hold before the test fails.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// Waits until `condition` yields a value. It is polled, so no change can be missed.
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let Ok(value) = tokio::time::timeout(WAIT_MAX, waiting).await else {
        panic!("waited in vain until {what}");
    };
    value
}
