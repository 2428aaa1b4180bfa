//! The work order (工单): from its creation for an accepted case to its closing.
//!
//! Each group of commands has a table of rules of its own, a row an arm, in which every status and
//! every command of the group is spelled out.
//!
//! | file | what |
//! |---|---|
//! | `work_order/status.rs` | where an order stands |
//! | `work_order/state.rs` | what an order's history folds to |
//! | `work_order/command.rs` | what may be asked of it |
//! | `work_order/plan.rs` | how its deadlines are planned, and planned anew |
//! | `work_order/rejection.rs` | why something is refused |
//! | `work_order/line.rs` | the straight line from routing to closing |
//! | `work_order/clocks.rs` | its clocks |
//! | `work_order/returns.rs` | what is decided about a return |
//! | `work_order/time.rs` | more time, and time that stands still |
//! | `work_order/upward.rs` | up the tiers |
//! | `work_order/parts.rs` | helpers and parts |
//! | `work_order/ending.rs` | withdrawn, reinstated, called back |
//! | `work_order.rules.md` | the rules as a table, written by a test |

mod clocks;
mod command;
mod ending;
mod line;
mod parts;
pub mod plan;
mod rejection;
mod returns;
mod state;
mod status;
mod time;
mod upward;

use contracts::dispatch::{
    Assignee, RoutingRule, WorkOrderCreated, WorkOrderEvent, WorkOrderRouted,
};
use kernel::{Aggregate, Timestamp};

pub use command::{
    By, CallBack, Clock, Command, Create, Desks, Ending, Line, Parts, Replan, Returns, Terms, Time,
    Upward,
};
pub use parts::CHILDREN;
pub use rejection::Rejection;
pub use state::{Order, State, tier_of};
pub use status::Status;

use super::routing::Decision;

/// What a command leads to.
type Decided = Result<Vec<WorkOrderEvent>, Rejection>;

/// The work order.
#[derive(Debug)]
pub struct WorkOrder;

impl Aggregate for WorkOrder {
    const CATEGORY: &'static str = WorkOrderEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = WorkOrderEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Decided {
        let Some(order) = &state.order else { return begin(command) };
        if command.caller().is_some_and(|caller| !order.is_covered_by(caller))
            && !upward::is_of_reporter(order, &command)
        {
            return Err(Rejection::OutOfScope);
        }
        decide(order, command)
    }

    fn evolve(state: State, event: &WorkOrderEvent) -> State {
        state.after(event)
    }
}

/// Before there is an order only its creation is possible.
fn begin(command: Command) -> Decided {
    use Command as C;
    match command {
        C::CreateWorkOrder(create) => Ok(create.events()),
        C::Expecting(..)
        | C::Line(_)
        | C::Clock(_)
        | C::Returns(_)
        | C::Time(_)
        | C::Upward(_)
        | C::Parts(_)
        | C::Ending(_) => Err(Rejection::NoSuchOrder),
    }
}

fn decide(order: &Order, command: Command) -> Decided {
    use Command as C;
    match command {
        C::Expecting(version, _) if version != order.version => Err(Rejection::Changed),
        C::Expecting(_, command) => decide(order, *command),
        // Creation comes from processes, which may ask twice.
        C::CreateWorkOrder(create) if create.case == order.case => so(),
        C::CreateWorkOrder(_) => Err(Rejection::OrderExists),
        C::Line(command) => line::decide(order, command),
        C::Clock(command) => clocks::decide(order, command),
        C::Returns(command) => returns::decide(order, command),
        C::Time(command) => time::decide(order, command),
        C::Upward(command) => upward::decide(order, command),
        C::Parts(command) => parts::decide(order, command),
        C::Ending(command) => ending::decide(order, command),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<WorkOrderEvent>) -> Decided {
    Ok(vec![event.into()])
}

/// Already so.
#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn so() -> Decided {
    Ok(Vec::new())
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

impl Decision {
    /// There was nothing to choose from.
    pub fn certain(assignee: Assignee, rule: RoutingRule) -> Self {
        let somebody = assignee.organisation.is_some() || assignee.person.is_some();
        let found = Self { rule, ..Self::by_hand(assignee) };
        if somebody { found } else { Self { candidates: Vec::new(), ..found } }
    }
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
            origin: self.origin,
            parent: self.parent,
            instruction: self.instruction,
            at_risk: Some(self.at_risk),
            threefold_due: Some(self.threefold_due),
        };
        vec![created.into(), routed.into()]
    }
}

#[cfg(test)]
mod tests;
