//! Emergency incidents (突发事件): levels of command, teams with clocks in minutes, orders grouped, and
//! the stand-down.

use kernel::{
    Division, GridCode, Timestamp,
    geo::Position,
    id::{CaseId, IncidentId, OrganisationId, PersonId, RecordId, TeamId, WorkOrderId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads, words};

words! {
    /// What kind of incident it is, as emergency plans divide them.
    pub enum IncidentKind {
        /// Natural disasters: floods, fires of forests, slides.
        NaturalDisaster,
        /// Accidents: of work, traffic, fires of buildings.
        Accident,
        /// Public health.
        PublicHealth,
        /// Public security.
        PublicSecurity,
    }

    /// The functions of command, the highest last.
    pub enum CommandFunction {
        /// 值班长: commands level 4.
        DutyOfficer,
        /// 驻场指挥长: commands on site, at whatever level.
        SiteCommander,
        /// 指挥长: commands level 3.
        Commander,
        /// 副总指挥长: commands level 2.
        DeputyChief,
        /// 总指挥长: commands level 1.
        Chief,
    }

    /// Which of a team's clocks.
    pub enum TeamClock {
        /// To answer the call.
        Respond,
        /// To be together.
        Assemble,
        /// To be on site.
        Arrive,
    }
}

/// Who has a function of command in an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Post {
    /// The function.
    pub function: CommandFunction,
    /// Who has it.
    pub person: PersonId,
}

payloads! {
    /// An incident is open: another tempo on the same log.
    pub struct IncidentOpened {
        /// The incident.
        pub incident: IncidentId,
        /// Where it is.
        pub division: Division,
        /// The grid, where one was named.
        pub grid: Option<GridCode>,
        /// The place, where one was given.
        pub position: Option<Position>,
        /// Of which kind.
        pub kind: IncidentKind,
        /// 1, the gravest, to 4.
        pub level: u8,
        /// Who opened it.
        pub by: PersonId,
        /// Who has which function of command.
        pub posts: Vec<Post>,
        /// The function in command.
        pub command: CommandFunction,
        /// Whether it is in the county's town, where teams arrive sooner.
        pub county_town: bool,
        /// The cases that told of it.
        pub cases: Vec<CaseId>,
        /// What is known.
        pub text: Option<RecordId>,
    }

    /// A team is called; its clocks start.
    pub struct TeamCalled {
        /// The incident.
        pub incident: IncidentId,
        /// The team.
        pub team: TeamId,
        /// The organisation that answers for it.
        pub organisation: OrganisationId,
        /// Who called it.
        pub by: PersonId,
        /// By when it answers.
        pub respond_due: Timestamp,
        /// By when it is together.
        pub assemble_due: Timestamp,
        /// By when it is on site.
        pub arrive_due: Timestamp,
    }

    /// A team answered the call.
    pub struct TeamResponded {
        /// The incident.
        pub incident: IncidentId,
        /// The team.
        pub team: TeamId,
        /// Who says so.
        pub by: PersonId,
        /// Whether it was late.
        pub late: bool,
    }

    /// A team is together.
    pub struct TeamAssembled {
        /// The incident.
        pub incident: IncidentId,
        /// The team.
        pub team: TeamId,
        /// Who says so.
        pub by: PersonId,
        /// How many came.
        pub strength: u32,
        /// Whether it was late.
        pub late: bool,
    }

    /// A team is on site.
    pub struct TeamArrived {
        /// The incident.
        pub incident: IncidentId,
        /// The team.
        pub team: TeamId,
        /// Who says so.
        pub by: PersonId,
        /// Whether it was late.
        pub late: bool,
    }

    /// A clock of a team ran out. Once a clock.
    pub struct IncidentClockMissed {
        /// The incident.
        pub incident: IncidentId,
        /// The team.
        pub team: TeamId,
        /// Which clock.
        pub clock: TeamClock,
        /// When it ran out.
        pub due: Timestamp,
    }

    /// The incident is graver than it was.
    pub struct IncidentLevelRaised {
        /// The incident.
        pub incident: IncidentId,
        /// Who raised it.
        pub by: PersonId,
        /// The level before.
        pub from: u8,
        /// The level now, a lower number.
        pub to: u8,
        /// The function in command now.
        pub command: CommandFunction,
        /// Who has that function, where somebody does.
        pub commander: Option<PersonId>,
        /// Why.
        pub text: RecordId,
    }

    /// The incident is less grave than it was.
    pub struct IncidentLevelLowered {
        /// The incident.
        pub incident: IncidentId,
        /// Who lowered it.
        pub by: PersonId,
        /// The level before.
        pub from: u8,
        /// The level now, a higher number.
        pub to: u8,
        /// The function in command now.
        pub command: CommandFunction,
        /// Who has that function, where somebody does.
        pub commander: Option<PersonId>,
        /// Why.
        pub text: RecordId,
    }

    /// A function of command has a person, or another one.
    pub struct CommandPassed {
        /// The incident.
        pub incident: IncidentId,
        /// Who wrote it down.
        pub by: PersonId,
        /// The function.
        pub function: CommandFunction,
        /// Who has it now.
        pub person: PersonId,
    }

    /// A work order belongs to the incident: it closes after the stand-down.
    pub struct OrderAddedToIncident {
        /// The incident.
        pub incident: IncidentId,
        /// The order.
        pub work_order: WorkOrderId,
        /// Who added it.
        pub by: PersonId,
    }

    /// It is over (解除).
    pub struct IncidentStoodDown {
        /// The incident.
        pub incident: IncidentId,
        /// Who stood it down: the holder of the highest function.
        pub by: PersonId,
        /// What was said.
        pub text: RecordId,
        /// The orders that may close now.
        pub orders: Vec<WorkOrderId>,
        /// The teams that were called.
        pub teams: Vec<TeamId>,
    }
}

event_set! {
    /// What may happen to an incident.
    "dispatch" "incident"
    pub enum IncidentEvent {
        /// Opened.
        IncidentOpened "incident_opened" 1 [];
        /// A team is called.
        TeamCalled "team_called" 1 [];
        /// A team answered.
        TeamResponded "team_responded" 1 [];
        /// A team is together.
        TeamAssembled "team_assembled" 1 [];
        /// A team is on site.
        TeamArrived "team_arrived" 1 [];
        /// A clock ran out.
        IncidentClockMissed "incident_clock_missed" 1 [];
        /// Graver.
        IncidentLevelRaised "incident_level_raised" 1 [];
        /// Less grave.
        IncidentLevelLowered "incident_level_lowered" 1 [];
        /// A function has another person.
        CommandPassed "command_passed" 1 [];
        /// An order belongs to it.
        OrderAddedToIncident "order_added_to_incident" 1 [];
        /// Over.
        IncidentStoodDown "incident_stood_down" 1 [];
    }
}
