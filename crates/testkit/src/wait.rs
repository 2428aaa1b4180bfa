//! Waiting on a condition instead of for a time.

use std::time::Duration;

/// What a slow machine may take for any one condition.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Waits until a condition holds, looking again every few milliseconds; fails the test with `what`
/// did not come about after a minute.
pub async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let came = tokio::time::timeout(LIMIT, waiting).await;
    assert!(came.is_ok(), "not within {} s: {what}", LIMIT.as_secs());
}
