//! The end of an order that is not done (撤回), its undoing, and what comes after the closing (回访).

use contracts::dispatch::{
    WithdrawalReason, WorkOrderCalledBack, WorkOrderReinstated, WorkOrderWithdrawn,
};
use kernel::{
    Timestamp,
    id::{PersonId, RecordId},
};

use super::{Decided, Ending, Order, Rejection, Status, one, so};

pub(super) fn decide(order: &Order, command: Ending) -> Decided {
    use Ending as E;
    use Rejection as R;
    use Status as S;

    match (order.status, command) {
        // What is open can be withdrawn, and what was withdrawn is so.
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Suspended
            | S::Split,
            E::WithdrawWorkOrder(by, explanation),
        ) => {
            let reason = WithdrawalReason::ByDesk;
            withdrawn(order, by.at, Some((by.caller.person, explanation)), reason)
        }
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Suspended
            | S::Split,
            E::WithdrawWith(at, reason),
        ) => withdrawn(order, at, None, reason),
        (S::Withdrawn, E::WithdrawWorkOrder(..) | E::WithdrawWith(..))
        | (S::Closed, E::WithdrawWith(..)) => so(),

        // Back to where it stood.
        (S::Withdrawn, E::ReinstateWorkOrder(_)) if order.follows_its_case() => {
            Err(R::WithdrawnWithCase)
        }
        (S::Withdrawn, E::ReinstateWorkOrder(by)) => {
            reinstated(order, by.at, Some(by.caller.person))
        }
        (S::Withdrawn, E::ReinstateWith(at, reason)) if order.was_withdrawn_for(reason) => {
            reinstated(order, at, None)
        }
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn,
            E::ReinstateWith(..),
        ) => so(),

        // After the closing somebody may ask, until the reporter is reached.
        (S::Closed, E::CallBackWorkOrder(..)) if order.called_back => Err(R::CalledBack),
        (S::Closed, E::CallBackWorkOrder(by, said)) => one(WorkOrderCalledBack {
            occurred_at: by.at,
            work_order: order.id.clone(),
            by: by.caller.person,
            reached: said.reached,
            solved: said.solved,
            satisfied: said.satisfied,
            text: said.text,
        }),

        // What is refused.
        (S::Closed, E::WithdrawWorkOrder(..)) => Err(R::Closed),
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split,
            E::ReinstateWorkOrder(_),
        ) => Err(R::NotWithdrawn),
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Suspended
            | S::Split,
            E::CallBackWorkOrder(..),
        ) => Err(R::NotClosed),
        (S::Withdrawn, E::CallBackWorkOrder(..)) => Err(R::Withdrawn),
    }
}

fn withdrawn(
    order: &Order,
    at: Timestamp,
    by_desk: Option<(PersonId, RecordId)>,
    reason: WithdrawalReason,
) -> Decided {
    let (by, explanation) = by_desk.unzip();
    one(WorkOrderWithdrawn {
        occurred_at: at,
        work_order: order.id.clone(),
        by,
        reason,
        explanation,
        parent: order.parent.clone(),
        children: order.open_children(),
    })
}

fn reinstated(order: &Order, at: Timestamp, by: Option<PersonId>) -> Decided {
    let children = order.withdrawal.as_ref().map(|it| it.children.clone()).unwrap_or_default();
    one(WorkOrderReinstated { occurred_at: at, work_order: order.id.clone(), by, children })
}

impl Order {
    fn was_withdrawn_for(&self, reason: WithdrawalReason) -> bool {
        self.withdrawal.as_ref().is_some_and(|withdrawal| withdrawal.reason == reason)
    }

    /// Whether something other than the desk's own decision ended it: only that brings it back.
    fn follows_its_case(&self) -> bool {
        !self.was_withdrawn_for(WithdrawalReason::ByDesk)
    }
}
