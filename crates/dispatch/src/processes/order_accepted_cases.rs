//! Every accepted case gets an order, and one more whenever it is reopened.

use contracts::intake::{CaseAccepted, CaseEvent, CaseReopened, Urgency};
use kernel::{
    DecodeError, Division, GridCode, StoredEvent as _,
    id::{CaseId, CategoryCode, PersonId, WorkOrderId},
};
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

/// What an order is asked for: a case and its round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    case: CaseId,
    round: u32,
    category: CategoryCode,
    urgency: Urgency,
    division: Division,
    grid: Option<GridCode>,
    reporter: PersonId,
}

impl From<CaseAccepted> for Asked {
    fn from(event: CaseAccepted) -> Self {
        Self {
            case: event.case,
            round: 1,
            category: event.category,
            urgency: event.urgency,
            division: event.division,
            grid: event.grid,
            reporter: event.reporter,
        }
    }
}

impl From<CaseReopened> for Asked {
    fn from(event: CaseReopened) -> Self {
        Self {
            case: event.case,
            round: event.round,
            category: event.category,
            urgency: event.urgency,
            division: event.division,
            grid: event.grid,
            reporter: event.reporter,
        }
    }
}

/// What an event of the log asks an order for, if it does.
fn asked(event: &Recorded) -> Result<Option<Asked>, DecodeError> {
    if event.category() != CaseEvent::CATEGORY {
        return Ok(None);
    }
    Ok(match CaseEvent::decode(&event.ce_type, &event.payload)? {
        CaseEvent::CaseAccepted(accepted) => Some(accepted.into()),
        CaseEvent::CaseReopened(reopened) => Some(reopened.into()),
        CaseEvent::CaseReported(_)
        | CaseEvent::InformationAdded(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => None,
    })
}

/// The order that an event of a case leads to, made already or not.
pub(super) fn order_of(event: &Recorded) -> Result<Option<WorkOrderId>, DecodeError> {
    let request = Cause::moment(OrderAcceptedCases::NAME, &event.meta.id).request();
    Ok(asked(event)?.map(|asked| WorkOrderId::new(asked.division, request.key("work_order"))))
}

impl Process for OrderAcceptedCases {
    const NAME: &'static str = "dispatch.order_accepted_cases";
    const START: Start = Start::Beginning;
    type Command = Asked;

    fn react(&self, event: &Recorded) -> Result<Vec<Asked>, DecodeError> {
        Ok(asked(event)?.into_iter().collect())
    }

    async fn carry_out(&self, asked: Asked, cause: &Cause) -> Result<(), CarryOutError> {
        self.facts.reach(cause.sequence).await.map_err(|error| behind(&error))?;
        let category =
            self.facts.category(&asked.category).ok_or_else(|| unknown(&asked.category))?;
        let matter = Matter {
            code: &asked.category,
            category: &category,
            urgency: asked.urgency,
            division: asked.division,
            grid: asked.grid,
            reporter: Some(asked.reporter.clone()),
            returned: Vec::new(),
        };
        let routing = self.facts.route(matter).await.map_err(|error| database(&error))?;
        let request = cause.request();
        let id = WorkOrderId::new(asked.division, request.key("work_order"));
        let (target, deadlines) = (target(&id, true), self.facts.deadlines());
        let make = move |now| {
            Command::CreateWorkOrder(Box::new(Create {
                at: now,
                work_order: id.clone(),
                case: asked.case.clone(),
                category: asked.category.clone(),
                catalogue_version: category.catalogue_version,
                urgency: asked.urgency,
                division: asked.division,
                grid: asked.grid,
                reporter: asked.reporter.clone(),
                limit: category.limit,
                accept_due: deadlines.accept_due(now, asked.urgency),
                due: deadlines.due(now, &category.limit),
                at_risk: deadlines.at_risk(now, &category.limit),
                threefold_due: deadlines.threefold_due(now, &category.limit),
                calendar_version: deadlines.calendar_version(),
                round: asked.round,
                routing: routing.clone(),
                origin: None,
                parent: None,
                instruction: None,
            }))
        };
        self.executor.execute(target, request, make).await?;
        Ok(())
    }
}
