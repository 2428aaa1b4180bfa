//! `WatchWorkOrders`: orders in the caller's scope as they change. The changed rows are fetched once
//! for all watchers, each of whom takes out what they may see.

use std::{collections::VecDeque, convert::Infallible, pin::Pin, sync::Arc};

use api::dispatch::v1::{WatchWorkOrdersRequest, WatchWorkOrdersResponse};
use futures::{Stream, stream};
use kernel::{Division, ErrorCode, Level, LogPosition};
use platform::{
    grpc::{ServiceError, Violations, call::Call},
    lifecycle::Lifecycle,
    projection::View,
    service::Context,
};
use tokio::sync::broadcast::{self, error::RecvError};
use tonic::{Request, Status};

use super::{Dispatch, list_work_orders, show};
use crate::projections::work_orders::{self, Sight, WorkOrderRow};

/// How many batches a slow watcher may be behind before the watch ends.
const BEHIND: usize = 1_024;

/// What a watcher receives.
pub(super) type Watch =
    Pin<Box<dyn Stream<Item = Result<WatchWorkOrdersResponse, Status>> + Send + 'static>>;

/// Rows that changed, and how far the table was.
struct Batch {
    rows: Vec<(String, WorkOrderRow)>,
    position: LogPosition,
}

/// The changes of the table of orders.
#[derive(Clone)]
pub(super) struct Changes {
    batches: broadcast::Sender<Arc<Batch>>,
}

impl Changes {
    /// Fetches what changes for as long as somebody watches.
    pub(super) fn start(context: &Context, orders: View<WorkOrderRow>) -> Self {
        let (batches, _) = broadcast::channel(BEHIND);
        let (shared, sender) = (context.clone(), batches.clone());
        context.lifecycle.spawn("dispatch.watch_work_orders", async move {
            let stop = shared.lifecycle.soft_token();
            tokio::select! {
                () = stop.cancelled() => {}
                () = pass_on(&shared, &orders, &sender) => {}
            }
            Ok::<(), Infallible>(())
        });
        Self { batches }
    }
}

async fn pass_on(
    context: &Context,
    orders: &View<WorkOrderRow>,
    batches: &broadcast::Sender<Arc<Batch>>,
) {
    let mut changes = orders.changes();
    loop {
        let mut keys: Vec<String> = match changes.recv().await {
            Ok(keys) => keys.to_vec(),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "changes of orders came faster than they are passed on");
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        while let Ok(more) = changes.try_recv() {
            keys.extend(more.iter().cloned());
        }
        if batches.receiver_count() == 0 {
            continue;
        }
        keys.sort_unstable();
        keys.dedup();
        match work_orders::some(orders, &keys).await {
            Ok(rows) => {
                let position = context.position(orders);
                // The last watcher may just have left.
                let _nobody = batches.send(Arc::new(Batch { rows, position }));
            }
            Err(error) => tracing::warn!(%error, "changed orders cannot be read"),
        }
    }
}

/// One watcher.
struct Watcher {
    sight: Sight,
    division: Option<Division>,
    batches: broadcast::Receiver<Arc<Batch>>,
    lifecycle: Lifecycle,
    waiting: VecDeque<WatchWorkOrdersResponse>,
    ended: bool,
}

impl Dispatch {
    /// The changes from now on that the caller may see.
    pub(super) fn watch(
        &self,
        request: &Request<WatchWorkOrdersRequest>,
    ) -> Result<Watch, ServiceError> {
        let call = Call::of(request)?;
        let mut v = Violations::new();
        let division = v.parse_optional::<Division>("division", &request.get_ref().division);
        v.finish()?;
        if let Some(division) = division {
            list_work_orders::require(&call.principal, division)?;
        }
        let watcher = Watcher {
            sight: Sight::of(&call.principal, self.context.county),
            division,
            batches: self.changes.batches.subscribe(),
            lifecycle: self.context.lifecycle.clone(),
            waiting: VecDeque::new(),
            ended: false,
        };
        Ok(Box::pin(stream::unfold(watcher, |mut watcher| async move {
            let next = watcher.next().await?;
            Some((next, watcher))
        })))
    }
}

impl Watcher {
    /// The next order that changed; none after the end.
    async fn next(&mut self) -> Option<Result<WatchWorkOrdersResponse, Status>> {
        let stop = self.lifecycle.soft_token();
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Some(Ok(next));
            }
            if self.ended {
                return None;
            }
            let batch = tokio::select! {
                () = stop.cancelled() => return None,
                batch = self.batches.recv() => batch,
            };
            match batch {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_)) => {
                    self.ended = true;
                    return Some(Err(lagged().into()));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn take(&mut self, batch: &Batch) {
        let seen = batch.rows.iter().filter(|(_, row)| self.sight.sees(row) && self.asked_for(row));
        let answers = seen.map(|(id, row)| WatchWorkOrdersResponse {
            work_order: Some(show::work_order(id.clone(), row.clone())),
            position: Some(batch.position.clone().into()),
        });
        self.waiting = answers.collect();
    }

    fn asked_for(&self, row: &WorkOrderRow) -> bool {
        self.division.is_none_or(|division| {
            let code = division.to_string();
            match division.level() {
                Level::Province | Level::Prefecture => true,
                Level::County => row.county == code,
                Level::Township => row.township == code,
                Level::Village => row.village == code,
            }
        })
    }
}

fn lagged() -> ServiceError {
    ServiceError::new(
        ErrorCode::Unavailable,
        "WATCH_LAGGED",
        "changes came faster than they were read: list the orders again, then watch again",
        "变更过多，接收不及，请重新查询列表后再订阅",
    )
}
