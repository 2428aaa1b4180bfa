//! The emergency incident (突发事件): levels of command, teams with clocks in minutes, orders grouped,
//! and the stand-down by the highest function alone.
//!
//! | file | what |
//! |---|---|
//! | `incident/state.rs` | what an incident's history folds to |
//! | `incident/command.rs` | what may be asked of it |
//! | `incident.rules.md` | the rules as a table, written by a test |

mod command;
mod state;

use contracts::dispatch::incident::{
    CommandFunction, CommandPassed, IncidentClockMissed, IncidentEvent, IncidentLevelLowered,
    IncidentLevelRaised, IncidentOpened, IncidentStoodDown, OrderAddedToIncident, TeamArrived,
    TeamAssembled, TeamCalled, TeamResponded,
};
use kernel::{Aggregate, Timestamp};

pub use command::{Call, Command, Open};
pub use state::{CalledTeam, Opened, State, commanding};

use super::{caller::Caller, refusal::Refusal};

/// The incident.
#[derive(Debug)]
pub struct Incident;

impl Aggregate for Incident {
    const CATEGORY: &'static str = IncidentEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = IncidentEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Result<Vec<IncidentEvent>, Refusal> {
        let Some(opened) = &state.opened else { return begin(command) };
        if command.caller().is_some_and(|caller| !opened.is_covered_by(caller)) {
            return Err(Refusal::OutOfScope);
        }
        if opened.stood_down_at.is_some() {
            after(opened, command)
        } else {
            decide(opened, command)
        }
    }

    fn evolve(state: State, event: &IncidentEvent) -> State {
        state.after(event)
    }
}

type Decided = Result<Vec<IncidentEvent>, Refusal>;

/// Before it is open nothing but the opening is possible.
fn begin(command: Command) -> Decided {
    use Command as C;
    match command {
        C::OpenIncident(open) => open.events(),
        C::CallTeam { .. }
        | C::TeamRespond { .. }
        | C::TeamAssemble { .. }
        | C::TeamArrive { .. }
        | C::RaiseIncidentLevel { .. }
        | C::LowerIncidentLevel { .. }
        | C::PassCommand { .. }
        | C::AddOrderToIncident { .. }
        | C::StandDown { .. }
        | C::MarkClocks { .. } => Err(Refusal::NoSuchThing),
    }
}

/// After the stand-down nothing changes any more.
fn after(is: &Opened, command: Command) -> Decided {
    use Command as C;
    match command {
        C::OpenIncident(open) if open.incident == is.id => so(),
        C::OpenIncident(_) => Err(Refusal::IdInUse),
        C::StandDown { .. } | C::MarkClocks { .. } => so(),
        C::CallTeam { .. }
        | C::TeamRespond { .. }
        | C::TeamAssemble { .. }
        | C::TeamArrive { .. }
        | C::RaiseIncidentLevel { .. }
        | C::LowerIncidentLevel { .. }
        | C::PassCommand { .. }
        | C::AddOrderToIncident { .. } => Err(Refusal::StoodDown),
    }
}

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
fn decide(is: &Opened, command: Command) -> Decided {
    use Command as C;
    use Refusal as R;

    let incident = is.id.clone();
    match command {
        C::OpenIncident(open) if open.incident == is.id => so(),
        C::OpenIncident(_) => Err(R::IdInUse),

        // The teams: each step once; a later step stands for those before it.
        C::CallTeam { call, .. } if is.team(&call.team).is_some() => so(),
        C::CallTeam { at, caller, call } => one(call.event(at, &incident, &caller)),
        C::TeamRespond { at, caller, team } => {
            let called = is.team_of(&team, &caller)?;
            if called.is_past_responding() { so() } else { one(is.responded(at, called, caller)) }
        }
        C::TeamAssemble { at, caller, team, strength } => {
            let called = is.team_of(&team, &caller)?;
            if called.is_past_assembling() {
                return so();
            }
            let late = at > called.assemble_due;
            let by = caller.person.clone();
            let assembled = TeamAssembled { occurred_at: at, incident, team, by, strength, late };
            let mut events = Vec::new();
            if !called.is_past_responding() {
                events.push(is.responded(at, called, caller).into());
            }
            events.push(assembled.into());
            Ok(events)
        }
        C::TeamArrive { at, caller, team } => {
            let called = is.team_of(&team, &caller)?;
            if called.arrived_at.is_some() {
                return so();
            }
            let late = at > called.arrive_due;
            one(TeamArrived { occurred_at: at, incident, team, by: caller.person, late })
        }

        // Command: up by whoever is in charge there, down by whoever is in command.
        C::RaiseIncidentLevel { level, .. } if level >= is.level => Err(R::LevelNotRaised),
        C::RaiseIncidentLevel { level, .. } if is.holder(commanding(level)).is_none() => {
            Err(R::CommandMissing)
        }
        C::RaiseIncidentLevel { at, caller, level, text } => one(IncidentLevelRaised {
            occurred_at: at,
            incident,
            by: caller.person,
            from: is.level,
            to: level,
            command: commanding(level),
            commander: is.holder(commanding(level)).cloned(),
            text,
        }),
        C::LowerIncidentLevel { level, .. } if level <= is.level => Err(R::LevelNotLowered),
        C::LowerIncidentLevel { caller, .. } if !is.commands(&caller) => Err(R::NotInCommand),
        C::LowerIncidentLevel { level, .. } if is.holder(commanding(level)).is_none() => {
            Err(R::CommandMissing)
        }
        C::LowerIncidentLevel { at, caller, level, text } => one(IncidentLevelLowered {
            occurred_at: at,
            incident,
            by: caller.person,
            from: is.level,
            to: level,
            command: commanding(level),
            commander: is.holder(commanding(level)).cloned(),
            text,
        }),
        C::PassCommand { post, .. } if is.holder(post.function) == Some(&post.person) => so(),
        // A function that somebody has is given away by them or from above; an empty one by any desk.
        C::PassCommand { caller, post, .. } if !is.may_pass(&caller, post.function) => {
            Err(R::NotInCommand)
        }
        C::PassCommand { at, caller, post } => one(CommandPassed {
            occurred_at: at,
            incident,
            by: caller.person,
            function: post.function,
            person: post.person,
        }),

        C::AddOrderToIncident { work_order, .. } if is.orders.contains(&work_order) => so(),
        C::AddOrderToIncident { at, caller, work_order } => {
            let by = caller.person;
            one(OrderAddedToIncident { occurred_at: at, incident, work_order, by })
        }
        C::StandDown { caller, .. } if !is.has_highest_function(&caller) => Err(R::NotInCommand),
        C::StandDown { at, caller, text } => one(IncidentStoodDown {
            occurred_at: at,
            incident,
            by: caller.person,
            text,
            orders: is.orders.clone(),
            teams: is.teams.iter().map(|called| called.team.clone()).collect(),
        }),

        // The clocks: each rings once.
        C::MarkClocks { at, team } => Ok(is
            .team(&team)
            .map(|called| {
                let missed = called.missed(at).into_iter();
                missed
                    .map(|(clock, due)| {
                        let (incident, team) = (is.id.clone(), team.clone());
                        IncidentClockMissed { occurred_at: at, incident, team, clock, due }.into()
                    })
                    .collect()
            })
            .unwrap_or_default()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<IncidentEvent>) -> Decided {
    Ok(vec![event.into()])
}

/// Already so.
#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn so() -> Decided {
    Ok(Vec::new())
}

impl Opened {
    fn responded(&self, at: Timestamp, of: &CalledTeam, caller: Caller) -> TeamResponded {
        TeamResponded {
            occurred_at: at,
            incident: self.id.clone(),
            team: of.team.clone(),
            by: caller.person,
            late: at > of.respond_due,
        }
    }
}

impl Open {
    /// The function that commands this level must have somebody.
    fn events(self) -> Decided {
        let command: CommandFunction = commanding(self.level);
        if !self.posts.iter().any(|post| post.function == command) {
            return Err(Refusal::CommandMissing);
        }
        let called =
            self.calls.iter().map(|call| call.event(self.at, &self.incident, &self.caller));
        let called: Vec<TeamCalled> = called.collect();
        let opened = IncidentOpened {
            occurred_at: self.at,
            incident: self.incident,
            division: self.division,
            grid: self.grid,
            position: self.position,
            kind: self.kind,
            level: self.level,
            by: self.caller.person,
            posts: self.posts,
            command,
            county_town: self.county_town,
            cases: self.cases,
            text: self.text,
        };
        Ok(std::iter::once(opened.into()).chain(called.into_iter().map(Into::into)).collect())
    }
}

impl Call {
    fn event(
        &self,
        at: Timestamp,
        incident: &kernel::id::IncidentId,
        caller: &Caller,
    ) -> TeamCalled {
        TeamCalled {
            occurred_at: at,
            incident: incident.clone(),
            team: self.team.clone(),
            organisation: self.organisation.clone(),
            by: caller.person.clone(),
            respond_due: at.plus_millis(self.respond_ms),
            assemble_due: at.plus_millis(self.assemble_ms),
            arrive_due: at.plus_millis(self.arrive_ms),
        }
    }
}

#[cfg(test)]
mod tests;
