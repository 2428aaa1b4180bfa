//! Teams (队伍) that are called out: who they are, and which is on duty when.

use kernel::{
    Division, Timestamp,
    id::{OrganisationId, PersonId, RecordId, TeamId},
};

use crate::codec::{event_set, payloads};

payloads! {
    /// A team exists.
    pub struct TeamRegistered {
        /// The team.
        pub team: TeamId,
        /// The division that it serves.
        pub division: Division,
        /// The organisation whose clerks answer for it.
        pub organisation: OrganisationId,
        /// What it is called.
        pub name: RecordId,
        /// How many serve in it full-time.
        pub full_time: u32,
        /// How many beside them.
        pub auxiliary: u32,
        /// Those of them who are known here.
        pub members: Vec<PersonId>,
    }

    /// A team is on duty for a term.
    pub struct TeamPutOnDuty {
        /// The team.
        pub team: TeamId,
        /// Who put it on duty.
        pub by: PersonId,
        /// From when.
        pub from: Timestamp,
        /// Until when.
        pub until: Timestamp,
        /// Who leads it meanwhile.
        pub leader: Option<PersonId>,
    }

    /// A team is no more.
    pub struct TeamDisbanded {
        /// The team.
        pub team: TeamId,
        /// Who disbanded it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a team.
    "dispatch" "team"
    pub enum TeamEvent {
        /// Registered.
        TeamRegistered "team_registered" 1 [];
        /// On duty.
        TeamPutOnDuty "team_put_on_duty" 1 [];
        /// Disbanded.
        TeamDisbanded "team_disbanded" 1 [];
    }
}
