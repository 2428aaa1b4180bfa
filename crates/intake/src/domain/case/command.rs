//! What may be asked of a case.

use contracts::intake::{AcceptedBy, CaseReported, RefusalReason, Satisfaction, Urgency};
use kernel::{
    GridCode, Timestamp,
    id::{CategoryCode, MediaId, PersonId, RecordId, WorkOrderId},
};

/// A command. Times and facts come with it.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take the report.
    ReportCase(Box<CaseReported>),
    /// Accept it (受理).
    AcceptCase(AcceptCase),
    /// Refuse it (不予受理).
    RefuseCase {
        /// Now.
        at: Timestamp,
        /// Who refuses.
        by: PersonId,
        /// Why.
        reason: RefusalReason,
        /// The explanation for the reporter.
        explanation: Option<RecordId>,
    },
    /// Add what is known besides.
    AddInformation {
        /// Now.
        at: Timestamp,
        /// Who adds.
        by: PersonId,
        /// What.
        text: RecordId,
        /// What it looks like.
        photos: Vec<MediaId>,
    },
    /// Note that the work is done.
    ResolveCase {
        /// Now.
        at: Timestamp,
        /// The order that closed.
        work_order: WorkOrderId,
        /// Whether the report was found true.
        found_true: bool,
    },
    /// Rate how it was handled.
    RateCase(RateCase),
    /// Take a resolved case up again.
    ReopenCase(ReopenCase),
    /// Close and archive it (结案归档), for the reason that its state gives.
    ArchiveCase {
        /// Now.
        at: Timestamp,
        /// How long a resolved case waits for a rating, in milliseconds.
        rating_window_ms: i64,
    },
}

/// An acceptance.
#[derive(Clone, Debug)]
pub struct AcceptCase {
    /// Now.
    pub at: Timestamp,
    /// By rule or by an operator.
    pub accepted_by: AcceptedBy,
    /// The version of the rule, where a rule decides.
    pub rule_version: Option<u32>,
    /// The category by which it will be handled: a leaf of the catalogue.
    pub category: CategoryCode,
    /// The version of the catalogue that its rules come from.
    pub catalogue_version: u32,
    /// How pressing such a matter is.
    pub urgency: Urgency,
    /// The grid, if it is known better than at the report.
    pub grid: Option<GridCode>,
}

/// A reopening.
#[derive(Clone, Debug)]
pub struct ReopenCase {
    /// Now.
    pub at: Timestamp,
    /// Who reopens it: the reporter or the desk.
    pub by: PersonId,
    /// What is still wrong.
    pub reason: RecordId,
    /// How long after its resolution a case can be reopened, in milliseconds.
    pub window_ms: i64,
}

/// A rating.
#[derive(Clone, Debug)]
pub struct RateCase {
    /// Now.
    pub at: Timestamp,
    /// Who rates.
    pub by: PersonId,
    /// Whether the handler got in touch.
    pub contacted: bool,
    /// Whether the matter is solved.
    pub solved: bool,
    /// How satisfied the reporter is.
    pub satisfaction: Satisfaction,
    /// What the reporter wrote.
    pub comment: Option<RecordId>,
}
