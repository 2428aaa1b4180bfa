//! What may be asked of an incident. Time and looked-up facts come along.

use contracts::dispatch::incident::{IncidentKind, Post};
use kernel::{
    Division, GridCode, Timestamp,
    geo::Position,
    id::{CaseId, IncidentId, OrganisationId, RecordId, TeamId, WorkOrderId},
};

use crate::domain::caller::Caller;

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Opens it and calls its teams.
    OpenIncident(Box<Open>),
    /// Calls one more team.
    CallTeam {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The team and its clocks.
        call: Call,
    },
    /// A team answers the call.
    TeamRespond {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The team.
        team: TeamId,
    },
    /// A team is together.
    TeamAssemble {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The team.
        team: TeamId,
        /// How many came.
        strength: u32,
    },
    /// A team is on site.
    TeamArrive {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The team.
        team: TeamId,
    },
    /// It is graver.
    RaiseIncidentLevel {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The level, a lower number.
        level: u8,
        /// Why.
        text: RecordId,
    },
    /// It is less grave.
    LowerIncidentLevel {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The level, a higher number.
        level: u8,
        /// Why.
        text: RecordId,
    },
    /// A function of command has a person.
    PassCommand {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The function and the person.
        post: Post,
    },
    /// An order belongs to it.
    AddOrderToIncident {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The order.
        work_order: WorkOrderId,
    },
    /// It is over.
    StandDown {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// What is said.
        text: RecordId,
    },
    /// Clocks of a team may have run out.
    MarkClocks {
        /// Now.
        at: Timestamp,
        /// The team.
        team: TeamId,
    },
}

/// A team that is called, and how long it has, from the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The team.
    pub team: TeamId,
    /// The organisation that answers for it.
    pub organisation: OrganisationId,
    /// Milliseconds to answer.
    pub respond_ms: i64,
    /// Milliseconds to be together.
    pub assemble_ms: i64,
    /// Milliseconds to be on site.
    pub arrive_ms: i64,
}

/// What an incident is opened with.
#[derive(Clone, Debug)]
pub struct Open {
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub caller: Caller,
    /// The incident.
    pub incident: IncidentId,
    /// Where it is.
    pub division: Division,
    /// The grid.
    pub grid: Option<GridCode>,
    /// The place.
    pub position: Option<Position>,
    /// Of which kind.
    pub kind: IncidentKind,
    /// 1, the gravest, to 4.
    pub level: u8,
    /// Who has which function.
    pub posts: Vec<Post>,
    /// The teams that are called.
    pub calls: Vec<Call>,
    /// Whether it is in the county's town.
    pub county_town: bool,
    /// The cases that told of it.
    pub cases: Vec<CaseId>,
    /// What is known.
    pub text: Option<RecordId>,
}

impl Command {
    /// Who asks, where somebody does.
    pub(super) const fn caller(&self) -> Option<&Caller> {
        match self {
            Self::CallTeam { caller, .. }
            | Self::TeamRespond { caller, .. }
            | Self::TeamAssemble { caller, .. }
            | Self::TeamArrive { caller, .. }
            | Self::RaiseIncidentLevel { caller, .. }
            | Self::LowerIncidentLevel { caller, .. }
            | Self::PassCommand { caller, .. }
            | Self::AddOrderToIncident { caller, .. }
            | Self::StandDown { caller, .. } => Some(caller),
            Self::OpenIncident(_) | Self::MarkClocks { .. } => None,
        }
    }
}
