//! A case (事项): what somebody reported, from report to archive. `case.rules.md` beside this file is
//! the table of its rules, written by a test. The rules are in `decide`, a file a phase, a function a
//! command, a match arm for every state.

mod command;
mod decide;
mod evolve;
mod rejection;
mod state;

use contracts::intake::CaseEvent;
use kernel::Aggregate;

pub use command::{
    AcceptCase, CallBack, Command, HandleOnSite, JoinCase, MergeCase, Outcome, Primary, RateCase,
    Rating, ReopenCase, Standing, TransferCase,
};
pub use rejection::Rejection;
pub use state::{Check, Joiner, Rater, Report, State, case_of, texts_owner};

/// How many times a case can be added to.
pub const MAX_INFORMATION: usize = 50;

/// How many can join a case.
pub const MAX_JOINERS: usize = 300;

/// The aggregate.
#[derive(Debug)]
pub enum Case {}

type Decision = Result<Vec<CaseEvent>, Rejection>;

impl Aggregate for Case {
    const CATEGORY: &'static str = CaseEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CaseEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Decision {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &CaseEvent) -> State {
        evolve::evolve(state, event)
    }
}

#[cfg(test)]
mod tests;
