//! `WatchWorkOrders`: orders in the caller's scope as they change. The table hands its changed rows to
//! all watchers, each of whom takes out what they may see.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use api::dispatch::v1::{WatchWorkOrdersRequest, WatchWorkOrdersResponse};
use futures::{Stream, stream};
use kernel::{Division, ErrorCode, Level, LogPosition, Timestamp};
use platform::{
    audit::Object,
    auth::AuthError,
    grpc::{ServiceError, Violations, call::Call},
    projection::{Changes, News},
    service::Context,
};
use tokio::sync::broadcast::{self, error::RecvError};
use tonic::{Request, Status};

use super::{Dispatch, list_work_orders, show};
use crate::projections::work_orders::{Sight, WorkOrderRow};

/// How often a silent watch looks whether its token still holds.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a watcher receives.
pub(super) type Watch =
    Pin<Box<dyn Stream<Item = Result<WatchWorkOrdersResponse, Status>> + Send + 'static>>;

/// One watcher.
struct Watcher {
    sight: Sight,
    division: Option<Division>,
    changes: broadcast::Receiver<Arc<Changes<WorkOrderRow>>>,
    context: Context,
    until: Timestamp,
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
            changes: self.facts.orders.changes(),
            context: self.context.clone(),
            until: call.principal.expires_at,
            waiting: VecDeque::new(),
            ended: false,
        };
        call.reads("watch_work_orders", Object::all("work_order"));
        Ok(Box::pin(stream::unfold(watcher, |mut watcher| async move {
            let next = watcher.next().await?;
            Some((next, watcher))
        })))
    }
}

impl Watcher {
    /// The next order that changed; none after the end.
    async fn next(&mut self) -> Option<Result<WatchWorkOrdersResponse, Status>> {
        let stop = self.context.lifecycle.soft_token();
        loop {
            if self.context.clock.now() >= self.until {
                self.ended = true;
                return Some(Err(ServiceError::from(AuthError::Expired).into()));
            }
            if let Some(next) = self.waiting.pop_front() {
                return Some(Ok(next));
            }
            if self.ended {
                return None;
            }
            let changes = tokio::select! {
                () = stop.cancelled() => return None,
                // So that the watch ends with the token, whether something changes or not.
                () = tokio::time::sleep(LOOK_EVERY) => continue,
                changes = self.changes.recv() => changes,
            };
            match changes {
                Ok(changes) => self.take(&changes),
                Err(RecvError::Lagged(_)) => {
                    self.ended = true;
                    return Some(Err(lagged().into()));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn take(&mut self, changes: &Changes<WorkOrderRow>) {
        let log = self.context.log.name();
        let position = LogPosition { log: log.to_owned(), sequence: changes.position };
        let news = changes.news(|row| self.sight.sees(row) && self.asked_for(row));
        let answers = news.into_iter().map(|news| {
            let (work_order, left) = match news {
                News::Is(id, row) => (Some(show::work_order(id, row)), String::new()),
                News::Left(id) => (None, id),
            };
            WatchWorkOrdersResponse { work_order, position: Some(position.clone().into()), left }
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

pub(super) fn lagged() -> ServiceError {
    ServiceError::new(
        ErrorCode::Unavailable,
        "WATCH_LAGGED",
        "changes came faster than they were read: list the orders again, then watch again",
        "变更过多，接收不及，请重新查询列表后再订阅",
    )
}
