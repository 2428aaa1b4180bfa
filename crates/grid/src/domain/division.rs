//! A division: in force since it was registered.

use std::convert::Infallible;

use contracts::grid::{DivisionEvent, DivisionRegistered};
use kernel::{Aggregate, Division, Timestamp, id::RecordId};

/// The aggregate.
pub struct RegisteredDivision;

/// How a division stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has registered it.
    #[default]
    Unknown,
    /// It is in force.
    Registered,
}

/// What may be asked of a division.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter it into the register.
    RegisterDivision {
        /// The division.
        division: Division,
        /// The record that holds the document with its name.
        document: RecordId,
        /// The row in it, from 1.
        row: u32,
        /// Now.
        at: Timestamp,
    },
}

/// Nothing is refused: what is wrong with a row is found before it becomes a command.
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

impl Aggregate for RegisteredDivision {
    const CATEGORY: &'static str = DivisionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = DivisionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<DivisionEvent>, Rejection> {
        use Command::RegisterDivision;
        match (state, command) {
            (State::Unknown, RegisterDivision { division, document, row, at }) => {
                Ok(vec![DivisionRegistered { occurred_at: at, division, document, row }.into()])
            }
            (State::Registered, RegisterDivision { .. }) => Ok(vec![]),
        }
    }

    fn evolve(_: State, event: &DivisionEvent) -> State {
        match event {
            DivisionEvent::DivisionRegistered(_) => State::Registered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn register() -> Command {
        Command::RegisterDivision {
            division: "620821101".parse().unwrap(),
            document: "620821000000-file".parse().unwrap(),
            row: 3,
            at: Timestamp(1),
        }
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [("未登记 unknown", State::Unknown), ("已登记 registered", State::Registered)];
        let commands = [("登记区划 RegisterDivision", register())];
        let said: fn(&DivisionEvent) -> _ = |event| match event {
            DivisionEvent::DivisionRegistered(_) => "登记入册 is registered",
        };
        let rules = table::<RegisteredDivision>("区划 Division", &states, &commands, said);
        testkit::rules::check("src/domain/division.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        testkit::properties::deciding_twice_changes_nothing::<RegisteredDivision>(&[register()]);
        testkit::properties::folding_equals_one_by_one::<RegisteredDivision>(&[register()]);
        testkit::properties::accepted_histories_never_panic::<RegisteredDivision>(&[register()]);
    }
}
