//! Every accepted case gets an order.

use contracts::intake::{CaseAccepted, CaseEvent};
use kernel::{DecodeError, StoredEvent as _, id::WorkOrderId};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::{behind, database, target, unknown};
use crate::{
    domain::work_order::{Command, Create, WorkOrder},
    facts::{Facts, Matter},
};

/// The process.
pub struct OrderAcceptedCases {
    /// What routing decides from.
    pub facts: Facts,
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// The acceptance that an event of the log is, if it is one.
fn accepted(event: &Recorded) -> Result<Option<CaseAccepted>, DecodeError> {
    if event.category() != CaseEvent::CATEGORY {
        return Ok(None);
    }
    Ok(match CaseEvent::decode(&event.ce_type, &event.payload)? {
        CaseEvent::CaseAccepted(accepted) => Some(accepted),
        CaseEvent::CaseReported(_)
        | CaseEvent::InformationAdded(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseArchived(_) => None,
    })
}

impl Process for OrderAcceptedCases {
    const NAME: &'static str = "dispatch.order_accepted_cases";
    const START: Start = Start::Beginning;
    type Command = CaseAccepted;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseAccepted>, DecodeError> {
        Ok(accepted(event)?.into_iter().collect())
    }

    async fn carry_out(&self, accepted: CaseAccepted, cause: &Cause) -> Result<(), CarryOutError> {
        self.facts.reach(cause.sequence).await.map_err(|error| behind(&error))?;
        let category =
            self.facts.category(&accepted.category).ok_or_else(|| unknown(&accepted.category))?;
        let matter = Matter {
            category: &category,
            division: accepted.division,
            grid: accepted.grid,
            reporter: Some(accepted.reporter.clone()),
            returned: Vec::new(),
        };
        let routing = self.facts.route(matter).await.map_err(|error| database(&error))?;
        let request = cause.request();
        let id = WorkOrderId::new(accepted.division, request.key("work_order"));
        let (target, rules) = (target(&id, true), self.facts.rules.clone());
        let accept_limit = rules.accept_within(accepted.urgency);
        let make = move |now| {
            Command::CreateWorkOrder(Box::new(Create {
                at: now,
                work_order: id.clone(),
                case: accepted.case.clone(),
                category: accepted.category.clone(),
                catalogue_version: category.catalogue_version,
                urgency: accepted.urgency,
                division: accepted.division,
                grid: accepted.grid,
                reporter: accepted.reporter.clone(),
                limit: category.limit,
                accept_due: rules.calendar.due(now, &accept_limit),
                due: rules.calendar.due(now, &category.limit),
                calendar_version: rules.calendar.version(),
                routing: routing.clone(),
            }))
        };
        self.executor.execute(target, request, make).await?;
        Ok(())
    }
}
