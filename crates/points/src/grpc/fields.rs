//! Fields that several methods have.

use std::{fmt::Display, str::FromStr};

use kernel::{
    Division, Role,
    id::{AwardId, CaseId, PersonId, ProgrammeId},
};
use platform::{
    auth::{Placement, Principal},
    grpc::{ServiceError, Violations},
};

/// The most characters of a programme's name.
pub(super) const NAME_CHARS: usize = 60;

/// What lies in a division.
pub(super) trait Located {
    /// The division.
    fn located(&self) -> Division;
}

macro_rules! located {
    ($($id:ty),*) => {$(impl Located for $id {
        fn located(&self) -> Division {
            self.division()
        }
    })*};
}

located! { ProgrammeId, AwardId, PersonId, CaseId }

impl Located for Division {
    fn located(&self) -> Division {
        *self
    }
}

/// A code or an id that must be there and lie in the county.
pub(super) fn local<T: Located + FromStr<Err: Display>>(
    v: &mut Violations,
    county: Division,
    field: &str,
    text: &str,
) -> Option<T> {
    v.required(field, (!text.is_empty()).then_some(()))?;
    local_optional(v, county, field, text)
}

/// The same where empty means none.
pub(super) fn local_optional<T: Located + FromStr<Err: Display>>(
    v: &mut Violations,
    county: Division,
    field: &str,
    text: &str,
) -> Option<T> {
    let value: T = v.parse_optional(field, text)?;
    if county.contains(value.located()) {
        return Some(value);
    }
    v.push(
        field,
        format!("this lies outside of {county}: ask that county's suite"),
        format!("不属于本县（{county}），请核对"),
    );
    None
}

/// What the violations speak for: all fields are there, or the call ends here.
pub(super) fn checked<T>(v: Violations, fields: Option<T>) -> Result<T, ServiceError> {
    v.finish()?;
    fields.ok_or_else(|| ServiceError::internal(Unnoted))
}

#[derive(Debug, thiserror::Error)]
#[error("a field was refused without a violation")]
struct Unnoted;

/// Whose account is asked for: the resident who is named, else the caller, if a resident.
pub(super) fn resident(
    v: &mut Violations,
    county: Division,
    caller: &Principal,
    person_id: &str,
) -> Option<PersonId> {
    if person_id.is_empty() && caller.role == Role::Resident {
        return Some(caller.person.clone());
    }
    local(v, county, "person_id", person_id)
}

/// Where a resident's account stands: the resident sees it, and the programme's staff.
pub(super) fn account(programme: &ProgrammeId, person: &PersonId) -> Placement {
    Placement { reporter: Some(person.clone()), ..Placement::of_division(programme.division()) }
}
