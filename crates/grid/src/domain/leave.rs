//! A leave of a person or an organisation, and who stands in.

use contracts::grid::roster::{LeaveEnded, LeaveEvent, LeaveSet};
use kernel::{
    Aggregate, Timestamp,
    id::{LeaveId, OrganisationId, PersonId},
};

/// The aggregate.
pub struct Leave;

/// How a leave stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has entered it.
    #[default]
    Unknown,
    /// Entered; over when its term is.
    Entered(Box<LeaveSet>),
    /// Ended before its time.
    Ended(Box<LeaveSet>),
}

/// Who is away, and who stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// A person, and the person who stands in.
    Person(PersonId, Option<PersonId>),
    /// An organisation, and the one that stands in.
    Organisation(OrganisationId, Option<OrganisationId>),
}

/// What may be asked of a leave.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter it.
    SetLeave {
        /// The leave.
        leave: LeaveId,
        /// Who is away.
        away: Away,
        /// From when.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
        /// Who enters it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// End it before its time.
    EndLeave {
        /// The leave.
        leave: LeaveId,
        /// Who ends it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such leave.
    #[error("there is no such leave: check its id")]
    NoSuchLeave,
    /// The id is another leave's.
    #[error("this id belongs to another leave: enter yours again")]
    LeaveExists,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchLeave => "NO_SUCH_LEAVE",
            Self::LeaveExists => "LEAVE_EXISTS",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NoSuchLeave => "没有这条请假记录，请核对编号",
            Self::LeaveExists => "该编号已属于另一条请假记录，请重新登记",
        }
        .to_owned()
    }
}

impl State {
    /// What was entered, ended or not.
    pub fn entered(&self) -> Option<&LeaveSet> {
        match self {
            Self::Unknown => None,
            Self::Entered(set) | Self::Ended(set) => Some(set),
        }
    }
}

impl Aggregate for Leave {
    const CATEGORY: &'static str = LeaveEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = LeaveEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<LeaveEvent>, Rejection> {
        use Command as C;
        match (state, command) {
            (State::Unknown, C::SetLeave { leave, away, from, to, by, at }) => {
                let (person, substitute_person, organisation, substitute_organisation) = match away
                {
                    Away::Person(person, substitute) => (Some(person), substitute, None, None),
                    Away::Organisation(one, substitute) => (None, None, Some(one), substitute),
                };
                let set = LeaveSet {
                    occurred_at: at,
                    leave,
                    person,
                    organisation,
                    substitute_person,
                    substitute_organisation,
                    from,
                    to,
                    by,
                };
                Ok(vec![set.into()])
            }
            (State::Entered(_), C::EndLeave { leave, by, at }) => {
                Ok(vec![LeaveEnded { occurred_at: at, leave, by }.into()])
            }
            (State::Ended(_), C::EndLeave { .. }) => Ok(Vec::new()),
            (State::Unknown, C::EndLeave { .. }) => Err(Rejection::NoSuchLeave),
            (State::Entered(_) | State::Ended(_), C::SetLeave { .. }) => {
                Err(Rejection::LeaveExists)
            }
        }
    }

    fn evolve(state: State, event: &LeaveEvent) -> State {
        match (state, event) {
            (State::Unknown, LeaveEvent::LeaveSet(set)) => State::Entered(Box::new(set.clone())),
            (State::Entered(set), LeaveEvent::LeaveEnded(_)) => State::Ended(set),
            (state @ (State::Entered(_) | State::Ended(_)), LeaveEvent::LeaveSet(_))
            | (state @ (State::Unknown | State::Ended(_)), LeaveEvent::LeaveEnded(_)) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn set() -> Command {
        let person: PersonId = "620821000000-p".parse().unwrap();
        Command::SetLeave {
            leave: "620821000000-l".parse().unwrap(),
            away: Away::Person(person.clone(), None),
            from: Timestamp(1),
            to: Timestamp(2),
            by: person,
            at: Timestamp(1),
        }
    }

    fn end() -> Command {
        Command::EndLeave {
            leave: "620821000000-l".parse().unwrap(),
            by: "620821000000-p".parse().unwrap(),
            at: Timestamp(1),
        }
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let after = |state: State, command| {
            let events = Leave::decide(&state, command).unwrap();
            events.iter().fold(state, Leave::evolve)
        };
        let entered = after(State::Unknown, set());
        let ended = after(entered.clone(), end());
        let states =
            [("无 unknown", State::Unknown), ("已登记 entered", entered), ("已销假 ended", ended)];
        let commands = [("请假 SetLeave", set()), ("销假 EndLeave", end())];
        let said: fn(&LeaveEvent) -> _ = |event| match event {
            LeaveEvent::LeaveSet(_) => "请假 leave set",
            LeaveEvent::LeaveEnded(_) => "销假 leave ended",
        };
        let rules = table::<Leave>("请假 Leave", &states, &commands, said);
        testkit::rules::check("src/domain/leave.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        testkit::properties::folding_equals_one_by_one::<Leave>(&[set(), end()]);
        testkit::properties::accepted_histories_never_panic::<Leave>(&[set(), end()]);
    }
}
