//! Parts and their whole: the end of a part is told to the whole, and the withdrawal and the return of
//! the whole to its parts.

use contracts::dispatch::{ChildOutcome, HandlingResult, WithdrawalReason, WorkOrderEvent};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{PersonId, WorkOrderId},
};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::target;
use crate::domain::work_order::{Command, Ending, Parts, WorkOrder};

/// The process.
pub struct JoinParts {
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// What an event means for another order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Tell this whole that this part of it has ended.
    EndChild {
        /// The whole.
        whole: WorkOrderId,
        /// The part.
        child: WorkOrderId,
        /// How.
        outcome: ChildOutcome,
        /// Who closed or withdrew it.
        by: Option<PersonId>,
        /// What came out, and whether the report was true.
        result: Option<(HandlingResult, bool)>,
    },
    /// Withdraw this part with its whole.
    Withdraw(WorkOrderId),
    /// Let this part be as it was, with its whole.
    Reinstate(WorkOrderId),
}

/// What an event of an order means for others.
fn asked(event: WorkOrderEvent) -> Vec<Asked> {
    use WorkOrderEvent as E;
    match event {
        E::WorkOrderClosed(closed) => {
            let whole = closed.parent.map(|whole| Asked::EndChild {
                whole,
                child: closed.work_order,
                outcome: ChildOutcome::Closed,
                by: Some(closed.by),
                result: Some((closed.result, closed.found_true)),
            });
            whole.into_iter().collect()
        }
        E::WorkOrderWithdrawn(withdrawn) => {
            let with_whole = withdrawn.reason == WithdrawalReason::WithParent;
            let whole = withdrawn.parent.filter(|_| !with_whole).map(|whole| Asked::EndChild {
                whole,
                child: withdrawn.work_order,
                outcome: ChildOutcome::Withdrawn,
                by: withdrawn.by,
                result: None,
            });
            whole.into_iter().chain(withdrawn.children.into_iter().map(Asked::Withdraw)).collect()
        }
        E::WorkOrderReinstated(reinstated) => {
            reinstated.children.into_iter().map(Asked::Reinstate).collect()
        }
        E::WorkOrderCreated(_)
        | E::WorkOrderRouted(_)
        | E::WorkOrderAccepted(_)
        | E::WorkOrderReturned(_)
        | E::FeedbackSubmitted(_)
        | E::WorkOrderVerified(_)
        | E::WorkOrderSentBack(_)
        | E::WorkOrderOverdue(_)
        | E::WorkOrderArrived(_)
        | E::ReturnUpheld(_)
        | E::ReturnRejected(_)
        | E::ExtensionRequested(_)
        | E::ExtensionGranted(_)
        | E::ExtensionRefused(_)
        | E::SuspensionRequested(_)
        | E::SuspensionRefused(_)
        | E::WorkOrderSuspended(_)
        | E::WorkOrderResumed(_)
        | E::WorkOrderEscalated(_)
        | E::WorkOrderReminded(_)
        | E::WorkOrderAssisted(_)
        | E::AssistanceSubmitted(_)
        | E::WorkOrderSplit(_)
        | E::ChildWorkOrderEnded(_)
        | E::WorkOrderCalledBack(_)
        | E::WorkOrderAtRisk(_)
        | E::DeadlineReplanned(_) => Vec::new(),
    }
}

impl Process for JoinParts {
    const NAME: &'static str = "dispatch.join_parts";
    const START: Start = Start::Beginning;
    type Command = Asked;

    fn react(&self, event: &Recorded) -> Result<Vec<Asked>, DecodeError> {
        if event.category() != WorkOrderEvent::CATEGORY {
            return Ok(Vec::new());
        }
        WorkOrderEvent::decode(&event.ce_type, &event.payload).map(asked)
    }

    async fn carry_out(&self, asked: Asked, cause: &Cause) -> Result<(), CarryOutError> {
        let id = match &asked {
            Asked::EndChild { whole, .. } => whole,
            Asked::Withdraw(part) | Asked::Reinstate(part) => part,
        };
        let target = target(id, false);
        if let Asked::Withdraw(part) | Asked::Reinstate(part) = &asked {
            // The part may not have been made yet when its whole is taken back.
            let (state, _version) = self.executor.load(&target.subject).await?;
            if state.order.is_none() {
                return Err(CarryOutError::Later(format!("{part} is not made yet")));
            }
        }
        let make = move |at| -> Command {
            match asked.clone() {
                Asked::EndChild { child, outcome, by, result, .. } => {
                    Parts::EndChild { at, child, outcome, by, result }.into()
                }
                Asked::Withdraw(_) => Ending::WithdrawWith(at, WithdrawalReason::WithParent).into(),
                Asked::Reinstate(_) => {
                    Ending::ReinstateWith(at, WithdrawalReason::WithParent).into()
                }
            }
        };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}
