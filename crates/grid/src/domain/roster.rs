//! The roster of a grid: put as a whole.

use std::convert::Infallible;

use contracts::grid::roster::{RosterEvent, RosterPut, Shift};
use kernel::{
    Aggregate, GridCode, Timestamp,
    id::{PersonId, RosterId},
};

/// The aggregate.
pub struct Roster;

/// What the roster says; nothing before it is put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    shifts: Option<Vec<Shift>>,
}

/// What may be asked of a roster.
#[derive(Clone, Debug)]
pub enum Command {
    /// Put what it says.
    PutRoster {
        /// The roster.
        roster: RosterId,
        /// The grid.
        grid: GridCode,
        /// Who is on duty when, in the order of beginnings.
        shifts: Vec<Shift>,
        /// Who puts it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Rejection(Infallible);

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self.0 {}
    }

    fn message_zh(&self) -> String {
        match self.0 {}
    }
}

impl Aggregate for Roster {
    const CATEGORY: &'static str = RosterEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = RosterEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<RosterEvent>, Rejection> {
        let Command::PutRoster { roster, grid, shifts, by, at } = command;
        match &state.shifts {
            Some(already) if *already == shifts => Ok(Vec::new()),
            Some(_) | None => {
                Ok(vec![RosterPut { occurred_at: at, roster, grid, shifts, by }.into()])
            }
        }
    }

    fn evolve(_: State, event: &RosterEvent) -> State {
        let RosterEvent::RosterPut(put) = event;
        State { shifts: Some(put.shifts.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn put(to: i64) -> Command {
        let person: PersonId = "620821000000-p".parse().unwrap();
        Command::PutRoster {
            roster: "620821101203-001".parse().unwrap(),
            grid: "620821101203001".parse().unwrap(),
            shifts: vec![Shift { person: person.clone(), from: Timestamp(1), to: Timestamp(to) }],
            by: person,
            at: Timestamp(1),
        }
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let first = Roster::decide(&State::default(), put(2)).unwrap();
        let there = first.iter().fold(State::default(), Roster::evolve);
        let states = [("未排班 none", State::default()), ("已排班 put", there)];
        let commands = [("排同样的班 PutRoster, the same", put(2)), ("改班 PutRoster", put(3))];
        let said: fn(&RosterEvent) -> _ = |event| match event {
            RosterEvent::RosterPut(_) => "排班 roster put",
        };
        let rules = table::<Roster>("值班表 Roster", &states, &commands, said);
        testkit::rules::check("src/domain/roster.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        testkit::properties::deciding_twice_changes_nothing::<Roster>(&[put(2)]);
        testkit::properties::folding_equals_one_by_one::<Roster>(&[put(2), put(3)]);
        testkit::properties::accepted_histories_never_panic::<Roster>(&[put(2), put(3)]);
    }
}
