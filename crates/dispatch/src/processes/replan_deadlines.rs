//! A new version of the working calendar, or another limit of a category, moves the deadlines of what
//! is open. Each order that moves says so in one event.
//!
//! It goes over the open orders in the order of their ids. Killed in the middle it begins again, and
//! finds what it did done: the command's id follows from the cause and the order, and the order knows
//! by which calendar and limit it was planned. An order that was created by the calendar of a moment
//! ago, while the next was being put, is looked at when its creation is read.

use std::time::Duration;

use contracts::{
    dispatch::{ReplanReason, WorkOrderEvent, calendar::CalendarEvent},
    intake::CategoryEvent,
};
use futures::{TryStreamExt as _, stream};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CategoryCode, WorkOrderId},
    limit::Limit,
};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::{behind, database, target};
use crate::{
    domain::work_order::{Clock, Command, Replan, WorkOrder},
    facts::Facts,
    projections::work_orders,
};

/// How many orders are read together.
const ROWS: u32 = 500;

/// How many commands are under way at once.
const IN_FLIGHT: usize = 32;

/// How long the table of orders may take to reach the event.
const PATIENCE: Duration = Duration::from_secs(5);

/// The process.
pub struct ReplanDeadlines {
    /// The calendar and the orders.
    pub facts: Facts,
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// What is to be planned anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anew {
    /// Every open order, by the calendar.
    All,
    /// The open orders of a category, by a limit of the catalogue's version.
    Category(CategoryCode, Limit, u32),
    /// One order, if the calendar is newer than the one that it was planned by.
    Order(WorkOrderId, u32),
}

/// What an event of the log plans anew, if it does.
fn anew(event: &Recorded) -> Result<Option<Anew>, DecodeError> {
    Ok(match event.category() {
        CalendarEvent::CATEGORY => {
            let CalendarEvent::CalendarPut(_) =
                CalendarEvent::decode(&event.ce_type, &event.payload)?;
            Some(Anew::All)
        }
        CategoryEvent::CATEGORY => {
            match CategoryEvent::decode(&event.ce_type, &event.payload)? {
                CategoryEvent::CategoryDefined(defined) => {
                    let (category, version) = (defined.category, defined.catalogue_version);
                    defined.rules.map(|rules| Anew::Category(category, rules.limit, version))
                }
                // What is planned is not in force; what has ended is handled to its end.
                CategoryEvent::CategoryPlanned(_) | CategoryEvent::CategoryEnded(_) => None,
            }
        }
        WorkOrderEvent::CATEGORY => match WorkOrderEvent::decode(&event.ce_type, &event.payload)? {
            WorkOrderEvent::WorkOrderCreated(created) => {
                Some(Anew::Order(created.work_order, created.calendar_version))
            }
            WorkOrderEvent::WorkOrderRouted(_)
            | WorkOrderEvent::WorkOrderAccepted(_)
            | WorkOrderEvent::WorkOrderReturned(_)
            | WorkOrderEvent::FeedbackSubmitted(_)
            | WorkOrderEvent::WorkOrderVerified(_)
            | WorkOrderEvent::WorkOrderSentBack(_)
            | WorkOrderEvent::WorkOrderClosed(_)
            | WorkOrderEvent::WorkOrderOverdue(_)
            | WorkOrderEvent::WorkOrderArrived(_)
            | WorkOrderEvent::ReturnUpheld(_)
            | WorkOrderEvent::ReturnRejected(_)
            | WorkOrderEvent::ExtensionRequested(_)
            | WorkOrderEvent::ExtensionGranted(_)
            | WorkOrderEvent::ExtensionRefused(_)
            | WorkOrderEvent::SuspensionRequested(_)
            | WorkOrderEvent::SuspensionRefused(_)
            | WorkOrderEvent::WorkOrderSuspended(_)
            | WorkOrderEvent::WorkOrderResumed(_)
            | WorkOrderEvent::WorkOrderEscalated(_)
            | WorkOrderEvent::WorkOrderReminded(_)
            | WorkOrderEvent::WorkOrderAssisted(_)
            | WorkOrderEvent::AssistanceSubmitted(_)
            | WorkOrderEvent::WorkOrderSplit(_)
            | WorkOrderEvent::ChildWorkOrderEnded(_)
            | WorkOrderEvent::WorkOrderWithdrawn(_)
            | WorkOrderEvent::WorkOrderReinstated(_)
            | WorkOrderEvent::WorkOrderCalledBack(_)
            | WorkOrderEvent::WorkOrderAtRisk(_)
            | WorkOrderEvent::DeadlineReplanned(_) => None,
        },
        _ => None,
    })
}

impl Process for ReplanDeadlines {
    const NAME: &'static str = "dispatch.replan_deadlines";
    const START: Start = Start::Now;
    type Command = Anew;

    fn react(&self, event: &Recorded) -> Result<Vec<Anew>, DecodeError> {
        Ok(anew(event)?.into_iter().collect())
    }

    async fn carry_out(&self, anew: Anew, cause: &Cause) -> Result<(), CarryOutError> {
        let calendars = self.facts.calendars.view();
        calendars.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        match anew {
            Anew::All => self.sweep(None, None, cause).await,
            Anew::Category(category, limit, version) => {
                self.sweep(Some(&category), Some((limit, version)), cause).await
            }
            Anew::Order(order, planned_by) => {
                if self.facts.calendar().version() > planned_by {
                    self.replan(order, None, cause).await?;
                }
                Ok(())
            }
        }
    }
}

impl ReplanDeadlines {
    async fn sweep(
        &self,
        category: Option<&CategoryCode>,
        limit: Option<(Limit, u32)>,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let orders = &self.facts.orders;
        orders.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        let mut after = String::new();
        loop {
            let rows = work_orders::open_after(orders, &after, category, ROWS)
                .await
                .map_err(|error| database(&error))?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            let moved = rows.iter().filter(|(_, row)| match limit {
                Some((limit, _)) => row.time_limit != limit.to_string(),
                None => row.calendar_version < i64::from(self.facts.calendar().version()),
            });
            let ids: Vec<WorkOrderId> = moved.filter_map(|(id, _)| id.parse().ok()).collect();
            stream::iter(ids.into_iter().map(Ok))
                .try_for_each_concurrent(IN_FLIGHT, |order| self.replan(order, limit, cause))
                .await?;
        }
    }

    async fn replan(
        &self,
        order: WorkOrderId,
        limit: Option<(Limit, u32)>,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let request = Cause::moment(Self::NAME, &format!("{}/{order}", cause.event)).request();
        let (calendar, at_risk_percent) = (self.facts.calendar(), self.facts.rules.at_risk_percent);
        let reason = if limit.is_some() {
            ReplanReason::LimitChanged
        } else {
            ReplanReason::CalendarChanged
        };
        let make = move |now| {
            let calendar = calendar.clone();
            let replan = Replan { at: now, reason, calendar, limit, at_risk_percent };
            Command::from(Clock::ReplanDeadline(Box::new(replan)))
        };
        match self.executor.execute(target(&order, false), request, make).await {
            Ok(_) => Ok(()),
            Err(error) => match CarryOutError::from(error) {
                // One order that refuses keeps none of the others waiting.
                CarryOutError::Refused(_) => Ok(()),
                later @ CarryOutError::Later(_) => Err(later),
            },
        }
    }
}
