//! How an honest client sends a request: again under the same id while there is no answer, and not
//! again once there is one.

use std::time::{Duration, Instant};

use tonic::{Code, Response, Status};

/// Sends until there is an answer or patience ends.
pub(crate) async fn answered<T, F>(
    patience: Duration,
    mut send: impl FnMut() -> F,
) -> Result<T, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let begun = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        match send().await {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) if may_work_later(&status) && begun.elapsed() < patience => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            Err(status) => return Err(status),
        }
    }
}

/// Whether there was no answer, or one that says "later". A server that goes away in the middle of a
/// call shows as any of these.
pub(crate) fn may_work_later(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable
            | Code::Unknown
            | Code::Aborted
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::DeadlineExceeded
    ) || (status.code() == Code::Internal && platform::grpc::status::reason_of(status).is_none())
}
