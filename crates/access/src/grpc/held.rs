//! The roles that a person can act in at a moment: their own, and those in which they stand in.

use api::access::v1;
use contracts::subject;
use kernel::{
    Timestamp,
    id::{AssignmentId, PersonId, SubstitutionId},
};
use platform::{
    auth::{
        Scope,
        scope::{ScopeMisfit, ScopeParts},
    },
    grpc::ServiceError,
};

use super::Server;
use crate::{domain::person::Duty, projections::substitutions};

/// A role that a person can act in.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) assignment: AssignmentId,
    /// Whose role it is: the person's own, as a rule.
    pub(super) holder: PersonId,
    /// By which substitution they have it, if it is another's.
    pub(super) substitution: Option<SubstitutionId>,
    pub(super) duty: Duty,
    pub(super) begins: Timestamp,
    /// Open where none.
    pub(super) ends: Option<Timestamp>,
}

impl Server {
    /// The roles of a person at a moment, in the order in which they were given; those in which they
    /// stand in come last.
    pub(super) async fn held_roles(
        &self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Vec<Held>, ServiceError> {
        let (state, _) = self.person.load(&subject::person(person)).await?;
        let mut held: Vec<Held> = state
            .roles_between(now, now)
            .filter(|(_, role)| role.holds_at(now))
            .map(|(assignment, role)| Held {
                assignment: assignment.clone(),
                holder: person.clone(),
                substitution: None,
                duty: role.duty.clone(),
                begins: role.begins(),
                ends: role.ends(),
            })
            .collect();
        held.sort_by_key(|role| role.begins);
        for id in substitutions::of_substitute(&self.substitutions, person).await? {
            let id: SubstitutionId = id.parse().map_err(ServiceError::corrupt)?;
            held.extend(self.stood_in(person, &id, now).await?);
        }
        Ok(held)
    }

    /// The role that a substitution gives a person at a moment.
    async fn stood_in(
        &self,
        person: &PersonId,
        id: &SubstitutionId,
        now: Timestamp,
    ) -> Result<Option<Held>, ServiceError> {
        let (state, _) = self.substitution.load(&subject::substitution(id)).await?;
        let Some(standing) = state.holds_at(now).filter(|term| term.substitute == *person) else {
            return Ok(None);
        };
        let (holder, _) = self.person.load(&subject::person(&standing.holder)).await?;
        let role = holder.role(&standing.assignment).filter(|role| role.holds_at(now));
        Ok(role.map(|role| Held {
            assignment: standing.assignment.clone(),
            holder: standing.holder.clone(),
            substitution: Some(id.clone()),
            duty: role.duty.clone(),
            begins: standing.from,
            ends: Some(role.ends().map_or(standing.until, |ends| ends.min(standing.until))),
        }))
    }

    /// Whether a person can act in a role at a moment: whether a session of it goes on.
    pub(super) async fn still_holds(
        &self,
        person: &PersonId,
        assignment: &AssignmentId,
        substitution: Option<&SubstitutionId>,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        if let Some(id) = substitution {
            return Ok(self.stood_in(person, id, now).await?.is_some());
        }
        let (state, _) = self.person.load(&subject::person(person)).await?;
        Ok(state.role(assignment).is_some_and(|role| role.holds_at(now)))
    }
}

/// The scope that a duty means.
pub(super) fn scope_of(duty: &Duty) -> Result<Scope, ScopeMisfit> {
    let parts =
        ScopeParts { division: duty.division, grid: duty.grid, org: duty.organisation.clone() };
    Scope::for_role(duty.role, parts)
}

/// A role by its number in answers.
pub(super) fn word(role: kernel::Role) -> i32 {
    v1::Role::from_str_name(&api::name(&role, "ROLE_")).unwrap_or_default().into()
}

/// What there is as text, and nothing as none.
pub(super) fn shown<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

impl From<Held> for v1::HeldRole {
    fn from(held: Held) -> Self {
        let substituted = held.substitution.is_some();
        Self {
            assignment_id: held.assignment.to_string(),
            role: word(held.duty.role),
            division: shown(held.duty.division.as_ref()),
            grid: shown(held.duty.grid.as_ref()),
            organisation_id: shown(held.duty.organisation.as_ref()),
            from: held.begins.0,
            until: held.ends.map_or(0, |ends| ends.0),
            substitution_id: shown(held.substitution.as_ref()),
            on_behalf_of: if substituted { held.holder.to_string() } else { String::new() },
        }
    }
}
