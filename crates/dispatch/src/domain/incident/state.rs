//! What an incident's history folds to.

use contracts::dispatch::incident::{
    CommandFunction, IncidentEvent, IncidentKind, IncidentOpened, Post, TeamCalled, TeamClock,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, IncidentId, OrganisationId, PersonId, TeamId, WorkOrderId},
};

use crate::domain::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The state: none before it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The incident.
    pub opened: Option<Opened>,
}

/// A team that was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalledTeam {
    /// Which.
    pub team: TeamId,
    /// The organisation that answers for it.
    pub organisation: OrganisationId,
    /// By when it answers.
    pub respond_due: Timestamp,
    /// By when it is together.
    pub assemble_due: Timestamp,
    /// By when it is on site.
    pub arrive_due: Timestamp,
    /// When it answered.
    pub responded_at: Option<Timestamp>,
    /// When it was together.
    pub assembled_at: Option<Timestamp>,
    /// When it was on site.
    pub arrived_at: Option<Timestamp>,
    /// How many came.
    pub strength: u32,
    /// The clocks that ran out.
    pub rung: Vec<TeamClock>,
}

/// What decisions about an incident need of its history, and what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its id.
    pub id: IncidentId,
    /// Where it is.
    pub division: Division,
    /// The grid.
    pub grid: Option<GridCode>,
    /// Of which kind.
    pub kind: IncidentKind,
    /// 1, the gravest, to 4.
    pub level: u8,
    /// Who has which function, each function once.
    pub posts: Vec<Post>,
    /// Whether it is in the county's town.
    pub county_town: bool,
    /// The cases that told of it.
    pub cases: Vec<CaseId>,
    /// The teams that were called.
    pub teams: Vec<CalledTeam>,
    /// The orders that belong to it.
    pub orders: Vec<WorkOrderId>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was over.
    pub stood_down_at: Option<Timestamp>,
}

/// The function that commands a level.
pub const fn commanding(level: u8) -> CommandFunction {
    match level {
        0 | 1 => CommandFunction::Chief,
        2 => CommandFunction::DeputyChief,
        3 => CommandFunction::Commander,
        4..=u8::MAX => CommandFunction::DutyOfficer,
    }
}

impl CalledTeam {
    fn new(event: &TeamCalled) -> Self {
        Self {
            team: event.team.clone(),
            organisation: event.organisation.clone(),
            respond_due: event.respond_due,
            assemble_due: event.assemble_due,
            arrive_due: event.arrive_due,
            responded_at: None,
            assembled_at: None,
            arrived_at: None,
            strength: 0,
            rung: Vec::new(),
        }
    }

    /// Whether it answered, or did what comes after.
    pub(super) const fn is_past_responding(&self) -> bool {
        self.responded_at.is_some() || self.is_past_assembling()
    }

    /// Whether it was together, or did what comes after.
    pub(super) const fn is_past_assembling(&self) -> bool {
        self.assembled_at.is_some() || self.arrived_at.is_some()
    }

    /// The clocks that ran out by now and have not rung.
    pub(super) fn missed(&self, at: Timestamp) -> Vec<(TeamClock, Timestamp)> {
        [
            (TeamClock::Respond, self.respond_due, self.is_past_responding()),
            (TeamClock::Assemble, self.assemble_due, self.is_past_assembling()),
            (TeamClock::Arrive, self.arrive_due, self.arrived_at.is_some()),
        ]
        .into_iter()
        .filter(|(clock, due, done)| at >= *due && !done && !self.rung.contains(clock))
        .map(|(clock, due, _)| (clock, due))
        .collect()
    }
}

impl Opened {
    fn new(event: &IncidentOpened) -> Self {
        Self {
            id: event.incident.clone(),
            division: event.division,
            grid: event.grid,
            kind: event.kind,
            level: event.level,
            posts: event.posts.clone(),
            county_town: event.county_town,
            cases: event.cases.clone(),
            teams: Vec::new(),
            orders: Vec::new(),
            opened_at: event.occurred_at,
            stood_down_at: None,
        }
    }

    /// A team that was called.
    pub fn team(&self, team: &TeamId) -> Option<&CalledTeam> {
        self.teams.iter().find(|called| called.team == *team)
    }

    /// Who has a function.
    pub fn holder(&self, function: CommandFunction) -> Option<&PersonId> {
        self.posts.iter().find(|post| post.function == function).map(|post| &post.person)
    }

    /// A called team for which somebody may speak: its organisation, or a desk of the place.
    pub(super) fn team_of(&self, team: &TeamId, caller: &Caller) -> Result<&CalledTeam, Refusal> {
        let found = self.team(team).ok_or(Refusal::TeamNotCalled)?;
        match caller.organisation() {
            Some(own) if *own != found.organisation => Err(Refusal::TeamNotCalled),
            Some(_) | None => Ok(found),
        }
    }

    /// Whether the caller's scope covers the incident: a desk's by its division, a body's because a team
    /// of its was called.
    pub fn is_covered_by(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Division(own) => own.contains(self.division),
            Within::Organisation { organisation, division } => {
                division.contains(self.division)
                    && self.teams.iter().any(|called| called.organisation == *organisation)
            }
            Within::Grid(_) | Within::Assigned => false,
        }
    }

    /// Whether somebody has the function in command, or a higher one.
    pub(super) fn commands(&self, caller: &Caller) -> bool {
        self.has_from(caller, commanding(self.level))
    }

    fn has_from(&self, caller: &Caller, lowest: CommandFunction) -> bool {
        self.posts.iter().any(|post| post.person == caller.person && post.function >= lowest)
    }

    /// Whether somebody has the highest function that anybody has.
    pub(super) fn has_highest_function(&self, caller: &Caller) -> bool {
        self.posts
            .iter()
            .max_by_key(|post| post.function)
            .is_some_and(|post| post.person == caller.person)
    }

    /// Whether somebody may give a function away.
    pub(super) fn may_pass(&self, caller: &Caller, function: CommandFunction) -> bool {
        self.holder(function).is_none() || self.has_from(caller, function)
    }

    fn change(&mut self, team: &TeamId, change: impl FnOnce(&mut CalledTeam)) {
        if let Some(called) = self.teams.iter_mut().find(|called| called.team == *team) {
            change(called);
        }
    }

    fn after(mut self, event: &IncidentEvent) -> Self {
        use IncidentEvent as E;
        match event {
            E::IncidentOpened(_) => {}
            E::TeamCalled(event) => self.teams.push(CalledTeam::new(event)),
            E::TeamResponded(event) => {
                self.change(&event.team, |team| team.responded_at = Some(event.occurred_at));
            }
            E::TeamAssembled(event) => self.change(&event.team, |team| {
                team.assembled_at = Some(event.occurred_at);
                team.strength = event.strength;
            }),
            E::TeamArrived(event) => {
                self.change(&event.team, |team| team.arrived_at = Some(event.occurred_at));
            }
            E::IncidentClockMissed(event) => {
                self.change(&event.team, |team| team.rung.push(event.clock));
            }
            E::IncidentLevelRaised(event) => self.level = event.to,
            E::IncidentLevelLowered(event) => self.level = event.to,
            E::CommandPassed(event) => {
                self.posts.retain(|post| post.function != event.function);
                let person = event.person.clone();
                self.posts.push(Post { function: event.function, person });
            }
            E::OrderAddedToIncident(event) => self.orders.push(event.work_order.clone()),
            E::IncidentStoodDown(event) => self.stood_down_at = Some(event.occurred_at),
        }
        self
    }
}

impl State {
    /// The state after an event. What comes before the opening changes nothing.
    pub(super) fn after(self, event: &IncidentEvent) -> Self {
        let opened = match (self.opened, event) {
            (None, IncidentEvent::IncidentOpened(event)) => Some(Opened::new(event)),
            (opened, _) => opened.map(|opened| opened.after(event)),
        };
        Self { opened }
    }
}
