//! What may be asked of a work order. Time and looked-up facts come along.

use std::sync::Arc;

use contracts::{
    dispatch::{Assignee, DeadlineKind, HandlingResult, ReplanReason, ReturnReason},
    intake::Urgency,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, MediaId, PersonId, RecordId, WorkOrderId},
    limit::Limit,
};

use crate::domain::{
    calendar::WorkingCalendar,
    caller::{Caller, Capacity},
    routing::Decision,
};

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Creates the order of an accepted case and routes it.
    CreateWorkOrder(Box<Create>),
    /// The assignee accepts (接单).
    AcceptWorkOrder {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
    /// The assignee gives it back (退单).
    ReturnWorkOrder {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// Why.
        reason: ReturnReason,
        /// The sealed explanation.
        explanation: Option<RecordId>,
    },
    /// The rules route a returned order again.
    RouteAgain {
        /// Now.
        at: Timestamp,
        /// What the rules say.
        routing: Decision,
    },
    /// Somebody gives it to somebody else.
    AssignWorkOrder {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// To whom.
        assignee: Assignee,
    },
    /// The handler says what was done (反馈).
    SubmitFeedback {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// What came out.
        result: HandlingResult,
        /// The sealed text.
        text: Option<RecordId>,
        /// What it looked like before.
        photos_before: Vec<MediaId>,
        /// What it looks like now.
        photos_after: Vec<MediaId>,
    },
    /// Somebody other than the handler looks at what was done (核查).
    VerifyWorkOrder {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
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
    CloseWorkOrder {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
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
}

impl Command {
    /// The person who asks; none for what processes ask.
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Self::AcceptWorkOrder { caller, .. }
            | Self::ReturnWorkOrder { caller, .. }
            | Self::AssignWorkOrder { caller, .. }
            | Self::SubmitFeedback { caller, .. }
            | Self::VerifyWorkOrder { caller, .. }
            | Self::CloseWorkOrder { caller, .. } => Some(caller),
            Self::CreateWorkOrder(_)
            | Self::RouteAgain { .. }
            | Self::MarkAtRisk { .. }
            | Self::ReplanDeadline(_)
            | Self::MarkOverdue { .. } => None,
        }
    }
}
