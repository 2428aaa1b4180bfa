//! What may be asked of a ledger.

use std::num::NonZeroU32;

use kernel::{
    Timestamp,
    id::{AwardId, CaseId, PersonId, ProgrammeId, RecordId},
};

/// What may be asked of a ledger.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open the programme.
    CreateProgramme {
        /// The programme.
        programme: ProgrammeId,
        /// The record with its name.
        name: RecordId,
        /// Now.
        at: Timestamp,
    },
    /// Set what a report that is found true earns, from now on.
    SetRule {
        /// The programme.
        programme: ProgrammeId,
        /// Points for a report; none where 0.
        points: u32,
        /// The most for one resident and day.
        daily_cap: u32,
        /// Now.
        at: Timestamp,
    },
    /// Give points by hand.
    AwardPoints(AwardByHand),
    /// Give what the rule gives for a report that was found true.
    AwardTrueReport(TrueReport),
    /// Take an award back by hand.
    ReverseAward(ReversalByHand),
    /// Take back what a case had earned before it was opened again.
    ReverseReopened {
        /// The programme.
        programme: ProgrammeId,
        /// The case.
        case: CaseId,
        /// The sequence in the log of the reopening: what a later resolution earned stays.
        before: u64,
        /// Now.
        at: Timestamp,
    },
}

/// Points that a member of staff gives.
#[derive(Clone, Debug)]
pub struct AwardByHand {
    /// The programme.
    pub programme: ProgrammeId,
    /// This award.
    pub award: AwardId,
    /// Who gets them.
    pub person: PersonId,
    /// How many.
    pub points: NonZeroU32,
    /// The case that they are for, if any.
    pub case: Option<CaseId>,
    /// Who gives them.
    pub by: PersonId,
    /// The record that says why.
    pub reason: RecordId,
    /// Now.
    pub at: Timestamp,
}

/// A report that was found true.
#[derive(Clone, Debug)]
pub struct TrueReport {
    /// The programme.
    pub programme: ProgrammeId,
    /// The award that it leads to.
    pub award: AwardId,
    /// The case.
    pub case: CaseId,
    /// Who reported it.
    pub person: PersonId,
    /// The sequence in the log of the event that found it true.
    pub resolution: u64,
    /// When it was found true: says which rule holds, and for which day it counts.
    pub resolved_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// An award that a member of staff takes back.
#[derive(Clone, Debug)]
pub struct ReversalByHand {
    /// The programme.
    pub programme: ProgrammeId,
    /// The award.
    pub award: AwardId,
    /// Who takes it back.
    pub by: PersonId,
    /// The record that says why.
    pub reason: RecordId,
    /// Now.
    pub at: Timestamp,
}
