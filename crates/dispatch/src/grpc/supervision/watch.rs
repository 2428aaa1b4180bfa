//! Supervisions in the caller's scope as they change.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use api::dispatch::v1::{WatchSupervisionsRequest, WatchSupervisionsResponse};
use futures::{Stream, stream};
use kernel::{Division, LogPosition, Timestamp};
use platform::{
    audit::Object,
    auth::{AuthError, ScopePredicate},
    grpc::{ServiceError, Violations, call::Call},
    projection::{Changes, News},
    service::Context,
};
use tokio::sync::broadcast::{self, error::RecvError};
use tonic::{Request, Status};

use super::{
    super::{list_work_orders::require, watch_work_orders::lagged},
    Supervisions,
    queries::shown,
};
use crate::projections::supervisions::SupervisionRow;

/// How often a silent watch looks whether its token still holds.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a watcher receives.
pub(super) type Watch =
    Pin<Box<dyn Stream<Item = Result<WatchSupervisionsResponse, Status>> + Send + 'static>>;

/// One watcher.
struct Watcher {
    sight: ScopePredicate,
    division: Option<Division>,
    changes: broadcast::Receiver<Arc<Changes<SupervisionRow>>>,
    context: Context,
    until: Timestamp,
    waiting: VecDeque<WatchSupervisionsResponse>,
    ended: bool,
}

impl Supervisions {
    /// The changes from now on that the caller may see.
    pub(super) fn watch(
        &self,
        request: &Request<WatchSupervisionsRequest>,
    ) -> Result<Watch, ServiceError> {
        let call = Call::of(request)?;
        let mut v = Violations::new();
        let division = v.parse_optional::<Division>("division", &request.get_ref().division);
        v.finish()?;
        if let Some(division) = division {
            require(&call.principal, division)?;
        }
        let watcher = Watcher {
            sight: call.principal.predicate(self.context.county),
            division,
            changes: self.rows.changes(),
            context: self.context.clone(),
            until: call.principal.expires_at,
            waiting: VecDeque::new(),
            ended: false,
        };
        call.reads("watch_supervisions", Object::all("supervision"));
        Ok(Box::pin(stream::unfold(watcher, |mut watcher| async move {
            let next = watcher.next().await?;
            Some((next, watcher))
        })))
    }
}

impl Watcher {
    /// The next supervision that changed; none after the end.
    async fn next(&mut self) -> Option<Result<WatchSupervisionsResponse, Status>> {
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

    /// A supervision never leaves the place or the body that it is about, so that none is ever lost
    /// from sight.
    fn take(&mut self, changes: &Changes<SupervisionRow>) {
        let log = self.context.log.name();
        let position = LogPosition { log: log.to_owned(), sequence: changes.position };
        let news = changes.news(|row| {
            let asked_for = self.division.is_none_or(|division| {
                row.division.parse().is_ok_and(|place: Division| division.contains(place))
            });
            asked_for && self.sight.holds(|column| row.column(column))
        });
        let answers = news.into_iter().filter_map(|news| match news {
            News::Is(id, row) => Some(WatchSupervisionsResponse {
                supervision: Some(shown(id, row)),
                position: Some(position.clone().into()),
            }),
            News::Left(_) => None,
        });
        self.waiting = answers.collect();
    }
}
