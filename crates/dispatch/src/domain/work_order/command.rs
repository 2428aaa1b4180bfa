//! What may be asked of a work order. Time and looked-up facts come along.
//!
//! Each group of commands has a table of rules of its own, in the file of its name.

mod beside;

use std::sync::Arc;

use contracts::{
    dispatch::{Assignee, DeadlineKind, HandlingResult, Origin, ReplanReason, ReturnReason},
    intake::Urgency,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, MediaId, PersonId, RecordId, WorkOrderId},
    limit::Limit,
};

pub use beside::{CallBack, Desks, Ending, Parts, Returns, Terms, Time, Upward};

use crate::domain::{
    calendar::WorkingCalendar,
    caller::{Caller, Capacity},
    routing::Decision,
};

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Only if the order has this version still: nobody did anything with it meanwhile.
    Expecting(u64, Box<Command>),
    /// Creates the order of an accepted case and routes it.
    CreateWorkOrder(Box<Create>),
    /// Along the straight line.
    Line(Line),
    /// The clocks.
    Clock(Clock),
    /// What is decided about a return.
    Returns(Returns),
    /// More time, and time that stands still.
    Time(Time),
    /// Up the tiers.
    Upward(Upward),
    /// Several who work on it.
    Parts(Parts),
    /// Its end, and what comes after.
    Ending(Ending),
}

/// A person who asks, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub caller: Caller,
}

/// A command along the straight line from routing to closing.
#[derive(Clone, Debug)]
pub enum Line {
    /// The assignee accepts (接单).
    AcceptWorkOrder(By),
    /// The handler is on site (到场).
    ArriveWorkOrder(By),
    /// The assignee gives it back (退单).
    ReturnWorkOrder {
        /// Who asks.
        by: By,
        /// Why.
        reason: ReturnReason,
        /// The sealed explanation.
        explanation: Option<RecordId>,
        /// The sealed legal basis.
        basis: Option<RecordId>,
    },
    /// The rules route a returned order again.
    RouteAgain {
        /// Now.
        at: Timestamp,
        /// What the rules say.
        routing: Decision,
    },
    /// Somebody gives it to somebody else.
    AssignWorkOrder(By, Assignee),
    /// The handler says what was done (反馈).
    SubmitFeedback {
        /// Who asks.
        by: By,
        /// What came out.
        result: HandlingResult,
        /// The sealed text.
        text: Option<RecordId>,
        /// What it looked like before.
        photos_before: Vec<MediaId>,
        /// What it looks like now.
        photos_after: Vec<MediaId>,
        /// Why it is done without the helpers' parts, sealed.
        without_assistance: Option<RecordId>,
    },
    /// Somebody other than the handler looks at what was done (核查).
    VerifyWorkOrder {
        /// Who asks.
        by: By,
        /// In which capacity.
        capacity: Capacity,
        /// Whether it is done.
        passed: bool,
        /// Whether the report was true.
        found_true: bool,
        /// The sealed text.
        text: Option<RecordId>,
    },
    /// Closes a verified order (办结).
    CloseWorkOrder(By),
}

/// What a clock asks.
#[derive(Clone, Debug)]
pub enum Clock {
    /// Little of the time for handling may be left.
    MarkAtRisk {
        /// Now.
        at: Timestamp,
    },
    /// The calendar or the category's limit is another: the running clocks are planned anew.
    ReplanDeadline(Box<Replan>),
    /// A clock may have run out.
    MarkOverdue {
        /// Now.
        at: Timestamp,
        /// Which clock.
        deadline: DeadlineKind,
    },
}

/// By what the running clocks are planned anew.
#[derive(Clone, Debug)]
pub struct Replan {
    /// Now.
    pub at: Timestamp,
    /// Why.
    pub reason: ReplanReason,
    /// The working calendar.
    pub calendar: Arc<WorkingCalendar>,
    /// The category's limit and the version of the catalogue that says so; none where it stays.
    pub limit: Option<(Limit, u32)>,
    /// How much of the limit is left when an order is at risk, in percent.
    pub at_risk_percent: u32,
}

/// What an order is created with.
#[derive(Clone, Debug)]
pub struct Create {
    /// Now.
    pub at: Timestamp,
    /// The order.
    pub work_order: WorkOrderId,
    /// The case that it serves.
    pub case: CaseId,
    /// The category by which it is handled.
    pub category: CategoryCode,
    /// The version of the catalogue that the limit comes from.
    pub catalogue_version: u32,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who reported the case.
    pub reporter: PersonId,
    /// How long handling may take.
    pub limit: Limit,
    /// By when it must be accepted.
    pub accept_due: Timestamp,
    /// By when it must be handled.
    pub due: Timestamp,
    /// When little of the limit is left.
    pub at_risk: Timestamp,
    /// When three times the limit is over.
    pub threefold_due: Timestamp,
    /// The version of the working calendar that gave the deadlines.
    pub calendar_version: u32,
    /// Which round of the case it serves, from 1.
    pub round: u32,
    /// To whom it goes, and why.
    pub routing: Decision,
    /// What it was made for, where that is more than the case.
    pub origin: Option<Origin>,
    /// The order of which it is a part.
    pub parent: Option<WorkOrderId>,
    /// What of that order is to be done, sealed.
    pub instruction: Option<RecordId>,
}

impl Command {
    /// The person who asks; none for what processes ask.
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Expecting(_, command) => command.caller(),
            Self::CreateWorkOrder(_) | Self::Clock(_) => None,
            Self::Line(line) => line.by().map(|by| &by.caller),
            Self::Returns(returns) => Some(&returns.by().caller),
            Self::Time(time) => time.by().map(|by| &by.caller),
            Self::Upward(upward) => upward.by().map(|by| &by.caller),
            Self::Parts(parts) => parts.by().map(|by| &by.caller),
            Self::Ending(ending) => ending.by().map(|by| &by.caller),
        }
    }
}

impl Line {
    const fn by(&self) -> Option<&By> {
        match self {
            Self::AcceptWorkOrder(by)
            | Self::ArriveWorkOrder(by)
            | Self::ReturnWorkOrder { by, .. }
            | Self::AssignWorkOrder(by, _)
            | Self::SubmitFeedback { by, .. }
            | Self::VerifyWorkOrder { by, .. }
            | Self::CloseWorkOrder(by) => Some(by),
            Self::RouteAgain { .. } => None,
        }
    }
}

/// A group of commands is a command.
macro_rules! groups {
    ($($group:ident)*) => {$(
        impl From<$group> for Command {
            fn from(command: $group) -> Self {
                Self::$group(command)
            }
        }
    )*};
}

groups! { Line Clock Returns Time Upward Parts Ending }
