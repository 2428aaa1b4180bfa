//! What points publishes: the ledgers of programmes. A transfer is one event with all its legs, whose
//! amounts sum to zero.

use kernel::{
    Division,
    id::{AwardId, CaseId, PersonId, ProgrammeId, RecordId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads};

/// An account of a programme's ledger.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Where points come from: never above zero.
    Issuer,
    /// A resident's.
    Resident(PersonId),
}

/// One side of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leg {
    /// The account.
    pub account: Account,
    /// Points that come in; that go out, where negative.
    pub amount: i64,
    /// What the account holds afterwards.
    pub balance: i64,
}

/// Who gave an award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Giver {
    /// The programme's rule for reports that are found true.
    Rule {
        /// The version of the rule.
        version: u32,
        /// The sequence in the log of the event that found the report true.
        resolution: u64,
    },
    /// A member of staff.
    Person {
        /// Who.
        by: PersonId,
        /// The record that says why.
        reason: RecordId,
    },
}

/// Why an award was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReversalCause {
    /// The case was opened again.
    Reopened,
    /// A member of staff took it back.
    Person {
        /// Who.
        by: PersonId,
        /// The record that says why.
        reason: RecordId,
    },
}

payloads! {
    /// A programme of points exists, with its ledger. Its name is in the record.
    pub struct ProgrammeCreated {
        /// The programme.
        pub programme: ProgrammeId,
        /// The division for whose residents it is: a village, a township or the county.
        pub division: Division,
        /// The record with its name.
        pub name: RecordId,
    }

    /// The rule by which reports earn points, from now on.
    pub struct RuleSet {
        /// The programme.
        pub programme: ProgrammeId,
        /// The version of the rule, from 1.
        pub version: u32,
        /// Points for a report that is found true; none where 0.
        pub points_for_true_report: u32,
        /// The most points that the rule gives one resident for one day.
        pub daily_cap: u32,
    }

    /// Points were given to a resident.
    pub struct PointsAwarded {
        /// The programme.
        pub programme: ProgrammeId,
        /// This award.
        pub award: AwardId,
        /// The resident.
        pub person: PersonId,
        /// The case whose report earned them, if one did.
        pub case: Option<CaseId>,
        /// The transfer.
        pub legs: Vec<Leg>,
        /// The day for which they are given, at +08:00, counted from 1970-01-01.
        pub day: i64,
        /// By rule or by a person.
        pub given_by: Giver,
    }

    /// An award was taken back by a transfer the other way.
    pub struct AwardReversed {
        /// The programme.
        pub programme: ProgrammeId,
        /// The award, which stays in the ledger.
        pub award: AwardId,
        /// The resident.
        pub person: PersonId,
        /// The case whose report had earned it, if one had.
        pub case: Option<CaseId>,
        /// The transfer.
        pub legs: Vec<Leg>,
        /// Why.
        pub cause: ReversalCause,
    }
}

event_set! {
    /// What may happen in the ledger of a programme.
    "points" "programme"
    pub enum LedgerEvent {
        /// Created.
        ProgrammeCreated "programme_created" 1 [];
        /// The rule set.
        RuleSet "rule_set" 1 [];
        /// Points given.
        PointsAwarded "points_awarded" 1 [];
        /// An award taken back.
        AwardReversed "award_reversed" 1 [];
    }
}

impl LedgerEvent {
    /// The legs of a transfer; none of what moves no points.
    pub fn legs(&self) -> &[Leg] {
        match self {
            Self::ProgrammeCreated(_) | Self::RuleSet(_) => &[],
            Self::PointsAwarded(event) => &event.legs,
            Self::AwardReversed(event) => &event.legs,
        }
    }

    /// The programme in whose ledger it stands.
    pub const fn programme(&self) -> &ProgrammeId {
        match self {
            Self::ProgrammeCreated(event) => &event.programme,
            Self::RuleSet(event) => &event.programme,
            Self::PointsAwarded(event) => &event.programme,
            Self::AwardReversed(event) => &event.programme,
        }
    }
}
