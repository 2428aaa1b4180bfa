//! The team (队伍) that is called out: registered, put on duty for terms, disbanded.

use contracts::dispatch::team::{TeamDisbanded, TeamEvent, TeamPutOnDuty, TeamRegistered};
use kernel::{
    Aggregate, Division, Timestamp,
    id::{OrganisationId, PersonId, RecordId, TeamId},
};

use super::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The team.
#[derive(Debug)]
pub struct Team;

/// The state: none before the registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The team.
    pub registered: Option<Registered>,
}

/// What decisions about a team need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub id: TeamId,
    /// The organisation that answers for it.
    pub organisation: OrganisationId,
    /// Its term on duty, and who leads it meanwhile.
    pub duty: Option<(Timestamp, Timestamp, Option<PersonId>)>,
    /// Whether it is no more.
    pub disbanded: bool,
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// It exists.
    RegisterTeam {
        /// Now.
        at: Timestamp,
        /// The team.
        team: TeamId,
        /// The division that it serves.
        division: Division,
        /// The organisation that answers for it.
        organisation: OrganisationId,
        /// What it is called.
        name: RecordId,
        /// How many serve full-time.
        full_time: u32,
        /// How many beside them.
        auxiliary: u32,
        /// Those who are known here.
        members: Vec<PersonId>,
    },
    /// It is on duty for a term, which ends after it begins.
    PutTeamOnDuty {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Who leads it.
        leader: Option<PersonId>,
    },
    /// It is no more.
    DisbandTeam {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
}

impl Aggregate for Team {
    const CATEGORY: &'static str = TeamEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = TeamEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Result<Vec<TeamEvent>, Refusal> {
        use Command as C;
        match (&state.registered, command) {
            (
                None,
                C::RegisterTeam {
                    at,
                    team,
                    division,
                    organisation,
                    name,
                    full_time,
                    auxiliary,
                    members,
                },
            ) => Ok(vec![
                TeamRegistered {
                    occurred_at: at,
                    team,
                    division,
                    organisation,
                    name,
                    full_time,
                    auxiliary,
                    members,
                }
                .into(),
            ]),
            (None, C::PutTeamOnDuty { .. } | C::DisbandTeam { .. }) => Err(Refusal::NoSuchThing),
            (Some(is), C::RegisterTeam { team, .. }) if team == is.id => Ok(Vec::new()),
            (Some(_), C::RegisterTeam { .. }) => Err(Refusal::IdInUse),
            (Some(is), C::PutTeamOnDuty { caller, .. } | C::DisbandTeam { caller, .. })
                if !is.is_covered_by(&caller) =>
            {
                Err(Refusal::OutOfScope)
            }
            (Some(is), C::PutTeamOnDuty { .. }) if is.disbanded => Err(Refusal::TeamDisbanded),
            (Some(is), C::PutTeamOnDuty { from, until, leader, .. })
                if is.duty == Some((from, until, leader.clone())) =>
            {
                Ok(Vec::new())
            }
            (Some(is), C::PutTeamOnDuty { at, caller, from, until, leader }) => {
                let (team, by) = (is.id.clone(), caller.person);
                Ok(vec![TeamPutOnDuty { occurred_at: at, team, by, from, until, leader }.into()])
            }
            (Some(is), C::DisbandTeam { .. }) if is.disbanded => Ok(Vec::new()),
            (Some(is), C::DisbandTeam { at, caller }) => {
                let (team, by) = (is.id.clone(), caller.person);
                Ok(vec![TeamDisbanded { occurred_at: at, team, by }.into()])
            }
        }
    }

    fn evolve(state: State, event: &TeamEvent) -> State {
        use TeamEvent as E;
        let registered = match (state.registered, event) {
            (None, E::TeamRegistered(event)) => Some(Registered {
                id: event.team.clone(),
                organisation: event.organisation.clone(),
                duty: None,
                disbanded: false,
            }),
            (is, E::TeamRegistered(_)) => is,
            (is, E::TeamPutOnDuty(event)) => is.map(|is| Registered {
                duty: Some((event.from, event.until, event.leader.clone())),
                ..is
            }),
            (is, E::TeamDisbanded(_)) => is.map(|is| Registered { disbanded: true, ..is }),
        };
        State { registered }
    }
}

impl Registered {
    fn is_covered_by(&self, caller: &Caller) -> bool {
        let place = self.id.division();
        match &caller.within {
            Within::Division(own) => own.contains(place),
            Within::Organisation { organisation, division } => {
                *organisation == self.organisation && division.contains(place)
            }
            Within::Grid(_) | Within::Assigned => false,
        }
    }
}

#[cfg(test)]
mod tests;
