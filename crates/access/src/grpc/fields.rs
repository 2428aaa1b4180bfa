//! Fields that several methods have.

use std::{fmt::Display, str::FromStr};

use kernel::{
    Division,
    id::{AssignmentId, OrganisationId, PersonId, ServiceTokenId, SessionId, SubstitutionId},
};
use platform::grpc::{ServiceError, Violations};

/// The most characters of a person's or an organisation's name.
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

located! { PersonId, OrganisationId, AssignmentId, SessionId, SubstitutionId, ServiceTokenId }

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
