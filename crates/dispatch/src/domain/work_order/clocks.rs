//! The clocks of an order: each rings once, and only while it runs; and what moves them all.

use contracts::dispatch::{DeadlineKind, WorkOrderAtRisk, WorkOrderOverdue};
use kernel::Timestamp;

use super::{Clock, Decided, Order, Status, one, so};

pub(super) fn decide(order: &Order, command: Clock) -> Decided {
    use Clock as C;
    use Status as S;

    match (order.status, command) {
        (S::Routed | S::Returned, C::MarkOverdue { at, deadline: DeadlineKind::Acceptance })
            if order.acceptance_is_overdue(at) =>
        {
            one(overdue(order, at, DeadlineKind::Acceptance))
        }
        // A whole is late where its parts are.
        (
            S::Routed | S::Returned | S::Accepted | S::Arrived | S::Split,
            C::MarkOverdue { at, deadline: DeadlineKind::Handling },
        ) if order.handling_is_overdue(at) => one(overdue(order, at, DeadlineKind::Handling)),
        (
            S::Routed | S::Returned | S::Accepted | S::Arrived | S::Split,
            C::MarkOverdue { at, deadline: DeadlineKind::HandlingThreefold },
        ) if order.is_thrice_overdue(at) => {
            one(overdue(order, at, DeadlineKind::HandlingThreefold))
        }
        (S::Routed | S::Returned | S::Accepted | S::Arrived | S::Split, C::MarkAtRisk { at })
            if order.is_at_risk(at) =>
        {
            let work_order = order.id.clone();
            one(WorkOrderAtRisk { occurred_at: at, work_order, due: order.due })
        }
        // What is open is planned anew, as what is handled may be sent back.
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Suspended
            | S::Split,
            C::ReplanDeadline(replan),
        ) => Ok(order.replanned(&replan).into_iter().map(Into::into).collect()),
        (S::Closed | S::Withdrawn, C::ReplanDeadline(_))
        | (
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
            C::MarkOverdue { .. } | C::MarkAtRisk { .. },
        ) => so(),
    }
}

fn overdue(order: &Order, at: Timestamp, deadline: DeadlineKind) -> WorkOrderOverdue {
    let due = match deadline {
        DeadlineKind::Acceptance => order.accept_due,
        DeadlineKind::Handling => order.due,
        DeadlineKind::HandlingThreefold => order.threefold_due(),
    };
    WorkOrderOverdue { occurred_at: at, work_order: order.id.clone(), deadline, due }
}
