//! `intake.resolve_closed_cases`: a case is resolved when its work order is closed.

use contracts::{
    dispatch::{WorkOrderClosed, WorkOrderEvent},
    subject,
};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use crate::domain::case::{Case, Command};

/// The process.
pub struct ResolveClosedCases {
    /// Executes on cases.
    pub cases: Executor<Case>,
}

/// The type of the event, of any version.
const CLOSED: &str = "weft.dispatch.work_order_closed.v";

impl Process for ResolveClosedCases {
    const NAME: &'static str = "intake.resolve_closed_cases";
    const START: Start = Start::Beginning;
    type Command = WorkOrderClosed;

    fn react(&self, event: &Recorded) -> Result<Vec<WorkOrderClosed>, DecodeError> {
        // Of the many events of an order only one concerns cases.
        if !event.ce_type.starts_with(CLOSED) {
            return Ok(vec![]);
        }
        let event = WorkOrderEvent::decode(&event.ce_type, &event.payload)?;
        // A part of an order does not settle the case: the whole does, when it closes.
        Ok(match event {
            WorkOrderEvent::WorkOrderClosed(closed) if closed.parent.is_none() => vec![closed],
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
            | WorkOrderEvent::DeadlineReplanned(_) => vec![],
        })
    }

    async fn carry_out(&self, closed: WorkOrderClosed, cause: &Cause) -> Result<(), CarryOutError> {
        let target = Target {
            subject: subject::case(&closed.case),
            id: closed.case.to_string(),
            creates: false,
        };
        self.cases
            .execute(target, cause.request(), move |now| Command::ResolveCase {
                at: now,
                work_order: closed.work_order.clone(),
                found_true: closed.found_true,
            })
            .await?;
        Ok(())
    }
}
