//! An order that is split gets its parts: each an order of its own, with the deadlines of the whole.
//! Their ids are in the event, so that a crash in the middle leaves none out and makes none twice.

use contracts::dispatch::{Child, WorkOrderEvent, WorkOrderSplit};
use kernel::{DecodeError, StoredEvent as _, id::WorkOrderId};
use platform::{
    executor::Executor,
    log::{EventLog, Recorded},
    process::{CarryOutError, Cause, Process, Start},
};

use super::target;
use crate::{
    domain::{
        routing::Decision,
        work_order::{Command, Create, WorkOrder, plan::distances},
    },
    facts::Facts,
};

/// The process.
pub struct CreateParts {
    /// Where the whole is read.
    pub log: EventLog,
    /// The calendar.
    pub facts: Facts,
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// A part that an order is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    whole: WorkOrderId,
    part: Child,
}

/// The parts that an event of the log asks for.
fn asked(event: &Recorded) -> Result<Vec<Asked>, DecodeError> {
    if event.category() != WorkOrderEvent::CATEGORY {
        return Ok(Vec::new());
    }
    let event = WorkOrderEvent::decode(&event.ce_type, &event.payload)?;
    let WorkOrderEvent::WorkOrderSplit(WorkOrderSplit { work_order, children, .. }) = event else {
        return Ok(Vec::new());
    };
    let of_whole = |part| Asked { whole: work_order.clone(), part };
    Ok(children.into_iter().map(of_whole).collect())
}

impl Process for CreateParts {
    const NAME: &'static str = "dispatch.create_parts";
    const START: Start = Start::Beginning;
    type Command = Asked;

    fn react(&self, event: &Recorded) -> Result<Vec<Asked>, DecodeError> {
        asked(event)
    }

    async fn carry_out(&self, asked: Asked, cause: &Cause) -> Result<(), CarryOutError> {
        let Asked { whole, part } = asked;
        let history = self
            .log
            .load(&contracts::subject::work_order(&whole), 1)
            .await
            .map_err(|error| CarryOutError::Later(error.to_string()))?;
        let first = history
            .first()
            .and_then(|first| WorkOrderEvent::decode(&first.ce_type, &first.payload).ok());
        let Some(WorkOrderEvent::WorkOrderCreated(whole)) = first else {
            return Err(CarryOutError::Refused(format!("{whole} has no beginning")));
        };
        let deadlines = self.facts.deadlines();
        let (at_risk_before, threefold_after) = distances(&whole);
        let due = due_of(&history).unwrap_or(whole.due);
        let target = target(&part.work_order, true);
        let make = move |now| {
            Command::CreateWorkOrder(Box::new(Create {
                at: now,
                work_order: part.work_order.clone(),
                case: whole.case.clone(),
                category: whole.category.clone(),
                catalogue_version: whole.catalogue_version,
                urgency: whole.urgency,
                division: part.division,
                grid: part.grid,
                reporter: whole.reporter.clone(),
                limit: whole.limit,
                accept_due: deadlines.accept_due(now, whole.urgency),
                due,
                at_risk: due.plus_millis(-at_risk_before),
                threefold_due: due.plus_millis(threefold_after),
                calendar_version: deadlines.calendar_version(),
                round: whole.round,
                routing: Decision::by_hand(part.assignee.clone()),
                origin: whole.origin.clone(),
                parent: Some(whole.work_order.clone()),
                instruction: part.instruction.clone(),
            }))
        };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

/// By when the whole is due after all that moved its deadline.
fn due_of(history: &[Recorded]) -> Option<kernel::Timestamp> {
    history.iter().rev().find_map(|event| {
        match WorkOrderEvent::decode(&event.ce_type, &event.payload).ok()? {
            WorkOrderEvent::ExtensionGranted(granted) => Some(granted.due),
            WorkOrderEvent::WorkOrderResumed(resumed) => Some(resumed.due),
            WorkOrderEvent::DeadlineReplanned(replanned) => Some(replanned.due),
            WorkOrderEvent::WorkOrderCreated(_)
            | WorkOrderEvent::WorkOrderRouted(_)
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
            | WorkOrderEvent::ExtensionRefused(_)
            | WorkOrderEvent::SuspensionRequested(_)
            | WorkOrderEvent::SuspensionRefused(_)
            | WorkOrderEvent::WorkOrderSuspended(_)
            | WorkOrderEvent::WorkOrderEscalated(_)
            | WorkOrderEvent::WorkOrderReminded(_)
            | WorkOrderEvent::WorkOrderAssisted(_)
            | WorkOrderEvent::AssistanceSubmitted(_)
            | WorkOrderEvent::WorkOrderSplit(_)
            | WorkOrderEvent::ChildWorkOrderEnded(_)
            | WorkOrderEvent::WorkOrderWithdrawn(_)
            | WorkOrderEvent::WorkOrderReinstated(_)
            | WorkOrderEvent::WorkOrderCalledBack(_)
            | WorkOrderEvent::WorkOrderAtRisk(_) => None,
        }
    })
}
