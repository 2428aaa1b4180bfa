//! The straight line: routed, accepted, on site, handled, verified, closed; and given back.

use contracts::dispatch::{
    Assignee, FeedbackSubmitted, HandlingResult, ReturnUpheld, WorkOrderAccepted, WorkOrderArrived,
    WorkOrderClosed, WorkOrderReturned, WorkOrderSentBack, WorkOrderVerified,
};
use kernel::Timestamp;

use super::{Decided, Line, Order, Rejection, Status, one, routed, so};
use crate::domain::{
    caller::{Caller, Capacity},
    routing::Decision,
};

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
pub(super) fn decide(order: &Order, command: Line) -> Decided {
    use Line as L;
    use Rejection as R;
    use Status as S;

    let work_order = order.id.clone();
    match (order.status, command) {
        // Routed: waits for its assignee.
        (S::Routed, L::AcceptWorkOrder(by)) if by.caller.is(&order.assignee) => {
            one(WorkOrderAccepted { occurred_at: by.at, work_order, by: by.caller.person })
        }
        (S::Routed, L::SubmitFeedback { by, .. } | L::ArriveWorkOrder(by))
            if by.caller.is(&order.assignee) =>
        {
            Err(R::NotAccepted)
        }

        // Accepted: with its handler, who may be on site.
        (S::Accepted | S::Arrived, L::AcceptWorkOrder(by)) if order.accepted_by(&by.caller) => so(),
        (S::Accepted | S::Arrived, L::AcceptWorkOrder(by)) if by.caller.is(&order.assignee) => {
            Err(R::AlreadyAccepted)
        }
        (S::Accepted, L::ArriveWorkOrder(by)) if order.is_handled_by(&by.caller) => {
            one(WorkOrderArrived { occurred_at: by.at, work_order, by: by.caller.person })
        }
        (S::Arrived, L::ArriveWorkOrder(by)) if order.is_handled_by(&by.caller) => so(),
        (S::Accepted | S::Arrived, L::SubmitFeedback { by, result, without_assistance, .. })
            if order.is_handled_by(&by.caller)
                && result == HandlingResult::Solved
                && without_assistance.is_none()
                && order.waits_for_assistants() =>
        {
            Err(R::AssistanceOpen)
        }
        (
            S::Accepted | S::Arrived,
            L::SubmitFeedback { by, result, text, photos_before, photos_after, without_assistance },
        ) if order.is_handled_by(&by.caller) => one(FeedbackSubmitted {
            occurred_at: by.at,
            work_order,
            by: by.caller.person,
            result,
            text,
            photos_before,
            photos_after,
            without_assistance,
        }),

        // Until it is handled it may be given back, or to somebody else.
        (
            S::Routed | S::Accepted | S::Arrived,
            L::ReturnWorkOrder { by, reason, explanation, basis },
        ) if by.caller.is(&order.assignee) => one(WorkOrderReturned {
            occurred_at: by.at,
            work_order,
            by: by.caller.person,
            reason,
            explanation,
            basis,
        }),
        (S::Routed | S::Accepted | S::Arrived, L::AssignWorkOrder(_, assignee))
            if assignee == order.assignee =>
        {
            so()
        }
        (S::Routed | S::Accepted | S::Arrived, L::AssignWorkOrder(by, assignee)) => {
            one(routed(order, by.at, Decision::by_hand(assignee)))
        }

        // Returned: whoever assigns it decides that the return was right.
        (S::Returned, L::AssignWorkOrder(by, _)) if order.needs_county(&by.caller) => {
            Err(R::NeedsCounty)
        }
        (S::Returned, L::AssignWorkOrder(_, assignee)) if assignee == order.assignee => {
            Err(R::ReturnedByAssignee)
        }
        (S::Returned, L::AssignWorkOrder(by, assignee)) => {
            upheld(order, by.at, by.caller, assignee)
        }
        (S::Returned, L::RouteAgain { at, routing }) => one(routed(order, at, routing)),
        (S::Returned, L::ReturnWorkOrder { by, .. }) if order.returned_last(&by.caller) => so(),
        (S::Returned, L::AcceptWorkOrder(by) | L::ReturnWorkOrder { by, .. })
            if by.caller.is(&order.assignee) =>
        {
            Err(R::Returned)
        }
        (S::Returned, L::SubmitFeedback { by, .. } | L::ArriveWorkOrder(by))
            if by.caller.is(&order.assignee) =>
        {
            Err(R::NotAccepted)
        }

        // Handled: somebody else looks at it.
        (S::Handled, L::VerifyWorkOrder { by, .. }) if order.was_worked_on_by(&by.caller) => {
            Err(R::VerifierIsHandler)
        }
        (S::Handled, L::VerifyWorkOrder { by, capacity, .. })
            if !may_verify(order, &by.caller, capacity) =>
        {
            Err(R::NotAVerifier)
        }
        (S::Handled, L::VerifyWorkOrder { by, passed: true, found_true, text, .. }) => {
            one(WorkOrderVerified {
                occurred_at: by.at,
                work_order,
                by: by.caller.person,
                found_true,
                text,
            })
        }
        (S::Handled, L::VerifyWorkOrder { by, passed: false, text, .. }) => {
            one(WorkOrderSentBack { occurred_at: by.at, work_order, by: by.caller.person, text })
        }

        // Verified: to be closed.
        (S::Verified, L::VerifyWorkOrder { by, passed: true, found_true, .. })
            if order.verified_by(&by.caller, found_true) =>
        {
            so()
        }
        (S::Verified, L::CloseWorkOrder(by)) => one(WorkOrderClosed {
            occurred_at: by.at,
            work_order,
            case: order.case.clone(),
            by: by.caller.person,
            result: order.result,
            found_true: order.found_true,
            parent: order.parent.clone(),
        }),
        (S::Closed, L::CloseWorkOrder(_)) => so(),

        // Routing by rule comes from a process, which may ask twice.
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn,
            L::RouteAgain { .. },
        ) => so(),

        // What is refused.
        (
            S::Routed | S::Accepted | S::Arrived | S::Returned,
            L::AcceptWorkOrder(_)
            | L::ArriveWorkOrder(_)
            | L::ReturnWorkOrder { .. }
            | L::SubmitFeedback { .. },
        ) => Err(R::NotTheAssignee),
        (S::Routed | S::Accepted | S::Arrived | S::Returned, L::VerifyWorkOrder { .. }) => {
            Err(R::NotHandled)
        }
        (S::Routed | S::Accepted | S::Arrived | S::Returned | S::Handled, L::CloseWorkOrder(_)) => {
            Err(R::NotVerified)
        }
        (
            S::Handled | S::Verified | S::Closed | S::Suspended | S::Split | S::Withdrawn,
            L::AcceptWorkOrder(_)
            | L::ArriveWorkOrder(_)
            | L::ReturnWorkOrder { .. }
            | L::AssignWorkOrder(..)
            | L::SubmitFeedback { .. },
        )
        | (
            S::Verified | S::Closed | S::Suspended | S::Split | S::Withdrawn,
            L::VerifyWorkOrder { .. },
        )
        | (S::Suspended | S::Split | S::Withdrawn, L::CloseWorkOrder(_)) => {
            Err(order.status.refuses())
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn upheld(order: &Order, at: Timestamp, caller: Caller, assignee: Assignee) -> Decided {
    let upheld = ReturnUpheld {
        occurred_at: at,
        work_order: order.id.clone(),
        by: caller.person,
        number: order.returns(),
        explanation: None,
    };
    Ok(vec![upheld.into(), routed(order, at, Decision::by_hand(assignee)).into()])
}

/// The reporter and the chief of the grid may verify beside those whose office it is, so that a
/// village of two can close an order.
fn may_verify(order: &Order, caller: &Caller, capacity: Capacity) -> bool {
    match capacity {
        Capacity::Office | Capacity::GridChief => true,
        Capacity::GridMember => order.reporter == caller.person,
    }
}
