//! The work order (工单): from its creation for an accepted case to its closing.
//!
//! | file | what |
//! |---|---|
//! | `work_order/state.rs` | what an order's history folds to |
//! | `work_order/command.rs` | what may be asked of it |
//! | `work_order/plan.rs` | how its deadlines are planned, and planned anew |
//! | `work_order/rejection.rs` | why something is refused |
//! | `work_order.rules.md` | the rules as a table, written by a test |

mod command;
pub mod plan;
mod rejection;
mod state;

use contracts::dispatch::{
    DeadlineKind, FeedbackSubmitted, WorkOrderAccepted, WorkOrderAtRisk, WorkOrderClosed,
    WorkOrderCreated, WorkOrderEvent, WorkOrderOverdue, WorkOrderReturned, WorkOrderRouted,
    WorkOrderSentBack, WorkOrderVerified,
};
use kernel::{Aggregate, Timestamp};

pub use command::{Command, Create, Replan};
pub use plan::Plan;
pub use rejection::Rejection;
pub use state::{Order, State, Status};

use super::{
    caller::{Caller, Capacity},
    routing::Decision,
};

/// The work order.
#[derive(Debug)]
pub struct WorkOrder;

impl Aggregate for WorkOrder {
    const CATEGORY: &'static str = WorkOrderEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = WorkOrderEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<WorkOrderEvent>, Rejection> {
        let Some(order) = &state.order else { return begin(command) };
        if command.caller().is_some_and(|caller| !order.is_covered_by(caller)) {
            return Err(Rejection::OutOfScope);
        }
        decide(order, command)
    }

    fn evolve(state: State, event: &WorkOrderEvent) -> State {
        state.after(event)
    }
}

/// Before there is an order only its creation is possible.
fn begin(command: Command) -> Result<Vec<WorkOrderEvent>, Rejection> {
    use Command as C;
    match command {
        C::CreateWorkOrder(create) => Ok(create.events()),
        C::AcceptWorkOrder { .. }
        | C::ReturnWorkOrder { .. }
        | C::RouteAgain { .. }
        | C::AssignWorkOrder { .. }
        | C::SubmitFeedback { .. }
        | C::VerifyWorkOrder { .. }
        | C::CloseWorkOrder { .. }
        | C::MarkAtRisk { .. }
        | C::ReplanDeadline(_)
        | C::MarkOverdue { .. } => Err(Rejection::NoSuchOrder),
    }
}

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
fn decide(order: &Order, command: Command) -> Result<Vec<WorkOrderEvent>, Rejection> {
    use Command as C;
    use Rejection as R;
    use Status as S;

    let work_order = order.id.clone();
    match (order.status, command) {
        // Routed: waits for its assignee.
        (S::Routed, C::AcceptWorkOrder { at, caller }) if caller.is(&order.assignee) => {
            one(WorkOrderAccepted { occurred_at: at, work_order, by: caller.person })
        }
        (S::Routed, C::SubmitFeedback { caller, .. }) if caller.is(&order.assignee) => {
            Err(R::NotAccepted)
        }

        // Accepted: with its handler.
        (S::Accepted, C::AcceptWorkOrder { caller, .. }) if order.accepted_by(&caller) => so(),
        (S::Accepted, C::AcceptWorkOrder { caller, .. }) if caller.is(&order.assignee) => {
            Err(R::AlreadyAccepted)
        }
        (
            S::Accepted,
            C::SubmitFeedback { at, caller, result, text, photos_before, photos_after },
        ) if order.is_handled_by(&caller) => one(FeedbackSubmitted {
            occurred_at: at,
            work_order,
            by: caller.person,
            result,
            text,
            photos_before,
            photos_after,
        }),

        // Either of the two may be given back, or to somebody else.
        (S::Routed | S::Accepted, C::ReturnWorkOrder { at, caller, reason, explanation })
            if caller.is(&order.assignee) =>
        {
            let by = caller.person;
            one(WorkOrderReturned { occurred_at: at, work_order, by, reason, explanation })
        }
        (S::Routed | S::Accepted, C::AssignWorkOrder { assignee, .. })
            if assignee == order.assignee =>
        {
            so()
        }
        (S::Routed | S::Accepted | S::Returned, C::AssignWorkOrder { at, assignee, .. }) => {
            one(by_hand(order, at, assignee))
        }

        // Returned: the rules route it again, past whoever returned it.
        (S::Returned, C::RouteAgain { at, routing }) => one(routed(order, at, routing)),
        (S::Returned, C::ReturnWorkOrder { caller, .. }) if order.returned_last(&caller) => so(),
        (S::Returned, C::AcceptWorkOrder { caller, .. } | C::ReturnWorkOrder { caller, .. })
            if caller.is(&order.assignee) =>
        {
            Err(R::Returned)
        }
        (S::Returned, C::SubmitFeedback { caller, .. }) if caller.is(&order.assignee) => {
            Err(R::NotAccepted)
        }

        // Handled: somebody else looks at it.
        (S::Handled, C::VerifyWorkOrder { caller, .. }) if order.was_worked_on_by(&caller) => {
            Err(R::VerifierIsHandler)
        }
        (S::Handled, C::VerifyWorkOrder { caller, capacity, .. })
            if !may_verify(order, &caller, capacity) =>
        {
            Err(R::NotAVerifier)
        }
        (S::Handled, C::VerifyWorkOrder { at, caller, passed: true, found_true, text, .. }) => {
            let by = caller.person;
            one(WorkOrderVerified { occurred_at: at, work_order, by, found_true, text })
        }
        (S::Handled, C::VerifyWorkOrder { at, caller, passed: false, text, .. }) => {
            one(WorkOrderSentBack { occurred_at: at, work_order, by: caller.person, text })
        }

        // Verified: to be closed.
        (S::Verified, C::VerifyWorkOrder { caller, passed: true, found_true, .. })
            if order.verified_by(&caller, found_true) =>
        {
            so()
        }
        (S::Verified, C::CloseWorkOrder { at, caller }) => one(WorkOrderClosed {
            occurred_at: at,
            work_order,
            case: order.case.clone(),
            by: caller.person,
            result: order.result,
            found_true: order.found_true,
        }),
        (S::Closed, C::CloseWorkOrder { .. }) => so(),

        // The clocks: each rings once.
        (S::Routed | S::Returned, C::MarkOverdue { at, deadline: DeadlineKind::Acceptance })
            if order.acceptance_is_overdue(at) =>
        {
            one(overdue(order, at, DeadlineKind::Acceptance))
        }
        (
            S::Routed | S::Returned | S::Accepted,
            C::MarkOverdue { at, deadline: DeadlineKind::Handling },
        ) if order.handling_is_overdue(at) => one(overdue(order, at, DeadlineKind::Handling)),
        (
            S::Routed | S::Returned | S::Accepted,
            C::MarkOverdue { at, deadline: DeadlineKind::HandlingThreefold },
        ) if order.is_thrice_overdue(at) => {
            one(overdue(order, at, DeadlineKind::HandlingThreefold))
        }
        (S::Routed | S::Returned | S::Accepted, C::MarkAtRisk { at }) if order.is_at_risk(at) => {
            one(WorkOrderAtRisk { occurred_at: at, work_order, due: order.due })
        }
        (
            S::Routed | S::Accepted | S::Returned | S::Handled | S::Verified | S::Closed,
            C::MarkAtRisk { .. },
        ) => so(),
        // What is open is planned anew, as what is handled may be sent back.
        (
            S::Routed | S::Accepted | S::Returned | S::Handled | S::Verified,
            C::ReplanDeadline(replan),
        ) => Ok(order.replanned(&replan).into_iter().map(Into::into).collect()),
        (S::Closed, C::ReplanDeadline(_)) => so(),
        (
            S::Routed | S::Accepted | S::Returned | S::Handled | S::Verified | S::Closed,
            C::MarkOverdue { .. },
        ) => so(),

        // Creation and routing by rule come from processes, which may ask twice.
        (
            S::Routed | S::Accepted | S::Returned | S::Handled | S::Verified | S::Closed,
            C::CreateWorkOrder(create),
        ) if create.case == order.case => so(),
        (
            S::Routed | S::Accepted | S::Returned | S::Handled | S::Verified | S::Closed,
            C::CreateWorkOrder(_),
        ) => Err(R::OrderExists),
        (S::Routed | S::Accepted | S::Handled | S::Verified | S::Closed, C::RouteAgain { .. }) => {
            so()
        }

        // What is refused.
        (
            S::Routed | S::Accepted | S::Returned,
            C::AcceptWorkOrder { .. } | C::ReturnWorkOrder { .. } | C::SubmitFeedback { .. },
        ) => Err(R::NotTheAssignee),
        (S::Routed | S::Accepted | S::Returned, C::VerifyWorkOrder { .. }) => Err(R::NotHandled),
        (S::Routed | S::Accepted | S::Returned | S::Handled, C::CloseWorkOrder { .. }) => {
            Err(R::NotVerified)
        }
        (
            S::Handled,
            C::AcceptWorkOrder { .. }
            | C::ReturnWorkOrder { .. }
            | C::AssignWorkOrder { .. }
            | C::SubmitFeedback { .. },
        ) => Err(R::AlreadyHandled),
        (
            S::Verified,
            C::AcceptWorkOrder { .. }
            | C::ReturnWorkOrder { .. }
            | C::AssignWorkOrder { .. }
            | C::SubmitFeedback { .. }
            | C::VerifyWorkOrder { .. },
        ) => Err(R::AlreadyVerified),
        (
            S::Closed,
            C::AcceptWorkOrder { .. }
            | C::ReturnWorkOrder { .. }
            | C::AssignWorkOrder { .. }
            | C::SubmitFeedback { .. }
            | C::VerifyWorkOrder { .. },
        ) => Err(R::Closed),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<WorkOrderEvent>) -> Result<Vec<WorkOrderEvent>, Rejection> {
    Ok(vec![event.into()])
}

/// Already so.
#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn so() -> Result<Vec<WorkOrderEvent>, Rejection> {
    Ok(Vec::new())
}

/// The reporter and the chief of the grid may verify beside those whose office it is, so that a
/// village of two can close an order.
fn may_verify(order: &Order, caller: &Caller, capacity: Capacity) -> bool {
    match capacity {
        Capacity::Office | Capacity::GridChief => true,
        Capacity::GridMember => order.reporter == caller.person,
    }
}

fn routed(order: &Order, at: Timestamp, routing: Decision) -> WorkOrderRouted {
    WorkOrderRouted {
        occurred_at: at,
        work_order: order.id.clone(),
        assignee: routing.assignee,
        rule: routing.rule,
        rule_version: routing.rule_version,
        candidates: routing.candidates,
        shortfall: routing.shortfall,
        rule_number: routing.rule_number,
        shortfalls: routing.shortfalls,
    }
}

fn by_hand(
    order: &Order,
    at: Timestamp,
    assignee: contracts::dispatch::Assignee,
) -> WorkOrderRouted {
    routed(order, at, Decision::by_hand(assignee))
}

fn overdue(order: &Order, at: Timestamp, deadline: DeadlineKind) -> WorkOrderOverdue {
    let due = match deadline {
        DeadlineKind::Acceptance => order.accept_due,
        DeadlineKind::Handling => order.due,
        DeadlineKind::HandlingThreefold => order.threefold_due(),
    };
    WorkOrderOverdue { occurred_at: at, work_order: order.id.clone(), deadline, due }
}

impl Create {
    fn events(self) -> Vec<WorkOrderEvent> {
        let routed = WorkOrderRouted {
            occurred_at: self.at,
            work_order: self.work_order.clone(),
            assignee: self.routing.assignee,
            rule: self.routing.rule,
            rule_version: self.routing.rule_version,
            candidates: self.routing.candidates,
            shortfall: self.routing.shortfall,
            rule_number: self.routing.rule_number,
            shortfalls: self.routing.shortfalls,
        };
        let created = WorkOrderCreated {
            occurred_at: self.at,
            work_order: self.work_order,
            case: self.case,
            category: self.category,
            catalogue_version: self.catalogue_version,
            urgency: self.urgency,
            division: self.division,
            grid: self.grid,
            reporter: self.reporter,
            limit: self.limit,
            accept_due: self.accept_due,
            due: self.due,
            calendar_version: self.calendar_version,
            round: self.round,
            at_risk: Some(self.at_risk),
            threefold_due: Some(self.threefold_due),
        };
        vec![created.into(), routed.into()]
    }
}

#[cfg(test)]
mod tests;
