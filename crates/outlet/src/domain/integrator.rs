//! An integrator of nats-server, as the log knows it. The register of users is a file that is written
//! whether the suite runs or not; what it says is noted here when it is seen.

use std::convert::Infallible;

use contracts::outlet::{IntegratorAdded, IntegratorEvent, IntegratorRevoked, IntegratorRotated};
use kernel::{Aggregate, Timestamp, id::IntegratorId};

/// The aggregate.
pub struct Integrator;

/// How an integrator stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not seen yet.
    #[default]
    Unknown,
    /// May read; the key was last changed then.
    Active(Option<Timestamp>),
    /// Reads nothing any more.
    Revoked,
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Note what the register of users says.
    NoteIntegrator {
        /// The integrator.
        integrator: IntegratorId,
        /// Since when.
        since: Timestamp,
        /// When the key was last changed.
        rotated: Option<Timestamp>,
        /// When the user was taken out.
        revoked: Option<Timestamp>,
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

impl Aggregate for Integrator {
    const CATEGORY: &'static str = IntegratorEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = IntegratorEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<IntegratorEvent>, Rejection> {
        let Command::NoteIntegrator { integrator, since, rotated, revoked, at } = command;
        let occurred_at = at;
        let added = || IntegratorAdded { occurred_at, integrator: integrator.clone(), since };
        let changed = |rotated_at| IntegratorRotated {
            occurred_at,
            integrator: integrator.clone(),
            rotated_at,
        };
        let ended = |revoked_at| IntegratorRevoked {
            occurred_at,
            integrator: integrator.clone(),
            revoked_at,
        };
        let known = match state {
            State::Unknown => None,
            State::Active(rotated) => Some(*rotated),
            State::Revoked => return Ok(vec![]),
        };
        let mut events: Vec<IntegratorEvent> = Vec::new();
        events.extend(known.is_none().then(|| added().into()));
        let newer = rotated.filter(|rotated| known.flatten() != Some(*rotated));
        events.extend(newer.map(|rotated| changed(rotated).into()));
        events.extend(revoked.map(|revoked| ended(revoked).into()));
        Ok(events)
    }

    fn evolve(state: State, event: &IntegratorEvent) -> State {
        match (state, event) {
            (State::Unknown, IntegratorEvent::IntegratorAdded(_)) => State::Active(None),
            (State::Active(_), IntegratorEvent::IntegratorRotated(event)) => {
                State::Active(Some(event.rotated_at))
            }
            (_, IntegratorEvent::IntegratorRevoked(_)) => State::Revoked,
            (
                state @ (State::Unknown | State::Active(_) | State::Revoked),
                IntegratorEvent::IntegratorAdded(_) | IntegratorEvent::IntegratorRotated(_),
            ) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn note(rotated: Option<i64>, revoked: Option<i64>) -> Command {
        Command::NoteIntegrator {
            integrator: "620821101000-portal".parse().unwrap(),
            since: Timestamp(1),
            rotated: rotated.map(Timestamp),
            revoked: revoked.map(Timestamp),
            at: Timestamp(9),
        }
    }

    fn commands() -> Vec<(&'static str, Command)> {
        vec![
            ("在用 NoteIntegrator", note(None, None)),
            ("换过密钥 NoteIntegrator with another key", note(Some(2), None)),
            ("已停用 NoteIntegrator taken out", note(Some(2), Some(3))),
        ]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [
            ("未见 unknown", State::Unknown),
            ("在用 active", State::Active(None)),
            ("换过密钥 active with another key", State::Active(Some(Timestamp(2)))),
            ("已停用 revoked", State::Revoked),
        ];
        let said: fn(&IntegratorEvent) -> _ = |event| match event {
            IntegratorEvent::IntegratorAdded(_) => "加入 is added",
            IntegratorEvent::IntegratorRotated(_) => "换密钥 has another key",
            IntegratorEvent::IntegratorRevoked(_) => "停用 is revoked",
        };
        let rules = table::<Integrator>("接入方 Integrator", &states, &commands(), said);
        testkit::rules::check("src/domain/integrator.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
        testkit::properties::deciding_twice_changes_nothing::<Integrator>(&commands);
        testkit::properties::folding_equals_one_by_one::<Integrator>(&commands);
        testkit::properties::accepted_histories_never_panic::<Integrator>(&commands);
    }
}
