//! Which events take tokens back. Every process follows them, so that a token that was taken back is
//! refused everywhere within a second.

use kernel::{DecodeError, Revocation, StoredEvent as _, Timestamp};

use crate::access::{PersonEvent, ServiceTokenEvent, SessionEvent, service_token_jti};

/// The aggregates among whose events they are: the tokens in their subjects.
pub const CATEGORIES: &[&str] = &[PersonEvent::CATEGORY, ServiceTokenEvent::CATEGORY];

/// The same of aggregates of which there are ever more, and for how long an event of theirs matters, in
/// milliseconds: no session lasts longer than 31 days.
pub const PASSING: &[(&str, i64)] = &[(SessionEvent::CATEGORY, LONGEST_SESSION_MS)];

/// No session lasts longer than this: 31 days, in milliseconds.
pub const LONGEST_SESSION_MS: i64 = 31 * 24 * 3_600_000;

/// No token is valid for longer than this: 400 days, in milliseconds.
const LONGEST_MS: i64 = 400 * 24 * 3_600_000;

/// What an event as the log stores it takes back; an event of another aggregate takes nothing.
pub fn of(ce_type: &str, payload: &[u8]) -> Result<Vec<Revocation>, DecodeError> {
    if let Some(event) = known(PersonEvent::decode(ce_type, payload))? {
        return Ok(of_person(&event));
    }
    if let Some(event) = known(ServiceTokenEvent::decode(ce_type, payload))? {
        return Ok(of_service_token(&event));
    }
    if let Some(event) = known(SessionEvent::decode(ce_type, payload))? {
        return Ok(of_session(&event));
    }
    Ok(Vec::new())
}

fn known<E>(read: Result<E, DecodeError>) -> Result<Option<E>, DecodeError> {
    match read {
        Ok(event) => Ok(Some(event)),
        Err(DecodeError::UnknownType(_)) => Ok(None),
        Err(error @ (DecodeError::Newer { .. } | DecodeError::Payload { .. })) => Err(error),
    }
}

fn of_person(event: &PersonEvent) -> Vec<Revocation> {
    match event {
        PersonEvent::PersonRegistered(_) | PersonEvent::RoleAssigned(_) => Vec::new(),
        PersonEvent::RoleRevoked(event) => {
            vec![from(event.assignment.to_string(), event.occurred_at)]
        }
    }
}

fn of_service_token(event: &ServiceTokenEvent) -> Vec<Revocation> {
    match event {
        ServiceTokenEvent::ServiceTokenCreated(_) => Vec::new(),
        ServiceTokenEvent::ServiceTokenRotated(event) => {
            let old = service_token_jti(&event.token, event.generation.saturating_sub(1));
            vec![from(old, event.old_ends_at)]
        }
        ServiceTokenEvent::ServiceTokenRevoked(event) => (1..=event.generation)
            .map(|generation| from(service_token_jti(&event.token, generation), event.occurred_at))
            .collect(),
    }
}

fn of_session(event: &SessionEvent) -> Vec<Revocation> {
    match event {
        SessionEvent::SessionStarted(_) => Vec::new(),
        SessionEvent::SessionEnded(event) => vec![Revocation::Of {
            id: event.session.to_string(),
            from: event.occurred_at,
            until: event.absolute_end,
        }],
    }
}

fn from(id: String, from: Timestamp) -> Revocation {
    Revocation::Of { id, from, until: from.plus_millis(LONGEST_MS) }
}
