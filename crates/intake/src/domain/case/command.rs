//! What may be asked of a case.

use contracts::intake::{
    AcceptedBy, CaseAnswered, CaseHandledOnSite, CaseJoined, CaseRefused, CaseReported,
    RefusalReason, Satisfaction, Urgency,
};
use kernel::{
    Division, GridCode, Timestamp,
    hash::Sha256,
    id::{CaseId, CategoryCode, MediaId, PersonId, RecordId, WorkOrderId},
};

/// A command. Times and facts come with it; `at` is now, `by` who asks for it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "fields of two words that every command has are told above")]
pub enum Command {
    /// Take the report.
    ReportCase(Box<CaseReported>),
    /// Take over a transferred case, with those who joined it.
    ReportSuccessor(Box<CaseReported>, Vec<CaseJoined>),
    /// Take the report of what its reporter has settled already.
    ReportHandled(Box<CaseReported>, HandleOnSite),
    /// Accept it (受理).
    AcceptCase(AcceptCase),
    /// Refuse it (不予受理), for a reason and with an explanation for the reporter.
    RefuseCase { at: Timestamp, by: PersonId, reason: RefusalReason, explanation: Option<RecordId> },
    /// Ask the reporter for more, to be answered within so many milliseconds.
    RequestInformation { at: Timestamp, by: PersonId, question: RecordId, window_ms: i64 },
    /// Add what is known besides: a text, and what it looks like.
    AddInformation { at: Timestamp, by: PersonId, text: RecordId, photos: Vec<MediaId> },
    /// End it, for nobody answered in time.
    LapseCase { at: Timestamp },
    /// Answer it at once.
    AnswerCase { at: Timestamp, by: PersonId, answer: RecordId },
    /// Follow it.
    JoinCase(JoinCase),
    /// Let it go with another.
    MergeCase(MergeCase),
    /// Let it be its own again.
    UnmergeCase { at: Timestamp, by: PersonId, reason: Option<RecordId> },
    /// Come to what the case came to that it goes with.
    FollowPrimary { at: Timestamp, outcome: Outcome },
    /// Hand it on to another place.
    TransferCase(TransferCase),
    /// Take it back: its reporter, or who holds the tracking code of this hash.
    WithdrawCase { at: Timestamp, by: PersonId, tracking: Option<Sha256>, reason: Option<RecordId> },
    /// Make it confidential, or not.
    SetConfidential { at: Timestamp, by: PersonId, confidential: bool },
    /// Note that it was settled on the spot.
    HandleOnSite(HandleOnSite),
    /// Note what a check of that found.
    ConfirmSpotCheck { at: Timestamp, by: PersonId, found_true: bool, note: Option<RecordId> },
    /// Note that the work is done: the order closed, and the report was found true or not.
    ResolveCase { at: Timestamp, work_order: WorkOrderId, found_true: bool },
    /// Rate how it was handled.
    RateCase(RateCase),
    /// Note that its reporter was called.
    CallBack(CallBack),
    /// Take a resolved case up again.
    ReopenCase(ReopenCase),
    /// Close and archive it (结案归档), for the reason that its state gives; a resolved case waits so
    /// many milliseconds for a rating.
    ArchiveCase { at: Timestamp, rating_window_ms: i64 },
    /// Note how often its alarm was raised so far.
    CountAlarm { at: Timestamp, count: u32 },
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

/// A joining.
#[derive(Clone, Debug)]
pub struct JoinCase {
    /// Now.
    pub at: Timestamp,
    /// Who joins.
    pub joiner: PersonId,
    /// Whether they speak for others, as a portal or the desk does.
    pub for_others: bool,
    /// The hash of their tracking code.
    pub tracking: Sha256,
    /// What they wrote.
    pub text: Option<RecordId>,
    /// How to reach them.
    pub contact: Option<RecordId>,
    /// What it looks like.
    pub photos: Vec<MediaId>,
}

/// A merging.
#[derive(Clone, Debug)]
pub struct MergeCase {
    /// Now.
    pub at: Timestamp,
    /// Who decides so.
    pub by: PersonId,
    /// Why.
    pub reason: Option<RecordId>,
    /// Whether this case's category or a wish makes it confidential.
    pub confidential: bool,
    /// The case that it goes with.
    pub primary: Primary,
}

/// A case that another goes with, as it stood a moment ago.
#[derive(Clone, Debug)]
pub struct Primary {
    /// The case.
    pub case: CaseId,
    /// When it was first reported.
    pub first_reported_at: Timestamp,
    /// Whether its category or a wish makes it confidential.
    pub confidential: bool,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a case stands, as far as another that goes with it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being handled, or will be.
    Open,
    /// It goes with a third.
    Merged(CaseId),
    /// It is over.
    Over,
}

/// What a case came to that others go with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was resolved.
    Resolved {
        /// By the closing of this order.
        work_order: WorkOrderId,
        /// Whether the report was found true.
        found_true: bool,
    },
    /// It was settled on the spot.
    HandledOnSite(CaseHandledOnSite),
    /// It was answered.
    Answered(CaseAnswered),
    /// It was refused.
    Refused(CaseRefused),
    /// It ended for a reason that concerns its reporter alone: those that went with it go on.
    LetGo {
        /// Who ended it.
        by: PersonId,
    },
}

/// A transfer.
#[derive(Clone, Debug)]
pub struct TransferCase {
    /// Now.
    pub at: Timestamp,
    /// Who decides so.
    pub by: PersonId,
    /// Where it goes on.
    pub to: Division,
    /// The case that goes on there.
    pub successor: CaseId,
    /// Why.
    pub reason: Option<RecordId>,
}

/// A settling on the spot.
#[derive(Clone, Debug)]
pub struct HandleOnSite {
    /// Now.
    pub at: Timestamp,
    /// Who settled it.
    pub by: PersonId,
    /// What was done.
    pub text: Option<RecordId>,
    /// How it looked before.
    pub photos_before: Vec<MediaId>,
    /// How it looks now.
    pub photos_after: Vec<MediaId>,
    /// The share of such cases that somebody else looks at, in hundredths.
    pub share_percent: u32,
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
    /// The hash of the tracking code that they hold, if they came with one.
    pub tracking: Option<Sha256>,
    /// What they say.
    pub rating: Rating,
}

/// What a rating says.
#[derive(Clone, Debug)]
pub struct Rating {
    /// Whether the handler got in touch.
    pub contacted: bool,
    /// Whether the matter is solved.
    pub solved: bool,
    /// How satisfied the reporter is.
    pub satisfaction: Satisfaction,
    /// What the reporter wrote.
    pub comment: Option<RecordId>,
}

/// A call.
#[derive(Clone, Debug)]
pub struct CallBack {
    /// Now.
    pub at: Timestamp,
    /// Who called.
    pub by: PersonId,
    /// Whether somebody was reached.
    pub reached: bool,
    /// What the caller noted.
    pub note: Option<RecordId>,
    /// What the reporter said, if they rated.
    pub rating: Option<Rating>,
}
