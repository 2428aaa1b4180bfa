//! A session: begun by signing in, over by itself at the latest at its absolute end, or ended before.

use contracts::access::{
    SessionEndReason, SessionEnded, SessionEvent, SessionStarted, SignInMethod,
};
use kernel::{
    Aggregate, Timestamp,
    id::{AssignmentId, PersonId, SessionId, SubstitutionId},
};

use super::person::Duty;

/// The aggregate.
pub struct Session;

/// How a session stands.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// It never began.
    #[default]
    Unknown,
    /// It runs until its absolute end.
    Open(Running),
    /// It was ended.
    Ended(Running),
}

/// What a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Whose it is.
    pub person: PersonId,
    /// The assignment that gives the role.
    pub assignment: Option<AssignmentId>,
    /// The substitution that the role comes by.
    pub substitution: Option<SubstitutionId>,
    /// In which role, over what.
    pub duty: Duty,
    /// How it began.
    pub how: SignInMethod,
    /// After so many seconds without a renewal it is over.
    pub idle_seconds: u32,
    /// When it is over at the latest.
    pub absolute_end: Timestamp,
}

/// What may be asked of a session.
#[expect(clippy::large_enum_variant, reason = "a command is made, decided and dropped, one by one")]
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin it.
    StartSession {
        /// The session.
        session: SessionId,
        /// What it is.
        running: Running,
        /// Now.
        at: Timestamp,
    },
    /// End it before its time.
    EndSession {
        /// The session.
        session: SessionId,
        /// Why.
        why: SessionEndReason,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It never began.
    #[error("there is no session {0}: look at the list of sessions")]
    SessionUnknown(SessionId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::SessionUnknown(_) => "SESSION_UNKNOWN",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::SessionUnknown(id) => format!("没有会话 {id}, 请核对会话列表"),
        }
    }
}

impl Aggregate for Session {
    const CATEGORY: &'static str = SessionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = SessionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<SessionEvent>, Rejection> {
        use Command::{EndSession, StartSession};
        match (state, command) {
            (State::Unknown, StartSession { session, running, at }) => {
                Ok(vec![started(session, running, at).into()])
            }
            (State::Open(_) | State::Ended(_), StartSession { .. }) => Ok(vec![]),
            (State::Open(running), EndSession { session, why, at }) => {
                let ended = SessionEnded {
                    occurred_at: at,
                    session,
                    person: running.person.clone(),
                    why,
                    absolute_end: running.absolute_end,
                };
                Ok(vec![ended.into()])
            }
            (State::Ended(_), EndSession { .. }) => Ok(vec![]),

            (State::Unknown, EndSession { session, .. }) => Err(Rejection::SessionUnknown(session)),
        }
    }

    fn evolve(state: State, event: &SessionEvent) -> State {
        match (state, event) {
            (_, SessionEvent::SessionStarted(event)) => State::Open(Running::from(event)),
            (State::Open(running) | State::Ended(running), SessionEvent::SessionEnded(_)) => {
                State::Ended(running)
            }
            (State::Unknown, SessionEvent::SessionEnded(_)) => State::Unknown,
        }
    }
}

impl State {
    /// The session, if it ever began.
    pub fn running(&self) -> Option<&Running> {
        match self {
            Self::Unknown => None,
            Self::Open(running) | Self::Ended(running) => Some(running),
        }
    }

    /// The session, if it is still open at this moment.
    pub fn open_at(&self, now: Timestamp) -> Option<&Running> {
        match self {
            Self::Open(running) => Some(running).filter(|running| now < running.absolute_end),
            Self::Unknown | Self::Ended(_) => None,
        }
    }
}

fn started(session: SessionId, running: Running, occurred_at: Timestamp) -> SessionStarted {
    let Running { person, assignment, substitution, duty, how, idle_seconds, absolute_end } =
        running;
    let Duty { role, scope, division, grid, organisation } = duty;
    SessionStarted {
        occurred_at,
        session,
        person,
        assignment,
        substitution,
        role,
        scope,
        division,
        grid,
        organisation,
        how,
        idle_seconds,
        absolute_end,
    }
}

impl From<&SessionStarted> for Running {
    fn from(event: &SessionStarted) -> Self {
        let duty = Duty {
            role: event.role,
            scope: event.scope,
            division: event.division,
            grid: event.grid,
            organisation: event.organisation.clone(),
        };
        Self {
            person: event.person.clone(),
            assignment: event.assignment.clone(),
            substitution: event.substitution.clone(),
            duty,
            how: event.how,
            idle_seconds: event.idle_seconds,
            absolute_end: event.absolute_end,
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::access::ScopeKind;
    use kernel::Role;
    use testkit::rules::table;

    use super::*;

    fn commands() -> [(&'static str, Command); 2] {
        let session: SessionId = "620821000000-s".parse().unwrap();
        let at = Timestamp(1_000);
        let running = Running {
            person: "620821000000-p".parse().unwrap(),
            assignment: Some("620821000000-a".parse().unwrap()),
            substitution: None,
            duty: Duty {
                role: Role::Operator,
                scope: ScopeKind::Division,
                division: Some("620821101".parse().unwrap()),
                grid: None,
                organisation: None,
            },
            how: SignInMethod::Password,
            idle_seconds: 1_800,
            absolute_end: Timestamp(43_201_000),
        };
        let start = Command::StartSession { session: session.clone(), running, at };
        let end = Command::EndSession { session, why: SessionEndReason::SignedOut, at };
        [("开始会话 StartSession", start), ("结束会话 EndSession", end)]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let [(_, start), (_, end)] = commands();
        let after = |commands: &[&Command]| {
            commands.iter().fold(State::default(), |state, command| {
                let events = Session::decide(&state, (*command).clone()).unwrap();
                kernel::fold::<Session>(state, &events)
            })
        };
        let states = [
            ("未开始 unknown", State::default()),
            ("进行中 open", after(&[&start])),
            ("已结束 ended", after(&[&start, &end])),
        ];
        let said: fn(&SessionEvent) -> _ = |event| match event {
            SessionEvent::SessionStarted(_) => "开始 begins",
            SessionEvent::SessionEnded(_) => "结束 ends",
        };
        let rules = table::<Session>("会话 Session", &states, &commands(), said);
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/session.rules.md"),
            &rules,
        );
        assert!(states[1].1.open_at(Timestamp(43_200_999)).is_some());
        assert!(states[1].1.open_at(Timestamp(43_201_000)).is_none(), "over by itself");
        assert!(states[2].1.open_at(Timestamp(2_000)).is_none());
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let commands = commands().map(|(_, command)| command);
        testkit::properties::deciding_twice_changes_nothing::<Session>(&commands);
        testkit::properties::folding_equals_one_by_one::<Session>(&commands);
        testkit::properties::accepted_histories_never_panic::<Session>(&commands);
    }
}
