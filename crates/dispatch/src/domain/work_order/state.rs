//! What an order's history folds to.

use contracts::dispatch::{
    Assignee, DeadlineKind, HandlingResult, WorkOrderCreated, WorkOrderEvent,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, PersonId, WorkOrderId},
};

use super::plan::Plan;
use crate::domain::caller::{Caller, Within};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// With its assignee, not accepted yet.
    Routed,
    /// Accepted, and being handled.
    Accepted,
    /// Given back, and not routed yet.
    Returned,
    /// Handled, to be verified.
    Handled,
    /// Verified, to be closed.
    Verified,
    /// Closed.
    Closed,
}

impl Status {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 6] =
        [Self::Routed, Self::Accepted, Self::Returned, Self::Handled, Self::Verified, Self::Closed];

    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Handled => "handled",
            Self::Verified => "verified",
            Self::Closed => "closed",
        }
    }
}

/// The state: none before the creation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The order.
    pub order: Option<Order>,
}

/// What decisions about an order need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: WorkOrderId,
    /// The case that it serves.
    pub case: CaseId,
    /// The category by which it is handled.
    pub category: CategoryCode,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who reported the case.
    pub reporter: PersonId,
    /// Where it stands.
    pub status: Status,
    /// Who is to handle it; of a returned order who was.
    pub assignee: Assignee,
    /// Those who gave it back, in order.
    pub returned: Vec<Assignee>,
    /// The person who gave it back last.
    pub returned_by: Option<PersonId>,
    /// The person who accepted it, until it is given back or to another.
    pub acceptor: Option<PersonId>,
    /// The person who said that it is done.
    pub handler: Option<PersonId>,
    /// What the handler said came out; "not so" until then.
    pub result: HandlingResult,
    /// The person who verified it.
    pub verifier: Option<PersonId>,
    /// Whether the verifier found the report true.
    pub found_true: bool,
    /// By when it must be accepted.
    pub accept_due: Timestamp,
    /// By when it must be handled.
    pub due: Timestamp,
    /// The clocks that have rung.
    pub rung: Vec<DeadlineKind>,
    /// How the deadlines were planned.
    pub plan: Plan,
}

impl Order {
    fn new(created: &WorkOrderCreated) -> Self {
        Self {
            id: created.work_order.clone(),
            case: created.case.clone(),
            category: created.category.clone(),
            division: created.division,
            grid: created.grid,
            reporter: created.reporter.clone(),
            status: Status::Routed,
            assignee: Assignee { organisation: None, person: None },
            returned: Vec::new(),
            returned_by: None,
            acceptor: None,
            handler: None,
            result: HandlingResult::NotSo,
            verifier: None,
            found_true: false,
            accept_due: created.accept_due,
            due: created.due,
            rung: Vec::new(),
            plan: Plan::of(created),
        }
    }

    /// Whether the caller's scope covers the order.
    pub fn is_covered_by(&self, caller: &Caller) -> bool {
        caller.covers(self.division, self.grid, &self.assignee)
    }

    pub(super) fn accepted_by(&self, caller: &Caller) -> bool {
        self.acceptor.as_ref() == Some(&caller.person) && caller.is(&self.assignee)
    }

    /// Who accepted it reports on it, or a colleague of the same organisation.
    pub(super) fn is_handled_by(&self, caller: &Caller) -> bool {
        self.accepted_by(caller)
            || (matches!(caller.within, Within::Organisation { .. }) && caller.is(&self.assignee))
    }

    pub(super) fn returned_last(&self, caller: &Caller) -> bool {
        self.returned_by.as_ref() == Some(&caller.person)
    }

    pub(super) fn was_worked_on_by(&self, caller: &Caller) -> bool {
        [&self.handler, &self.acceptor, &self.assignee.person]
            .into_iter()
            .any(|person| person.as_ref() == Some(&caller.person))
    }

    pub(super) fn verified_by(&self, caller: &Caller, found_true: bool) -> bool {
        self.verifier.as_ref() == Some(&caller.person) && self.found_true == found_true
    }

    pub(super) fn acceptance_is_overdue(&self, at: Timestamp) -> bool {
        at >= self.accept_due && !self.rung.contains(&DeadlineKind::Acceptance)
    }

    pub(super) fn handling_is_overdue(&self, at: Timestamp) -> bool {
        at >= self.due && !self.rung.contains(&DeadlineKind::Handling)
    }

    pub(super) fn is_thrice_overdue(&self, at: Timestamp) -> bool {
        at >= self.threefold_due() && !self.rung.contains(&DeadlineKind::HandlingThreefold)
    }

    fn after(mut self, event: &WorkOrderEvent) -> Self {
        use WorkOrderEvent as E;
        match event {
            E::WorkOrderCreated(_) => {}
            E::WorkOrderRouted(routed) => {
                self.status = Status::Routed;
                self.assignee = routed.assignee.clone();
                self.acceptor = None;
            }
            E::WorkOrderAccepted(accepted) => {
                self.status = Status::Accepted;
                self.acceptor = Some(accepted.by.clone());
            }
            E::WorkOrderReturned(returned) => {
                self.status = Status::Returned;
                self.returned.push(self.assignee.clone());
                self.returned_by = Some(returned.by.clone());
                self.acceptor = None;
            }
            E::FeedbackSubmitted(feedback) => {
                self.status = Status::Handled;
                self.handler = Some(feedback.by.clone());
                self.result = feedback.result;
            }
            E::WorkOrderVerified(verified) => {
                self.status = Status::Verified;
                self.verifier = Some(verified.by.clone());
                self.found_true = verified.found_true;
            }
            E::WorkOrderSentBack(_) => self.status = Status::Accepted,
            E::WorkOrderClosed(_) => self.status = Status::Closed,
            E::WorkOrderOverdue(overdue) => self.rung.push(overdue.deadline),
            E::WorkOrderAtRisk(_) => self.plan.at_risk_rang = true,
            E::DeadlineReplanned(replanned) => self.replan(replanned),
        }
        self
    }
}

impl State {
    /// The state after an event. What comes before the creation changes nothing.
    pub(super) fn after(self, event: &WorkOrderEvent) -> Self {
        let order = match (self.order, event) {
            (None, WorkOrderEvent::WorkOrderCreated(created)) => Some(Order::new(created)),
            (order, _) => order.map(|order| order.after(event)),
        };
        Self { order }
    }
}
