//! How a session begins, whatever it begins with, and how its tokens are made.

use std::time::Duration;

use api::access::v1;
use contracts::{
    access::{SessionEndReason, SessionEvent, SignInMethod},
    subject,
};
use kernel::{
    Actor, ErrorCode, LogPosition, Timestamp,
    hash::Sha256,
    id::{AssignmentId, Key, PersonId, SessionId, SubstitutionId},
};
use platform::{
    auth::{AuthError, Basis, Claims, scope::ScopeParts},
    executor::{Request, Target},
    grpc::ServiceError,
    telemetry::TraceContext,
};

use super::{
    Server,
    held::{Held, scope_of, shown, word},
    residents::{end_of, random_key},
};
use crate::{
    domain::{
        person::Duty,
        session::{Command, Running},
    },
    projections::sessions,
};

/// A session that is to begin.
pub(super) struct Beginning {
    pub(super) person: PersonId,
    pub(super) assignment: Option<AssignmentId>,
    pub(super) substitution: Option<SubstitutionId>,
    pub(super) duty: Duty,
    pub(super) how: SignInMethod,
    /// It is over then at the latest, if this is before what is usual.
    pub(super) until: Option<Timestamp>,
    /// The key of its id.
    pub(super) key: Key,
    /// How many roles the person could sign in with.
    pub(super) roles: usize,
}

/// A session that has begun.
pub(super) struct Begun {
    pub(super) session: v1::SessionToken,
    pub(super) position: LogPosition,
}

impl Beginning {
    /// A session in a role that a person holds.
    pub(super) fn in_role(
        person: PersonId,
        held: &Held,
        roles: usize,
        how: SignInMethod,
    ) -> Result<Self, ServiceError> {
        Ok(Self {
            person,
            assignment: Some(held.assignment.clone()),
            substitution: held.substitution.clone(),
            duty: held.duty.clone(),
            how,
            until: held.ends,
            key: random_key()?,
            roles,
        })
    }
}

impl Server {
    /// Begins a session of a person who has proven who they are, in the role of this assignment, or
    /// in the first that they were given.
    pub(super) async fn begin_in_role(
        &self,
        person: PersonId,
        assignment: Option<&AssignmentId>,
        how: SignInMethod,
    ) -> Result<Begun, ServiceError> {
        let held = self.held_roles(&person, self.context.clock.now()).await?;
        let chosen = match assignment {
            Some(wanted) => held.iter().find(|role| role.assignment == *wanted),
            None => held.first(),
        };
        let chosen = chosen.ok_or_else(no_role)?;
        let beginning = Beginning::in_role(person, chosen, held.len(), how)?;
        self.begin(beginning).await
    }

    /// Begins a session and makes its first token.
    pub(super) async fn begin(&self, beginning: Beginning) -> Result<Begun, ServiceError> {
        let Beginning { person, assignment, substitution, duty, how, until, key, roles } =
            beginning;
        let length = self.config.sessions.of(duty.role);
        let session = SessionId::new(self.context.county, key);
        let id = session.to_string();
        let request = alone(&person)?;
        let target = Target { subject: subject::session(&session), id, creates: true };
        let begun = session.clone();
        let outcome = self
            .session
            .execute(target, request, move |at| {
                let longest = at.plus_millis(i64::from(length.longest) * 1_000);
                let running = Running {
                    person: person.clone(),
                    assignment: assignment.clone(),
                    substitution: substitution.clone(),
                    duty: duty.clone(),
                    how,
                    idle_seconds: length.idle,
                    absolute_end: until.map_or(longest, |until| until.min(longest)),
                };
                Command::StartSession { session: begun.clone(), running, at }
            })
            .await?;
        let running = outcome.events.iter().find_map(|event| match event {
            SessionEvent::SessionStarted(event) => Some(Running::from(event)),
            SessionEvent::SessionEnded(_) => None,
        });
        let running = running.ok_or_else(over)?;
        let session = self.token_of(&session, &running, roles)?;
        Ok(Begun { session, position: outcome.position })
    }

    /// A new token of a session.
    pub(super) fn token_of(
        &self,
        session: &SessionId,
        running: &Running,
        roles: usize,
    ) -> Result<v1::SessionToken, ServiceError> {
        let now = self.context.clock.now();
        let left = running.absolute_end.0.saturating_sub(now.0).div_euclid(1_000);
        let seconds = u64::try_from(left.min(i64::from(running.idle_seconds))).unwrap_or_default();
        if seconds == 0 {
            return Err(over());
        }
        let claims = Claims {
            person: running.person.clone(),
            role: running.duty.role,
            scope: scope_of(&running.duty).map_err(ServiceError::corrupt)?,
            ttl: Duration::from_secs(seconds),
            basis: Basis {
                session: Some(session.clone()),
                assignment: running.assignment.clone(),
                ..Basis::default()
            },
        };
        let token = self.context.issuer.issue(&claims, now).map_err(ServiceError::internal)?;
        let ScopeParts { division, grid, org } = claims.scope.parts();
        Ok(v1::SessionToken {
            token,
            expires_at: end_of(&claims, now),
            session_id: session.to_string(),
            session_ends_at: running.absolute_end.0,
            person_id: running.person.to_string(),
            role: word(running.duty.role),
            division: shown(division.as_ref()),
            grid: shown(grid.as_ref()),
            organisation_id: shown(org.as_ref()),
            roles: i32::try_from(roles).unwrap_or(i32::MAX),
        })
    }

    /// Ends one session.
    pub(super) async fn end(
        &self,
        session: &SessionId,
        why: SessionEndReason,
        request: Request,
    ) -> Result<(u64, LogPosition), ServiceError> {
        let subject = subject::session(session);
        let target = Target { subject, id: session.to_string(), creates: false };
        let session = session.clone();
        let ended = self.session.execute(target, request, move |at| Command::EndSession {
            session: session.clone(),
            why,
            at,
        });
        let outcome = ended.await?;
        Ok((outcome.version, outcome.position))
    }

    /// Ends the open sessions of a person but one, and those of one assignment only where one is
    /// named. Answers how many.
    pub(super) async fn end_all(
        &self,
        person: &PersonId,
        (except, assignment): (Option<&SessionId>, Option<&AssignmentId>),
        why: SessionEndReason,
        request: &Request,
    ) -> Result<(i32, LogPosition), ServiceError> {
        // What has begun a moment ago is to end too, so the table must have all there is.
        let head = self.context.log.stream().state().await?.last;
        let mut position = LogPosition { log: self.context.log.name().to_owned(), sequence: head };
        self.context.wait(&self.sessions, Some(position.clone())).await?;
        let now = self.context.clock.now();
        let mut ended = 0;
        for (id, row) in sessions::open_of(&self.sessions, person, now).await? {
            let id: SessionId = id.parse().map_err(ServiceError::corrupt)?;
            let other = assignment.is_some_and(|wanted| wanted.to_string() != row.assignment);
            if Some(&id) != except && !other {
                (_, position) = self.end(&id, why, request.clone()).await?;
                ended += 1;
            }
        }
        Ok((ended, position))
    }
}

/// The request of somebody who acts for themselves, each of which is one of its own. Its body has no
/// part in it: a hash of a password in the log would be there for ever.
pub(super) fn alone(person: &PersonId) -> Result<Request, ServiceError> {
    let actor = Actor::Person(person.clone());
    Ok(Request {
        caller: actor.to_string(),
        request_id: random_key()?.to_string(),
        body: Sha256::default(),
        actor,
        cause: None,
        traceparent: Some(TraceContext::current().to_string()),
    })
}

/// The session is over, as a token of it would be.
pub(super) fn over() -> ServiceError {
    AuthError::Revoked.into()
}

/// The person cannot act in this role.
pub(super) fn no_role() -> ServiceError {
    ServiceError::new(
        ErrorCode::Refused,
        "NO_ROLE",
        "you hold no such role now: ask the security administrator",
        "您目前没有该角色, 请联系安全管理员",
    )
}
