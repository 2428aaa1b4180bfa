//! Who is on duty when, and who is away: rosters of grids, and leaves of persons and organisations
//! with those who stand in.

use kernel::{
    GridCode, Timestamp,
    id::{LeaveId, OrganisationId, PersonId, RosterId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads};

/// A person's turn of duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// The person.
    pub person: PersonId,
    /// When it begins.
    pub from: Timestamp,
    /// When it is over.
    pub to: Timestamp,
}

payloads! {
    /// The roster of a grid says this from now on, in place of what it said.
    pub struct RosterPut {
        /// The roster.
        pub roster: RosterId,
        /// The grid.
        pub grid: GridCode,
        /// Who is on duty when; empty where nobody's duty is planned.
        pub shifts: Vec<Shift>,
        /// Who put it.
        pub by: PersonId,
    }

    /// A person or an organisation is away for a term. One of the two is named, and who stands in is
    /// of the same sort.
    pub struct LeaveSet {
        /// The leave.
        pub leave: LeaveId,
        /// The person who is away.
        pub person: Option<PersonId>,
        /// The organisation that is closed.
        pub organisation: Option<OrganisationId>,
        /// The person who stands in.
        pub substitute_person: Option<PersonId>,
        /// The organisation that stands in.
        pub substitute_organisation: Option<OrganisationId>,
        /// When it begins.
        pub from: Timestamp,
        /// When it is over.
        pub to: Timestamp,
        /// Who entered it.
        pub by: PersonId,
    }

    /// A leave is over before its time, or never began.
    pub struct LeaveEnded {
        /// The leave.
        pub leave: LeaveId,
        /// Who ended it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a roster.
    "grid" "roster"
    pub enum RosterEvent {
        /// Put.
        RosterPut "roster_put" 1 [];
    }
}

event_set! {
    /// What may happen to a leave.
    "grid" "leave"
    pub enum LeaveEvent {
        /// Set.
        LeaveSet "leave_set" 1 [];
        /// Ended.
        LeaveEnded "leave_ended" 1 [];
    }
}
