//! What may be asked beside the straight line.

use std::sync::Arc;

use contracts::dispatch::{
    Child, ChildOutcome, DeadlineKind, HandlingResult, ParentPolicy, RemindedBy, SuspensionReason,
    Tier, WithdrawalReason,
};
use kernel::{
    Timestamp,
    id::{MediaId, OrganisationId, PersonId, RecordId, WorkOrderId},
    limit::Limit,
};

use super::By;
use crate::domain::{calendar::WorkingCalendar, routing::Decision};

/// What the desk decides about a return.
#[derive(Clone, Debug)]
pub enum Returns {
    /// It was right: the order goes where this says.
    UpholdReturn(By, Decision, Option<RecordId>),
    /// It was wrong, for this reason: the order stays.
    RejectReturn(By, RecordId),
}

/// How much more time there may be.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How often an order may be extended.
    pub max_times: u32,
    /// The longest extension.
    pub longest: Limit,
    /// By which calendar.
    pub calendar: Arc<WorkingCalendar>,
}

/// More time, and time that stands still.
#[derive(Clone, Debug)]
pub enum Time {
    /// The assignee asks for so much more, for this reason.
    RequestExtension(By, Limit, RecordId, Terms),
    /// The tier above grants it, by this calendar.
    GrantExtension(By, Arc<WorkingCalendar>),
    /// The tier above refuses it, for this reason.
    RefuseExtension(By, RecordId),
    /// The assignee asks that the clock stop.
    RequestSuspension(By, SuspensionReason, RecordId),
    /// The desk does not let it stop.
    RefuseSuspension(By, RecordId),
    /// The desk stops the clock.
    SuspendWorkOrder(By, SuspensionReason, RecordId),
    /// The desk lets the clock run again, by this calendar.
    ResumeWorkOrder(By, Arc<WorkingCalendar>),
    /// The reporter was asked for more.
    AwaitInformation(Timestamp),
    /// The reporter said more.
    InformationCame(Timestamp, Arc<WorkingCalendar>),
}

/// The desks of the tiers above a place, where there are some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desks {
    /// The township's.
    pub township: Option<OrganisationId>,
    /// The county's.
    pub county: Option<OrganisationId>,
}

/// Up the tiers.
#[derive(Clone, Debug)]
pub enum Upward {
    /// Somebody asks that the order climb, for this reason.
    EscalateWorkOrder(By, Desks, RecordId),
    /// The rule says that it climbs to this tier, because this clock ran out so long ago.
    EscalateOverdue(Timestamp, DeadlineKind, Tier, Desks),
    /// Somebody asks where it stays.
    RemindWorkOrder(By, RemindedBy, Option<RecordId>),
}

/// Several who work on an order.
#[derive(Clone, Debug)]
pub enum Parts {
    /// These organisations are to help.
    AssistWorkOrder(By, Vec<OrganisationId>),
    /// A helper says what its part came to.
    SubmitAssistance {
        /// Who asks.
        by: By,
        /// What came out.
        result: HandlingResult,
        /// The sealed text.
        text: Option<RecordId>,
        /// What it looks like now.
        photos: Vec<MediaId>,
    },
    /// The order becomes these.
    SplitWorkOrder(By, ParentPolicy, Vec<Child>),
    /// A part has ended.
    EndChild {
        /// Now.
        at: Timestamp,
        /// Which part.
        child: WorkOrderId,
        /// How.
        outcome: ChildOutcome,
        /// Who closed or withdrew it, where somebody did.
        by: Option<PersonId>,
        /// What came out and whether the report was true, where it was closed.
        result: Option<(HandlingResult, bool)>,
    },
}

/// What the reporter said when called back.
#[derive(Clone, Debug)]
pub struct CallBack {
    /// Whether the reporter was reached.
    pub reached: bool,
    /// Whether it is solved, where that was said.
    pub solved: Option<bool>,
    /// Whether the reporter is satisfied, where that was said.
    pub satisfied: Option<bool>,
    /// The sealed text.
    pub text: Option<RecordId>,
}

/// The end of an order, and what comes after.
#[derive(Clone, Debug)]
pub enum Ending {
    /// The desk takes it back, for this reason.
    WithdrawWorkOrder(By, RecordId),
    /// It ends with its case or with the order of which it is a part.
    WithdrawWith(Timestamp, WithdrawalReason),
    /// The desk lets it be as it was.
    ReinstateWorkOrder(By),
    /// What it was withdrawn for is undone.
    ReinstateWith(Timestamp, WithdrawalReason),
    /// Somebody asked the reporter how it was (回访).
    CallBackWorkOrder(By, CallBack),
}

impl Returns {
    pub(super) const fn by(&self) -> &By {
        match self {
            Self::UpholdReturn(by, ..) | Self::RejectReturn(by, _) => by,
        }
    }
}

impl Time {
    pub(super) const fn by(&self) -> Option<&By> {
        match self {
            Self::RequestExtension(by, ..)
            | Self::GrantExtension(by, _)
            | Self::RefuseExtension(by, _)
            | Self::RequestSuspension(by, ..)
            | Self::RefuseSuspension(by, _)
            | Self::SuspendWorkOrder(by, ..)
            | Self::ResumeWorkOrder(by, _) => Some(by),
            Self::AwaitInformation(_) | Self::InformationCame(..) => None,
        }
    }
}

impl Upward {
    pub(super) const fn by(&self) -> Option<&By> {
        match self {
            Self::EscalateWorkOrder(by, ..) | Self::RemindWorkOrder(by, ..) => Some(by),
            Self::EscalateOverdue(..) => None,
        }
    }
}

impl Parts {
    pub(super) const fn by(&self) -> Option<&By> {
        match self {
            Self::AssistWorkOrder(by, _)
            | Self::SubmitAssistance { by, .. }
            | Self::SplitWorkOrder(by, ..) => Some(by),
            Self::EndChild { .. } => None,
        }
    }
}

impl Ending {
    pub(super) const fn by(&self) -> Option<&By> {
        match self {
            Self::WithdrawWorkOrder(by, _)
            | Self::ReinstateWorkOrder(by)
            | Self::CallBackWorkOrder(by, _) => Some(by),
            Self::WithdrawWith(..) | Self::ReinstateWith(..) => None,
        }
    }
}
