//! What may be asked of a convocation. Time and looked-up facts come along.

use contracts::dispatch::convocation::{
    ConvocationEvent, ConvocationTask, DepartmentsConvened, DutyLevel,
};
use kernel::{
    Division, GridCode, Timestamp,
    geo::Position,
    hash::Sha256,
    id::{CaseId, CategoryCode, ConvocationId, OrganisationId, RecordId},
    limit::Limit,
};

use crate::domain::{caller::Caller, refusal::Refusal};

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Calls bodies to a place (吹哨).
    ConveneDepartments(Box<Convene>),
    /// A called body signs (签收).
    SignConvocation {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
    /// A called body is on site (报到).
    ReportIn {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The hash of what was scanned.
        code: Sha256,
        /// Why it is late.
        explanation: Option<RecordId>,
        /// How many milliseconds before the meeting the place is open.
        early_ms: i64,
    },
    /// The county lets a body stay away.
    AllowAbsence {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The body.
        organisation: OrganisationId,
        /// Why.
        text: RecordId,
    },
    /// A body stays away.
    DeclineConvocation {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
    /// What was agreed.
    ConcludeConvocation {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The conclusion.
        conclusion: RecordId,
        /// Who does what by when.
        tasks: Vec<ConvocationTask>,
    },
    /// A task is done.
    CompleteTask {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The task's number.
        task: u32,
        /// What was done.
        text: Option<RecordId>,
    },
    /// The caller rates a body.
    RateDepartment {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The body.
        organisation: OrganisationId,
        /// 到场.
        attendance: DutyLevel,
        /// 履职.
        performance: DutyLevel,
        /// 效果.
        effect: DutyLevel,
        /// What the caller wrote.
        text: Option<RecordId>,
    },
    /// Everything is done.
    CloseConvocation {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
    /// A body's time to sign may be over.
    MarkUnsigned {
        /// Now.
        at: Timestamp,
        /// The body.
        organisation: OrganisationId,
    },
    /// A task's time may be over.
    MarkTaskOverdue {
        /// Now.
        at: Timestamp,
        /// The task's number.
        task: u32,
    },
}

/// What bodies are called with.
#[derive(Clone, Debug)]
pub struct Convene {
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub caller: Caller,
    /// The convocation.
    pub convocation: ConvocationId,
    /// What the caller's role covers.
    pub convener: Division,
    /// Where the matter lies.
    pub division: Division,
    /// The grid.
    pub grid: Option<GridCode>,
    /// The place to meet.
    pub position: Option<Position>,
    /// What it is about.
    pub matter: RecordId,
    /// The body in the lead, which there must be.
    pub lead: Option<OrganisationId>,
    /// The bodies beside it.
    pub assists: Vec<OrganisationId>,
    /// When they meet.
    pub meet_at: Timestamp,
    /// How long they have to sign.
    pub sign_limit: Limit,
    /// By when they sign.
    pub sign_due: Timestamp,
    /// When whoever has not signed is reported to the county.
    pub supervise_due: Timestamp,
    /// The version of the calendar.
    pub calendar_version: u32,
    /// The hash of the code.
    pub code: Sha256,
    /// The cases that led to it.
    pub cases: Vec<CaseId>,
    /// The hot spot's category.
    pub category: Option<CategoryCode>,
}

impl Command {
    /// Who asks, where somebody does.
    pub(super) const fn caller(&self) -> Option<&Caller> {
        match self {
            Self::SignConvocation { caller, .. }
            | Self::ReportIn { caller, .. }
            | Self::AllowAbsence { caller, .. }
            | Self::DeclineConvocation { caller, .. }
            | Self::ConcludeConvocation { caller, .. }
            | Self::CompleteTask { caller, .. }
            | Self::RateDepartment { caller, .. }
            | Self::CloseConvocation { caller, .. } => Some(caller),
            Self::ConveneDepartments(_)
            | Self::MarkUnsigned { .. }
            | Self::MarkTaskOverdue { .. } => None,
        }
    }
}

impl Convene {
    pub(super) fn events(self) -> Result<Vec<ConvocationEvent>, Refusal> {
        let lead = self.lead.ok_or(Refusal::NeedsALead)?;
        if self.meet_at <= self.at {
            return Err(Refusal::TimeIsPast);
        }
        let convened = DepartmentsConvened {
            occurred_at: self.at,
            convocation: self.convocation,
            division: self.division,
            grid: self.grid,
            position: self.position,
            by: self.caller.person,
            convener: self.convener,
            matter: self.matter,
            lead,
            assists: self.assists,
            meet_at: self.meet_at,
            sign_limit: self.sign_limit,
            sign_due: self.sign_due,
            supervise_due: self.supervise_due,
            calendar_version: self.calendar_version,
            code: self.code,
            cases: self.cases,
            category: self.category,
        };
        Ok(vec![convened.into()])
    }
}
