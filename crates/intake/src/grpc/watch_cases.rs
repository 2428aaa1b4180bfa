//! `WatchCases`: the cases in the caller's scope as they change. The table hands its changed rows to
//! all watchers, each of whom takes out what lies in their scope.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use api::intake::v1::{WatchCasesRequest, WatchCasesResponse};
use futures::{Stream, stream};
use kernel::{Division, ErrorCode, Timestamp};
use platform::{
    audit::Object,
    auth::ScopePredicate,
    grpc::{ServiceError, Violations, call::Call},
    projection::{Changes, News},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tonic::{Request, Status};

use super::{Intake, list_cases::within};
use crate::projections::cases::CaseRow;

/// How often a silent watch looks whether its token still holds.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A stream of changes.
pub(super) type Watch = Pin<Box<dyn Stream<Item = Result<WatchCasesResponse, Status>> + Send>>;

struct Watching {
    intake: Intake,
    within: Vec<ScopePredicate>,
    changes: Receiver<Arc<Changes<CaseRow>>>,
    until: Timestamp,
    waiting: VecDeque<News<CaseRow>>,
    ended: bool,
}

pub(super) fn watch_cases(
    intake: &Intake,
    request: &Request<WatchCasesRequest>,
) -> Result<Watch, ServiceError> {
    let call = Call::of(request)?;
    let mut v = Violations::new();
    let division = v.parse_optional::<Division>("division", &request.get_ref().division);
    v.finish()?;
    let watching = Watching {
        within: within(intake, &call.principal, division)?,
        changes: intake.cases.changes(),
        until: call.principal.expires_at,
        intake: intake.clone(),
        waiting: VecDeque::new(),
        ended: false,
    };
    call.reads("watch_cases", Object::all("case"));
    Ok(Box::pin(stream::unfold(watching, |mut watching| async move {
        if watching.ended {
            return None;
        }
        let next = watching.next().await.transpose()?;
        // An error is the last that the caller hears.
        watching.ended = next.is_err();
        Some((next.map_err(Status::from), watching))
    })))
}

impl Watching {
    /// The next change; none when the service stops.
    async fn next(&mut self) -> Result<Option<WatchCasesResponse>, ServiceError> {
        let stop = self.intake.context.lifecycle.soft_token();
        loop {
            if self.intake.context.clock.now() >= self.until {
                return Err(ServiceError::new(
                    ErrorCode::Unauthenticated,
                    "TOKEN_EXPIRED",
                    "the token has run out: sign in again, then watch again",
                    "登录已过期，请重新登录后再查看",
                ));
            }
            if let Some(news) = self.waiting.pop_front() {
                let position = Some(self.intake.context.position(&self.intake.cases).into());
                let (case, left) = match news {
                    News::Is(id, row) => (Some(self.intake.case(id, row).await?), String::new()),
                    News::Left(id) => (None, id),
                };
                return Ok(Some(WatchCasesResponse { case, position, left }));
            }
            let news = tokio::select! {
                () = stop.cancelled() => return Ok(None),
                // So that the watch ends with the token, whether something changes or not.
                () = tokio::time::sleep(LOOK_EVERY) => continue,
                changed = self.changes.recv() => changed,
            };
            match news {
                Ok(changes) => {
                    let seen = |row: &CaseRow| {
                        self.within.iter().all(|part| part.holds(|column| row.column(column)))
                    };
                    self.waiting = changes.news(seen).into();
                }
                Err(RecvError::Closed) => return Ok(None),
                Err(RecvError::Lagged(_)) => {
                    return Err(ServiceError::new(
                        ErrorCode::Unavailable,
                        "WATCH_TOO_SLOW",
                        "changes came faster than they were read: list the cases, then watch again",
                        "变化过快未能及时读取，请重新查询列表后再订阅",
                    ));
                }
            }
        }
    }
}
