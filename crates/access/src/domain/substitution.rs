//! A substitution: for a term one person stands in for another in one role.

use contracts::access::{SubstitutionBegun, SubstitutionEnded, SubstitutionEvent};
use kernel::{
    Aggregate, Role, Timestamp,
    id::{AssignmentId, PersonId, SubstitutionId},
};

/// The aggregate.
pub struct Substitution;

/// How a substitution stands.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// There is none.
    #[default]
    Unknown,
    /// It holds in its term.
    Begun(Standing),
    /// It was ended early.
    Ended(Standing),
}

/// Who stands in for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role, as its holder has it.
    pub assignment: AssignmentId,
    /// The holder.
    pub holder: PersonId,
    /// Who stands in.
    pub substitute: PersonId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What was looked up of the two persons when a substitution was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The role of the assignment, if its holder has it for all of the term.
    pub role: Option<Role>,
    /// Whether the substitute is registered.
    pub substitute_registered: bool,
    /// The roles that the substitute has at any time of the term.
    pub substitute_roles: Vec<Role>,
}

/// What may be asked of a substitution.
#[derive(Clone, Debug)]
pub enum Command {
    /// Let somebody stand in.
    BeginSubstitution {
        /// The substitution.
        substitution: SubstitutionId,
        /// Who for whom, and when.
        standing: Standing,
        /// What was looked up.
        found: Found,
        /// Who says so.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// End it early.
    EndSubstitution {
        /// The substitution.
        substitution: SubstitutionId,
        /// Who says so.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such substitution.
    #[error("there is no substitution {0}: look at the list of substitutions")]
    SubstitutionUnknown(SubstitutionId),
    /// The term is empty or over.
    #[error("the term ends before it begins, or is over: mend from and until")]
    SubstitutionTerm,
    /// The holder does not have the role for all of the term.
    #[error("the role is not held for all of this term: shorten it, or name another assignment")]
    RoleNotHeld,
    /// Nobody stands in for themselves.
    #[error("the substitute is the holder: name somebody else")]
    SubstituteIsHolder,
    /// The substitute may not have this role.
    #[error(
        "the substitute is not registered, or has a role that goes not with this one: name somebody else"
    )]
    SubstituteMayNot,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::SubstitutionUnknown(_) => "SUBSTITUTION_UNKNOWN",
            Self::SubstitutionTerm => "SUBSTITUTION_TERM",
            Self::RoleNotHeld => "ROLE_NOT_HELD",
            Self::SubstituteIsHolder => "SUBSTITUTE_IS_HOLDER",
            Self::SubstituteMayNot => "SUBSTITUTE_MAY_NOT",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::SubstitutionUnknown(id) => format!("没有代理 {id}, 请核对代理列表"),
            Self::SubstitutionTerm => "代理期结束早于开始, 或已过期, 请修改起止时间".to_owned(),
            Self::RoleNotHeld => "该任职不覆盖整个代理期, 请缩短代理期或选择其他任职".to_owned(),
            Self::SubstituteIsHolder => "代理人不能是本人, 请选择其他人员".to_owned(),
            Self::SubstituteMayNot => {
                "代理人未登记, 或其角色与该角色不相容, 请选择其他人员".to_owned()
            }
        }
    }
}

impl Aggregate for Substitution {
    const CATEGORY: &'static str = SubstitutionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = SubstitutionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<SubstitutionEvent>, Rejection> {
        use Command::{BeginSubstitution, EndSubstitution};
        match (state, command) {
            (State::Unknown, BeginSubstitution { substitution, standing, found, by, at }) => {
                allowed(&standing, &found, at)?;
                let Standing { assignment, holder, substitute, from, until } = standing;
                let occurred_at = at;
                Ok(vec![
                    SubstitutionBegun {
                        occurred_at,
                        substitution,
                        assignment,
                        holder,
                        substitute,
                        from,
                        until,
                        by,
                    }
                    .into(),
                ])
            }
            (State::Begun(_) | State::Ended(_), BeginSubstitution { .. }) => Ok(vec![]),
            (State::Begun(_), EndSubstitution { substitution, by, at }) => {
                Ok(vec![SubstitutionEnded { occurred_at: at, substitution, by }.into()])
            }
            (State::Ended(_), EndSubstitution { .. }) => Ok(vec![]),

            (State::Unknown, EndSubstitution { substitution, .. }) => {
                Err(Rejection::SubstitutionUnknown(substitution))
            }
        }
    }

    fn evolve(state: State, event: &SubstitutionEvent) -> State {
        match (state, event) {
            (_, SubstitutionEvent::SubstitutionBegun(event)) => State::Begun(Standing {
                assignment: event.assignment.clone(),
                holder: event.holder.clone(),
                substitute: event.substitute.clone(),
                from: event.from,
                until: event.until,
            }),
            (
                State::Begun(standing) | State::Ended(standing),
                SubstitutionEvent::SubstitutionEnded(_),
            ) => State::Ended(standing),
            (State::Unknown, SubstitutionEvent::SubstitutionEnded(_)) => State::Unknown,
        }
    }
}

impl State {
    /// Who stands in for whom, if it ever began.
    pub fn standing(&self) -> Option<&Standing> {
        match self {
            Self::Unknown => None,
            Self::Begun(standing) | Self::Ended(standing) => Some(standing),
        }
    }

    /// The same, if it holds at this moment.
    pub fn holds_at(&self, now: Timestamp) -> Option<&Standing> {
        match self {
            Self::Begun(standing) => {
                Some(standing).filter(|term| term.from <= now && now < term.until)
            }
            Self::Unknown | Self::Ended(_) => None,
        }
    }
}

fn allowed(standing: &Standing, found: &Found, now: Timestamp) -> Result<(), Rejection> {
    if standing.until <= standing.from || standing.until <= now {
        return Err(Rejection::SubstitutionTerm);
    }
    if standing.holder == standing.substitute {
        return Err(Rejection::SubstituteIsHolder);
    }
    let role = found.role.ok_or(Rejection::RoleNotHeld)?;
    let apart = found.substitute_roles.iter().any(|other| are_apart(role, *other));
    if apart || !found.substitute_registered {
        return Err(Rejection::SubstituteMayNot);
    }
    Ok(())
}

/// Nobody acts in two of the three roles of administrators.
fn are_apart(one: Role, other: Role) -> bool {
    let administers = |role: Role| {
        matches!(role, Role::Administrator | Role::SecurityAdministrator | Role::AuditAdministrator)
    };
    one != other && administers(one) && administers(other)
}

#[cfg(test)]
mod tests {
    use testkit::rules::table;

    use super::*;

    fn begin(substitute: &str, until: i64, found: Found) -> Command {
        let standing = Standing {
            assignment: "620821000000-a".parse().unwrap(),
            holder: "620821000000-h".parse().unwrap(),
            substitute: substitute.parse().unwrap(),
            from: Timestamp(1_000),
            until: Timestamp(until),
        };
        Command::BeginSubstitution {
            substitution: "620821000000-u".parse().unwrap(),
            standing,
            found,
            by: "620821000000-h".parse().unwrap(),
            at: Timestamp(500),
        }
    }

    fn found(role: Option<Role>, roles: &[Role]) -> Found {
        Found { role, substitute_registered: true, substitute_roles: roles.to_vec() }
    }

    fn commands() -> Vec<(&'static str, Command)> {
        use Role::{Administrator, Operator, SecurityAdministrator, Supervisor};
        let (who, operator) = ("620821000000-w", Some(Operator));
        let nobody = Found { substitute_registered: false, ..found(operator, &[]) };
        let end = Command::EndSubstitution {
            substitution: "620821000000-u".parse().unwrap(),
            by: "620821000000-h".parse().unwrap(),
            at: Timestamp(1_500),
        };
        vec![
            ("委托代理 BeginSubstitution", begin(who, 2_000, found(operator, &[Supervisor]))),
            ("代理期倒置 BeginSubstitution backwards", begin(who, 900, found(operator, &[]))),
            (
                "任职不覆盖 BeginSubstitution of a role not held",
                begin(who, 2_000, found(None, &[])),
            ),
            (
                "委托本人 BeginSubstitution by oneself",
                begin("620821000000-h", 2_000, found(operator, &[])),
            ),
            ("代理人未登记 BeginSubstitution by nobody", begin(who, 2_000, nobody)),
            (
                "三员互代 BeginSubstitution of one administrator by another",
                begin(who, 2_000, found(Some(SecurityAdministrator), &[Administrator])),
            ),
            ("结束代理 EndSubstitution", end),
        ]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let after = |places: &[usize]| {
            places.iter().fold(State::default(), |state, place| {
                let events = Substitution::decide(&state, commands()[*place].1.clone()).unwrap();
                kernel::fold::<Substitution>(state, &events)
            })
        };
        let states = [
            ("无 none", State::default()),
            ("代理中 begun", after(&[0])),
            ("已结束 ended", after(&[0, 6])),
        ];
        let said: fn(&SubstitutionEvent) -> _ = |event| match event {
            SubstitutionEvent::SubstitutionBegun(_) => "代理 stands in",
            SubstitutionEvent::SubstitutionEnded(_) => "结束 ends",
        };
        let rules = table::<Substitution>("代理 Substitution", &states, &commands(), said);
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/substitution.rules.md"),
            &rules,
        );
        let begun = &states[1].1;
        assert!(begun.holds_at(Timestamp(1_000)).is_some());
        assert!(begun.holds_at(Timestamp(999)).is_none(), "not before its term");
        assert!(begun.holds_at(Timestamp(2_000)).is_none(), "nor after it");
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
        testkit::properties::deciding_twice_changes_nothing::<Substitution>(&commands);
        testkit::properties::folding_equals_one_by_one::<Substitution>(&commands);
        testkit::properties::accepted_histories_never_panic::<Substitution>(&commands);
    }
}
