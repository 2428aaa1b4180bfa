//! What an order's history folds to.
//!
//! | file | what |
//! |---|---|
//! | `state/after.rs` | what an event changes |
//! | `state/questions.rs` | what decisions ask of it |

mod after;
mod questions;

use contracts::dispatch::{
    Assignee, ChildOutcome, DeadlineKind, HandlingResult, Origin, ParentPolicy, SuspensionReason,
    Tier, WithdrawalReason, WorkOrderCreated, WorkOrderEvent,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, OrganisationId, PersonId, WorkOrderId},
    limit::Limit,
};

use super::{Status, plan::Plan};

pub use questions::tier_of;

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
    /// How many events it has.
    pub version: u64,
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
    /// The person who had accepted it when it was given back last.
    pub accepted_before: Option<PersonId>,
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
    /// How long handling may take.
    pub limit: Limit,
    /// By when it must be accepted.
    pub accept_due: Timestamp,
    /// By when it must be handled.
    pub due: Timestamp,
    /// The clocks that have rung.
    pub rung: Vec<DeadlineKind>,
    /// How the deadlines were planned.
    pub plan: Plan,
    /// More time that was asked for and is not decided.
    pub extension_asked: Option<Limit>,
    /// How often it was extended.
    pub extensions: u32,
    /// For what a stop of the clock was asked that is not decided.
    pub suspension_asked: Option<SuspensionReason>,
    /// Why and since when its clock stands still, and where it stood before.
    pub suspension: Option<Suspension>,
    /// The highest tier to which it has climbed.
    pub climbed: Option<Tier>,
    /// The climbs that the rule made: never the same twice.
    pub climbs: Vec<(DeadlineKind, Tier)>,
    /// How often somebody asked where it stays.
    pub reminders: u32,
    /// When the reporter last asked.
    pub reporter_reminded: Option<Timestamp>,
    /// Those who help.
    pub assistants: Vec<Assistant>,
    /// The order of which it is a part.
    pub parent: Option<WorkOrderId>,
    /// What it was made for, where that is more than the case.
    pub origin: Option<Origin>,
    /// Its parts.
    pub children: Vec<Part>,
    /// What becomes of it when they end.
    pub policy: ParentPolicy,
    /// Why it was withdrawn, where it stood before, and the parts that ended with it.
    pub withdrawal: Option<Withdrawal>,
    /// Whether the reporter was reached after its closing.
    pub called_back: bool,
}

/// A clock that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// Since when.
    pub since: Timestamp,
    /// Where the order stood.
    pub from: Status,
}

/// Somebody who helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assistant {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who said for it what its part came to.
    pub submitted_by: Option<PersonId>,
}

/// A part of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part.
    pub id: WorkOrderId,
    /// How it ended, if it did.
    pub outcome: Option<ChildOutcome>,
    /// What came out and whether the report was true, where it was closed.
    pub result: Option<(HandlingResult, bool)>,
    /// Who closed it.
    pub by: Option<PersonId>,
}

/// An order that ended without being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why.
    pub reason: WithdrawalReason,
    /// Where it stood.
    pub from: Status,
    /// The parts that ended with it.
    pub children: Vec<WorkOrderId>,
}

impl Order {
    fn new(created: &WorkOrderCreated) -> Self {
        Self {
            id: created.work_order.clone(),
            version: 1,
            case: created.case.clone(),
            category: created.category.clone(),
            division: created.division,
            grid: created.grid,
            reporter: created.reporter.clone(),
            status: Status::Routed,
            assignee: Assignee { organisation: None, person: None },
            returned: Vec::new(),
            returned_by: None,
            accepted_before: None,
            acceptor: None,
            handler: None,
            result: HandlingResult::NotSo,
            verifier: None,
            found_true: false,
            limit: created.limit,
            accept_due: created.accept_due,
            due: created.due,
            rung: Vec::new(),
            plan: Plan::of(created),
            extension_asked: None,
            extensions: 0,
            suspension_asked: None,
            suspension: None,
            climbed: None,
            climbs: Vec::new(),
            reminders: 0,
            reporter_reminded: None,
            assistants: Vec::new(),
            parent: created.parent.clone(),
            origin: created.origin.clone(),
            children: Vec::new(),
            policy: ParentPolicy::ClosesWithChildren,
            withdrawal: None,
            called_back: false,
        }
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
