//! A person: registered once, given roles for terms, relieved of them.

use std::collections::BTreeMap;

use contracts::access::{PersonEvent, PersonRegistered, RoleAssigned, RoleRevoked, ScopeKind};
use kernel::{
    Aggregate, Division, GridCode, Role, Timestamp,
    id::{AssignmentId, OrganisationId, PersonId, RecordId},
};

use super::organisation;

/// The aggregate.
pub struct Person;

/// What is known of a person.
#[derive(Clone, Debug, Default)]
pub struct State {
    status: Status,
    roles: BTreeMap<AssignmentId, HeldRole>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Status {
    #[default]
    Unknown,
    Registered,
}

/// A role with what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The role.
    pub role: Role,
    /// The kind of its scope; the three codes below fit it.
    pub scope: ScopeKind,
    /// The division of the scope; of an organisation's scope the part it is limited to.
    pub division: Option<Division>,
    /// The grid of the scope.
    pub grid: Option<GridCode>,
    /// The organisation of the scope.
    pub organisation: Option<OrganisationId>,
}

/// A role that was given, and whether it was taken back.
#[derive(Clone, Debug)]
pub struct HeldRole {
    /// What was given.
    pub duty: Duty,
    from: Timestamp,
    until: Option<Timestamp>,
    revoked: bool,
}

/// An organisation that a command names, as the log knew it when the command was made.
#[derive(Clone, Debug)]
pub struct NamedOrganisation {
    /// Which.
    pub id: OrganisationId,
    /// How it stands.
    pub standing: organisation::State,
}

/// What may be asked of a person's registration.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter the person into the register.
    RegisterPerson {
        /// The person.
        person: PersonId,
        /// The sealed name and telephone.
        profile: RecordId,
        /// The organisation that the person works for, if any.
        organisation: Option<NamedOrganisation>,
        /// Now.
        at: Timestamp,
    },
    /// Give a role for a term.
    AssignRole {
        /// The person.
        person: PersonId,
        /// This assignment.
        assignment: AssignmentId,
        /// The role and what it covers.
        duty: Duty,
        /// How the organisation of the scope stands, where there is one.
        organisation: Option<NamedOrganisation>,
        /// From when it holds.
        from: Timestamp,
        /// Until when; open where none.
        until: Option<Timestamp>,
        /// Who gives it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Take a role back before its term.
    RevokeRole {
        /// The person.
        person: PersonId,
        /// The assignment that ends.
        assignment: AssignmentId,
        /// Who takes it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The person was never registered.
    #[error("no person {0} is registered: register them first")]
    UnknownPerson(PersonId),
    /// The person never held this assignment.
    #[error("the person holds no assignment {0}: look at the list of assignments")]
    AssignmentUnknown(AssignmentId),
    /// The same role for the same scope is held in part of the same time.
    #[error("assignment {0} gives this role in this scope already: revoke it, or change the term")]
    RoleOverlaps(AssignmentId),
    /// The term is empty.
    #[error("the term ends before it begins: mend from and until")]
    TermEndsBeforeItBegins,
    /// Somebody gives a role to, or takes one from, themselves.
    #[error("nobody gives or takes their own roles: ask another security administrator")]
    OwnRole,
    /// The person holds another administrator's role in part of the same time.
    #[error(
        "assignment {0} makes this person another kind of administrator in that time: system, security and audit are three persons"
    )]
    AdministratorsApart(AssignmentId),
    /// The organisation does not exist, or is closed.
    #[error(transparent)]
    Organisation(#[from] organisation::Rejection),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownPerson(_) => "UNKNOWN_PERSON",
            Self::AssignmentUnknown(_) => "ASSIGNMENT_UNKNOWN",
            Self::RoleOverlaps(_) => "ROLE_OVERLAPS",
            Self::TermEndsBeforeItBegins => "TERM_ENDS_BEFORE_IT_BEGINS",
            Self::OwnRole => "OWN_ROLE",
            Self::AdministratorsApart(_) => "ADMINISTRATORS_APART",
            Self::Organisation(refused) => refused.reason(),
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::UnknownPerson(id) => format!("人员 {id} 未登记, 请先登记"),
            Self::AssignmentUnknown(id) => format!("该人员没有任职 {id}, 请核对任职列表"),
            Self::RoleOverlaps(id) => {
                format!("任职 {id} 已在同一范围授予该角色, 请先收回或调整任期")
            }
            Self::TermEndsBeforeItBegins => "任期结束早于开始, 请修改起止时间".to_owned(),
            Self::OwnRole => "不能授予或收回自己的角色, 请由另一位安全管理员办理".to_owned(),
            Self::AdministratorsApart(id) => format!(
                "任职 {id} 使该人员同时担任另一类管理员: 系统、安全、审计管理员须由三人分别担任"
            ),
            Self::Organisation(refused) => refused.message_zh(),
        }
    }

    fn concerns_caller(&self) -> bool {
        match self {
            Self::OwnRole => true,
            Self::UnknownPerson(_)
            | Self::AssignmentUnknown(_)
            | Self::RoleOverlaps(_)
            | Self::TermEndsBeforeItBegins
            | Self::AdministratorsApart(_)
            | Self::Organisation(_) => false,
        }
    }
}

impl Aggregate for Person {
    const CATEGORY: &'static str = PersonEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = PersonEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<PersonEvent>, Rejection> {
        use Command::{AssignRole, RegisterPerson, RevokeRole};
        match (state.status, command) {
            (Status::Unknown, RegisterPerson { person, profile, organisation, at }) => {
                let organisation = organisation.map(NamedOrganisation::open).transpose()?;
                let profile = Some(profile);
                let occurred_at = at;
                Ok(vec![PersonRegistered { occurred_at, person, profile, organisation }.into()])
            }
            (Status::Registered, RegisterPerson { .. }) => Ok(vec![]),
            (Status::Registered, AssignRole { assignment, .. })
                if state.roles.contains_key(&assignment) =>
            {
                Ok(vec![])
            }
            (Status::Registered, AssignRole { person, by, .. }) if person == by => {
                Err(Rejection::OwnRole)
            }
            (
                Status::Registered,
                AssignRole { person, assignment, duty, organisation, from, until, by, at },
            ) => {
                organisation.map(NamedOrganisation::open).transpose()?;
                state.has_room_for(&duty, from, until)?;
                let term = (from, until);
                Ok(vec![assigned((at, by), person, assignment, duty, term).into()])
            }
            (Status::Registered, RevokeRole { person, by, .. }) if person == by => {
                Err(Rejection::OwnRole)
            }
            (Status::Registered, RevokeRole { person, assignment, by: _, at }) => {
                match state.roles.get(&assignment) {
                    Some(held) if held.revoked => Ok(vec![]),
                    Some(_) => Ok(vec![RoleRevoked { occurred_at: at, person, assignment }.into()]),
                    None => Err(Rejection::AssignmentUnknown(assignment)),
                }
            }

            (Status::Unknown, AssignRole { person, .. } | RevokeRole { person, .. }) => {
                Err(Rejection::UnknownPerson(person))
            }
        }
    }

    fn evolve(mut state: State, event: &PersonEvent) -> State {
        match event {
            PersonEvent::PersonRegistered(_) => state.status = Status::Registered,
            PersonEvent::RoleAssigned(event) => {
                state.roles.insert(event.assignment.clone(), HeldRole::from(event));
            }
            PersonEvent::RoleRevoked(event) => {
                if let Some(held) = state.roles.get_mut(&event.assignment) {
                    held.revoked = true;
                }
            }
        }
        state
    }
}

impl State {
    /// A role that the person holds or held.
    pub fn role(&self, assignment: &AssignmentId) -> Option<&HeldRole> {
        self.roles.get(assignment)
    }

    /// Whether the person was registered.
    pub fn is_registered(&self) -> bool {
        matches!(self.status, Status::Registered)
    }

    /// The roles that the person holds at some time from `from` until `until`; where `until` is
    /// `from`, those of that moment.
    pub fn roles_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = (&AssignmentId, &HeldRole)> {
        self.roles.iter().filter(move |(_, held)| {
            let ends_before = held.until.is_some_and(|end| end <= from);
            !held.revoked && !ends_before && held.from <= until
        })
    }

    /// The assignment by which the person holds a duty at a moment, and until when.
    pub fn holding(
        &self,
        duty: &Duty,
        at: Timestamp,
    ) -> Option<(&AssignmentId, Option<Timestamp>)> {
        let holds = |held: &HeldRole| {
            held.duty == *duty
                && !held.revoked
                && held.from <= at
                && held.until.is_none_or(|until| at < until)
        };
        let (assignment, held) = self.roles.iter().find(|(_, held)| holds(held))?;
        Some((assignment, held.until))
    }

    fn has_room_for(
        &self,
        duty: &Duty,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<(), Rejection> {
        if until.is_some_and(|until| until <= from) {
            return Err(Rejection::TermEndsBeforeItBegins);
        }
        let before = |end: Option<Timestamp>, begin| end.is_some_and(|end| end <= begin);
        let meets = |held: &HeldRole| {
            !held.revoked && !before(held.until, from) && !before(until, held.from)
        };
        let another = |held: &HeldRole| {
            administers(duty.role) && administers(held.duty.role) && held.duty.role != duty.role
        };
        for (assignment, held) in self.roles.iter().filter(|(_, held)| meets(held)) {
            if another(held) {
                return Err(Rejection::AdministratorsApart(assignment.clone()));
            }
            if held.duty == *duty {
                return Err(Rejection::RoleOverlaps(assignment.clone()));
            }
        }
        Ok(())
    }
}

impl HeldRole {
    /// Whether it is held at this moment.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        !self.revoked && self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// From when it is held.
    pub fn begins(&self) -> Timestamp {
        self.from
    }

    /// Until when it is held; open where none.
    pub fn ends(&self) -> Option<Timestamp> {
        self.until
    }

    /// Whether it was taken back.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }
}

impl From<&RoleAssigned> for HeldRole {
    fn from(event: &RoleAssigned) -> Self {
        let duty = Duty {
            role: event.role,
            scope: event.scope,
            division: event.division,
            grid: event.grid,
            organisation: event.organisation.clone(),
        };
        Self { duty, from: event.from, until: event.until, revoked: false }
    }
}

impl NamedOrganisation {
    /// The organisation, if it takes part in anything.
    pub(super) fn open(self) -> Result<OrganisationId, organisation::Rejection> {
        use organisation::{Rejection, State};
        match self.standing {
            State::Open => Ok(self.id),
            State::Unknown => Err(Rejection::UnknownOrganisation(self.id)),
            State::Closed => Err(Rejection::OrganisationClosed(self.id)),
        }
    }
}

/// The three administrators, who are three persons.
const fn administers(role: Role) -> bool {
    match role {
        Role::Administrator | Role::SecurityAdministrator | Role::AuditAdministrator => true,
        Role::Resident
        | Role::GridMember
        | Role::DepartmentClerk
        | Role::Verifier
        | Role::Operator
        | Role::Supervisor
        | Role::Integrator => false,
    }
}

fn assigned(
    (occurred_at, by): (Timestamp, PersonId),
    person: PersonId,
    assignment: AssignmentId,
    duty: Duty,
    (from, until): (Timestamp, Option<Timestamp>),
) -> RoleAssigned {
    let Duty { role, scope, division, grid, organisation } = duty;
    RoleAssigned {
        occurred_at,
        person,
        assignment,
        role,
        scope,
        division,
        grid,
        organisation,
        from,
        until,
        by: Some(by),
    }
}

#[cfg(test)]
mod tests;
