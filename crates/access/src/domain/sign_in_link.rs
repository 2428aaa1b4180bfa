//! A sign-in link: made for one person, and used once before it expires.

use contracts::access::{LinkPurpose, SignInLinkCreated, SignInLinkEvent, SignInLinkUsed};
use kernel::{
    Aggregate, Timestamp,
    hash::Sha256,
    id::{PersonId, SignInLinkId},
};

use super::{
    organisation,
    person::{Duty, NamedOrganisation},
};

/// The aggregate.
pub struct SignInLink;

/// How a link stands.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nobody has made it.
    #[default]
    Unknown,
    /// It can be used until it expires.
    Open(Grant),
    /// It was used.
    Used(Grant),
}

/// What a link is good for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whom it signs in.
    pub person: PersonId,
    /// In which role, over what.
    pub duty: Duty,
    /// How long the session lasts, in seconds.
    pub session_seconds: u32,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// When it was made.
    pub made_at: Timestamp,
    code_hash: Sha256,
    expires_at: Timestamp,
}

/// What may be asked of a link.
#[expect(clippy::large_enum_variant, reason = "a command is made, decided and dropped, one by one")]
#[derive(Clone, Debug)]
pub enum Command {
    /// Make it.
    CreateSignInLink {
        /// The link.
        link: SignInLinkId,
        /// Whom it signs in.
        person: PersonId,
        /// In which role, over what.
        duty: Duty,
        /// How the organisation of the scope stands, where there is one.
        organisation: Option<NamedOrganisation>,
        /// The SHA-256 of its code.
        code_hash: Sha256,
        /// How long it can be used, in seconds.
        ttl_seconds: u32,
        /// How long the session lasts, in seconds.
        session_seconds: u32,
        /// Who makes it.
        by: PersonId,
        /// What it is for.
        purpose: LinkPurpose,
        /// Whether the person holds that role now.
        held: bool,
        /// Now.
        at: Timestamp,
    },
    /// Sign in with it.
    UseSignInLink {
        /// The link.
        link: SignInLinkId,
        /// The SHA-256 of the code that came.
        code_hash: Sha256,
        /// Whether the person holds the role now.
        held: bool,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such link, or its code is another: nobody learns which.
    #[error("no sign-in link has this code: copy all of it, or ask for a new one")]
    SignInLinkUnknown,
    /// It was used.
    #[error("this sign-in link was used before: ask for a new one")]
    SignInLinkUsed,
    /// Its time is over.
    #[error("this sign-in link has expired: ask for a new one")]
    SignInLinkExpired,
    /// The person does not hold the role, or not any more.
    #[error("the person does not hold this role now: give it first, then make a link")]
    RoleNotHeld,
    /// The organisation does not exist, or is closed.
    #[error(transparent)]
    Organisation(#[from] organisation::Rejection),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::SignInLinkUnknown => "SIGN_IN_LINK_UNKNOWN",
            Self::SignInLinkUsed => "SIGN_IN_LINK_USED",
            Self::SignInLinkExpired => "SIGN_IN_LINK_EXPIRED",
            Self::RoleNotHeld => "ROLE_NOT_HELD",
            Self::Organisation(refused) => refused.reason(),
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::SignInLinkUnknown => "登录链接无效, 请完整复制或重新获取".to_owned(),
            Self::SignInLinkUsed => "登录链接已使用过, 请重新获取".to_owned(),
            Self::SignInLinkExpired => "登录链接已过期, 请重新获取".to_owned(),
            Self::RoleNotHeld => "该人员目前不担任此角色, 请先授予角色再生成链接".to_owned(),
            Self::Organisation(refused) => refused.message_zh(),
        }
    }
}

impl Aggregate for SignInLink {
    const CATEGORY: &'static str = SignInLinkEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = SignInLinkEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<SignInLinkEvent>, Rejection> {
        use Command::{CreateSignInLink, UseSignInLink};
        match (state, command) {
            (
                State::Unknown,
                CreateSignInLink {
                    link,
                    person,
                    duty,
                    organisation,
                    code_hash,
                    ttl_seconds,
                    session_seconds,
                    by,
                    purpose,
                    held,
                    at,
                },
            ) => {
                organisation.map(NamedOrganisation::open).transpose()?;
                if !held {
                    return Err(Rejection::RoleNotHeld);
                }
                let Duty { role, scope, division, grid, organisation } = duty;
                let created = SignInLinkCreated {
                    occurred_at: at,
                    link,
                    person,
                    role,
                    scope,
                    division,
                    grid,
                    organisation,
                    code_hash,
                    expires_at: Timestamp(at.0.saturating_add(i64::from(ttl_seconds) * 1_000)),
                    session_seconds,
                    by,
                    purpose: Some(purpose),
                };
                Ok(vec![created.into()])
            }
            (State::Open(_) | State::Used(_), CreateSignInLink { .. }) => Ok(vec![]),
            (State::Open(grant), UseSignInLink { link, code_hash, held: true, at })
                if grant.code_hash == code_hash && at < grant.expires_at =>
            {
                Ok(vec![SignInLinkUsed { occurred_at: at, link }.into()])
            }
            (State::Open(grant), UseSignInLink { code_hash, held: false, at, .. })
                if grant.code_hash == code_hash && at < grant.expires_at =>
            {
                Err(Rejection::RoleNotHeld)
            }

            (State::Open(grant), UseSignInLink { code_hash, .. })
                if grant.code_hash == code_hash =>
            {
                Err(Rejection::SignInLinkExpired)
            }
            (State::Used(grant), UseSignInLink { code_hash, .. })
                if grant.code_hash == code_hash =>
            {
                Err(Rejection::SignInLinkUsed)
            }
            (State::Unknown | State::Open(_) | State::Used(_), UseSignInLink { .. }) => {
                Err(Rejection::SignInLinkUnknown)
            }
        }
    }

    fn evolve(state: State, event: &SignInLinkEvent) -> State {
        match (state, event) {
            (_, SignInLinkEvent::SignInLinkCreated(event)) => State::Open(Grant::from(event)),
            (State::Open(grant) | State::Used(grant), SignInLinkEvent::SignInLinkUsed(_)) => {
                State::Used(grant)
            }
            (State::Unknown, SignInLinkEvent::SignInLinkUsed(_)) => State::Unknown,
        }
    }
}

impl State {
    /// What the link is good for, if it was ever made.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Unknown => None,
            Self::Open(grant) | Self::Used(grant) => Some(grant),
        }
    }
}

impl From<&SignInLinkCreated> for Grant {
    fn from(event: &SignInLinkCreated) -> Self {
        let duty = Duty {
            role: event.role,
            scope: event.scope,
            division: event.division,
            grid: event.grid,
            organisation: event.organisation.clone(),
        };
        Self {
            person: event.person.clone(),
            duty,
            session_seconds: event.session_seconds,
            purpose: event.purpose.unwrap_or(LinkPurpose::SignIn),
            made_at: event.occurred_at,
            code_hash: event.code_hash,
            expires_at: event.expires_at,
        }
    }
}

#[cfg(test)]
mod tests;
