//! A token of a portal or another service: made, replaced, taken back.

use contracts::access::{
    ServiceTokenCreated, ServiceTokenEvent, ServiceTokenRevoked, ServiceTokenRotated,
};
use kernel::{
    Aggregate, Division, MethodPath, Role, Timestamp,
    id::{PersonId, ServiceTokenId},
};

/// The aggregate.
pub struct ServiceToken;

/// How a token stands.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nobody has made it.
    #[default]
    Unknown,
    /// It is taken.
    Active(Grant),
    /// It is taken no more.
    Revoked,
}

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// As whom its bearer acts.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// For which division.
    pub division: Division,
    /// The only methods that its bearer may call.
    pub methods: Vec<MethodPath>,
    /// How long each is valid, in seconds.
    pub ttl_seconds: u32,
    /// How many there have been, from 1.
    pub generation: u32,
    /// When the present one ends.
    pub expires_at: Timestamp,
}

/// What may be asked of a token.
#[derive(Clone, Debug)]
pub enum Command {
    /// Make it.
    CreateServiceToken {
        /// The token.
        token: ServiceTokenId,
        /// As whom its bearer acts.
        person: PersonId,
        /// In which role.
        role: Role,
        /// For which division.
        division: Division,
        /// The only methods that its bearer may call.
        methods: Vec<MethodPath>,
        /// How long each is valid, in seconds.
        ttl_seconds: u32,
        /// Who makes it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Put a new one in its place.
    RotateServiceToken {
        /// The token.
        token: ServiceTokenId,
        /// How long the old one is taken beside the new one, in seconds.
        overlap_seconds: u32,
        /// Who does it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Take it back.
    RevokeServiceToken {
        /// The token.
        token: ServiceTokenId,
        /// Who does it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is none of this name.
    #[error("there is no token {0}: look at the list of tokens")]
    ServiceTokenUnknown(ServiceTokenId),
    /// There is one of this name.
    #[error("there is a token {0} already: rotate it, or choose another name")]
    ServiceTokenExists(ServiceTokenId),
    /// It was taken back, and its name is not used again.
    #[error("the token {0} was taken back: make one under another name")]
    ServiceTokenRevoked(ServiceTokenId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::ServiceTokenUnknown(_) => "SERVICE_TOKEN_UNKNOWN",
            Self::ServiceTokenExists(_) => "SERVICE_TOKEN_EXISTS",
            Self::ServiceTokenRevoked(_) => "SERVICE_TOKEN_REVOKED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::ServiceTokenUnknown(id) => format!("没有令牌 {id}, 请核对令牌列表"),
            Self::ServiceTokenExists(id) => format!("令牌 {id} 已存在, 请轮换它或另取名称"),
            Self::ServiceTokenRevoked(id) => format!("令牌 {id} 已收回, 请另取名称新建"),
        }
    }
}

impl Aggregate for ServiceToken {
    const CATEGORY: &'static str = ServiceTokenEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = ServiceTokenEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<ServiceTokenEvent>, Rejection> {
        use Command::{CreateServiceToken, RevokeServiceToken, RotateServiceToken};
        match (state, command) {
            (
                State::Unknown,
                CreateServiceToken { token, person, role, division, methods, ttl_seconds, by, at },
            ) => {
                let created = ServiceTokenCreated {
                    occurred_at: at,
                    token,
                    person,
                    role,
                    division,
                    methods,
                    ttl_seconds,
                    expires_at: later(at, ttl_seconds),
                    by,
                };
                Ok(vec![created.into()])
            }
            (State::Active(grant), RotateServiceToken { token, overlap_seconds, by, at }) => {
                let rotated = ServiceTokenRotated {
                    occurred_at: at,
                    token,
                    generation: grant.generation + 1,
                    expires_at: later(at, grant.ttl_seconds),
                    old_ends_at: later(at, overlap_seconds).min(grant.expires_at).max(at),
                    by,
                };
                Ok(vec![rotated.into()])
            }
            (State::Active(grant), RevokeServiceToken { token, by, at }) => {
                let generation = grant.generation;
                Ok(vec![ServiceTokenRevoked { occurred_at: at, token, generation, by }.into()])
            }
            (State::Revoked, RevokeServiceToken { .. }) => Ok(vec![]),

            (State::Active(grant), CreateServiceToken { token, person, .. }) => {
                // The person follows from the request: another's request meets a name that is taken.
                if grant.person == person {
                    Ok(vec![])
                } else {
                    Err(Rejection::ServiceTokenExists(token))
                }
            }
            (
                State::Revoked,
                CreateServiceToken { token, .. } | RotateServiceToken { token, .. },
            ) => Err(Rejection::ServiceTokenRevoked(token)),
            (
                State::Unknown,
                RotateServiceToken { token, .. } | RevokeServiceToken { token, .. },
            ) => Err(Rejection::ServiceTokenUnknown(token)),
        }
    }

    fn evolve(state: State, event: &ServiceTokenEvent) -> State {
        match (state, event) {
            (_, ServiceTokenEvent::ServiceTokenCreated(event)) => State::Active(Grant::from(event)),
            (State::Active(grant), ServiceTokenEvent::ServiceTokenRotated(event)) => {
                let (generation, expires_at) = (event.generation, event.expires_at);
                State::Active(Grant { generation, expires_at, ..grant })
            }
            (_, ServiceTokenEvent::ServiceTokenRevoked(_)) => State::Revoked,
            (
                state @ (State::Unknown | State::Revoked),
                ServiceTokenEvent::ServiceTokenRotated(_),
            ) => state,
        }
    }
}

impl From<&ServiceTokenCreated> for Grant {
    fn from(event: &ServiceTokenCreated) -> Self {
        Self {
            person: event.person.clone(),
            role: event.role,
            division: event.division,
            methods: event.methods.clone(),
            ttl_seconds: event.ttl_seconds,
            generation: 1,
            expires_at: event.expires_at,
        }
    }
}

fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at.plus_millis(i64::from(seconds) * 1_000)
}

#[cfg(test)]
mod tests;
