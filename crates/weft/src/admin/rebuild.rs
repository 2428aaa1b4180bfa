//! `Rebuild`: a table built anew beside itself, with how far it is.

use std::{error::Error as _, time::Duration};

use api::{admin::v1::RebuildResponse, common::v1::Position};
use futures::{FutureExt as _, StreamExt as _, stream, stream::BoxStream};
use kernel::ErrorCode;
use platform::{grpc::ServiceError, projection::RebuildError, service::RunningTable};
use tokio::sync::mpsc;
use tonic::Status;

/// Rebuilds a table for as long as somebody listens.
pub(super) fn run(
    table: RunningTable,
    log: String,
) -> BoxStream<'static, Result<RebuildResponse, Status>> {
    let (tell, mut told) = mpsc::channel(1);
    let work = async move {
        let progress = |done, end| {
            // A slow listener misses a step, and sees a later one.
            let _missed = tell.try_send(Ok(RebuildResponse { done, end, position: None }));
        };
        let sequence = table.rebuild(&progress).await.map_err(|error| refused(&error))?;
        let position = Some(Position { log, sequence });
        Ok(RebuildResponse { done: sequence, end: sequence, position })
    };
    let told = stream::poll_fn(move |context| told.poll_recv(context));
    stream::select(told, work.into_stream()).boxed()
}

/// No table has the name that was asked for.
pub(super) fn unknown(there: &[String]) -> ServiceError {
    let list = there.join(", ");
    ServiceError::new(
        ErrorCode::NotFound,
        "TABLE_UNKNOWN",
        format!("no such table here; choose from {list}"),
        format!("此进程没有该表, 可选: {list}"),
    )
}

fn refused(error: &RebuildError) -> Status {
    let refused = match error {
        RebuildError::Elsewhere => ServiceError::new(
            ErrorCode::Refused,
            "TABLE_FILLED_ELSEWHERE",
            "another process fills this table; ask that one with --grpc",
            "该表由另一进程维护, 请用 --grpc 指向该进程",
        ),
        RebuildError::UnderWay => ServiceError::new(
            ErrorCode::Refused,
            "REBUILD_UNDER_WAY",
            "the table is being rebuilt; wait for that",
            "该表正在重建, 请等待完成",
        ),
        RebuildError::Stopped | RebuildError::Projection(_) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            ServiceError::new(
                ErrorCode::Unavailable,
                "REBUILD_FAILED",
                format!("the table is as it was ({error}{cause}); try again, or see `weft doctor`"),
                "重建未完成, 原表不变; 请重试或运行 weft doctor",
            )
            .retry_after(Duration::from_secs(5))
        }
    };
    refused.into()
}
