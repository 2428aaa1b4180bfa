//! What may be asked of a mediation.

use contracts::{
    dispatch::{
        Assignee,
        mediation::{
            DisputeLevel, FollowUpState, MediationKind, MediationOutcome, SessionPlace,
            SessionResult, Tier,
        },
    },
    intake::Satisfaction,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, PersonId, RecordId, WorkOrderId},
};

/// Who asks, and when. Whether their role covers the order is known before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Now.
    pub at: Timestamp,
    /// The person.
    pub person: PersonId,
    /// The tier for which the person acts.
    pub tier: Tier,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Enter a dispute.
    OpenMediation(Box<Open>),
    /// Write down what a party wants.
    RecordPartyConsent {
        /// Who.
        by: By,
        /// Which party, from 1.
        party: u32,
        /// Whether the party agrees.
        agrees: bool,
    },
    /// Write down a session.
    RecordSession {
        /// Who.
        by: By,
        /// How they met.
        place: SessionPlace,
        /// What came of it.
        result: SessionResult,
        /// What was written.
        notes: Option<RecordId>,
    },
    /// Note that the order went to a higher tier.
    RaiseMediation {
        /// Now.
        at: Timestamp,
        /// The tier.
        tier: Tier,
    },
    /// Assess the dispute.
    AssessMediation {
        /// Who.
        by: By,
        /// The level.
        level: DisputeLevel,
    },
    /// End it.
    ConcludeMediation {
        /// Who.
        by: By,
        /// How.
        outcome: MediationOutcome,
        /// What was agreed.
        agreement: Option<RecordId>,
        /// After how many days an agreement is looked at again.
        follow_up_days: Vec<u32>,
    },
    /// Note that a date has come.
    MarkFollowUpDue {
        /// Now.
        at: Timestamp,
        /// Which date, from 1.
        number: u32,
    },
    /// Write down how the agreement stands.
    FollowUpMediation {
        /// Who.
        by: By,
        /// Which date, from 1.
        number: u32,
        /// How.
        state: FollowUpState,
        /// What was written.
        notes: Option<RecordId>,
    },
    /// Write down what a party says of it.
    RateMediation {
        /// Who.
        by: By,
        /// Which party, from 1.
        party: u32,
        /// Whether it says that the dispute is settled.
        solved: bool,
        /// How satisfied it is.
        satisfaction: Satisfaction,
    },
    /// Stop, for there is a sign of violence.
    TurnMediationUrgent {
        /// Who.
        by: By,
        /// The category of the urgent case.
        category: CategoryCode,
        /// What was seen.
        text: Option<RecordId>,
    },
}

/// A dispute to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Who.
    pub by: By,
    /// The order.
    pub work_order: WorkOrderId,
    /// The case.
    pub case: CaseId,
    /// Its category.
    pub category: CategoryCode,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who mediates.
    pub kind: MediationKind,
    /// A record for each party.
    pub parties: Vec<RecordId>,
    /// Who has the order.
    pub assignee: Assignee,
}
