//! Sign-in links: made by a security administrator, used once by whoever has the code.

use std::time::Duration;

use api::access::v1;
use contracts::{
    access::{LinkPurpose, SignInLinkEvent, SignInMethod},
    subject,
};
use kernel::{
    LogPosition, Role, StoredEvent, Timestamp,
    id::{AssignmentId, PersonId, SignInLinkId},
};
use platform::{
    auth::{Basis, Claims, Placement},
    executor::{ExecuteError, Request, Target, derived_key},
    grpc::{ServiceError, Violations, call::Call},
};

use super::{
    Server,
    begin::{Beginning, Begun, alone},
    duties::{Asked, asked_scope, concerned, duty},
    fields,
    held::{scope_of, word},
    residents,
};
use crate::{
    code::SignInCode,
    domain::{
        person::Duty,
        sign_in_link::{Command, Grant, Rejection},
    },
};

const HOUR: i64 = 3_600;

/// How long a link can be used where nothing is said, and at most: in seconds.
const LINK: (i64, i64) = (HOUR, 24 * HOUR);

/// How long a session lasts where nothing is said, in seconds.
const SESSION: i64 = 8 * HOUR;

pub(super) async fn create_sign_in_link(
    server: &Server,
    request: tonic::Request<v1::CreateSignInLinkRequest>,
) -> Result<v1::CreateSignInLinkResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let person: Option<PersonId> = fields::local(&mut v, county, "person_id", &message.person_id);
    let asked = Asked {
        role: message.role,
        division: &message.division,
        grid: &message.grid,
        organisation_id: &message.organisation_id,
    };
    let scope = asked_scope(&mut v, county, asked);
    let ttl = seconds(&mut v, "ttl_seconds", message.ttl_seconds, LINK);
    let longest = scope.as_ref().map_or(i64::from(u32::MAX), |(role, _)| longest_session(*role));
    let session = (SESSION, longest);
    let session = seconds(&mut v, "session_seconds", message.session_seconds, session);
    let given = request_id.zip(person).zip(scope).zip(ttl.zip(session));
    let (((request_id, person), (role, scope)), (ttl_seconds, session_seconds)) =
        fields::checked(v, given)?;
    let duty = duty(role, &scope);
    call.principal.require(&concerned(&duty, &person))?;
    // Whoever signs in acts in this person's name: it must be one of the caller's own part.
    call.principal.require(&Placement::of_division(person.division()))?;

    let request = call.request(request_id, "CreateSignInLink", &message);
    let organisation = server.named_organisation(duty.organisation.clone()).await?;
    let held = server.holding(&person, &duty).await?.is_some();
    let link = SignInLinkId::new(county, request.key("sign-in link"));
    let sign_in_link_id = link.to_string();
    let code = SignInCode::of(&server.context.tracking_secret, &link);
    let code_hash = code.hash();
    let by = call.principal.person.clone();
    let subject = subject::sign_in_link(&link);
    let target = Target { subject, id: sign_in_link_id.clone(), creates: true };
    let outcome = server
        .sign_in_link
        .execute(target, request, move |at| Command::CreateSignInLink {
            link: link.clone(),
            person: person.clone(),
            duty: duty.clone(),
            organisation: organisation.clone(),
            code_hash,
            ttl_seconds,
            session_seconds,
            by: by.clone(),
            purpose: LinkPurpose::SignIn,
            held,
            at,
        })
        .await?;
    let expires_at = outcome.events.iter().find_map(|event| match event {
        SignInLinkEvent::SignInLinkCreated(event) => Some(event.expires_at.0),
        SignInLinkEvent::SignInLinkUsed(_) => None,
    });
    Ok(v1::CreateSignInLinkResponse {
        code: code.into_text(),
        expires_at: expires_at.unwrap_or_default(),
        sign_in_link_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn use_sign_in_link(
    server: &Server,
    request: tonic::Request<v1::UseSignInLinkRequest>,
) -> Result<v1::UseSignInLinkResponse, ServiceError> {
    let message = request.into_inner();
    let Used { link, grant, holding, at, version, position } =
        server.use_up(&message.code, LinkPurpose::SignIn).await?;
    if grant.duty.role == Role::Resident {
        return resident(server, grant, (version, position));
    }
    let until = at.plus_millis(i64::from(grant.session_seconds) * 1_000);
    let beginning = Beginning {
        person: grant.person,
        assignment: holding.assignment,
        substitution: None,
        duty: grant.duty,
        how: SignInMethod::Link,
        until: Some(holding.until.map_or(until, |ends| ends.min(until))),
        key: derived_key(&[b"session", link.to_string().as_bytes()]),
        roles: 1,
    };
    let Begun { session, position } = server.begin(beginning).await?;
    Ok(v1::UseSignInLinkResponse {
        token: session.token,
        role: session.role,
        person_id: session.person_id,
        expires_at: session.expires_at,
        division: session.division,
        grid: session.grid,
        organisation_id: session.organisation_id,
        version,
        position: Some(position.into()),
        session_id: session.session_id,
        session_ends_at: session.session_ends_at,
    })
}

/// A resident has one token for long, and no session.
fn resident(
    server: &Server,
    grant: Grant,
    (version, position): (u64, LogPosition),
) -> Result<v1::UseSignInLinkResponse, ServiceError> {
    let Grant { person, duty, session_seconds, .. } = grant;
    let scope = scope_of(&duty).map_err(ServiceError::corrupt)?;
    let ttl = Duration::from_secs(u64::from(session_seconds));
    let claims =
        Claims { person: person.clone(), role: duty.role, scope, ttl, basis: Basis::default() };
    let now = server.context.clock.now();
    let token = server.context.issuer.issue(&claims, now).map_err(ServiceError::internal)?;
    Ok(v1::UseSignInLinkResponse {
        token,
        role: word(duty.role),
        person_id: person.to_string(),
        expires_at: residents::end_of(&claims, now),
        version,
        position: Some(position.into()),
        ..v1::UseSignInLinkResponse::default()
    })
}

/// A link that was used up just now.
pub(super) struct Used {
    pub(super) link: SignInLinkId,
    pub(super) grant: Grant,
    holding: Holding,
    at: Timestamp,
    version: u64,
    pub(super) position: LogPosition,
}

/// By what a person holds a role: nothing for residents, who hold theirs by themselves.
#[derive(Default)]
struct Holding {
    assignment: Option<AssignmentId>,
    until: Option<Timestamp>,
}

impl Server {
    /// Uses up the link of this code, if it is for this. A link for something else is unknown.
    pub(super) async fn use_up(
        &self,
        code: &str,
        purpose: LinkPurpose,
    ) -> Result<Used, ServiceError> {
        let (code, link) = SignInCode::read(self.context.county, code).ok_or_else(unknown)?;
        let code_hash = code.hash();
        let subject = subject::sign_in_link(&link);
        let (known, _) = self.sign_in_link.load(&subject).await?;
        let grant = known.grant().filter(|grant| grant.purpose == purpose);
        let grant = grant.cloned().ok_or_else(unknown)?;
        let holding = self.holding(&grant.person, &grant.duty).await?;
        let held = holding.is_some();
        let target = Target { subject, id: link.to_string(), creates: false };
        // Each use is a use of its own, so that the second is not taken for a repeated first.
        let request = Request { body: code_hash, ..alone(&grant.person)? };
        let used = link.clone();
        let outcome = self
            .sign_in_link
            .execute(target, request, move |at| Command::UseSignInLink {
                link: used.clone(),
                code_hash,
                held,
                at,
            })
            .await?;
        Ok(Used {
            link,
            grant,
            holding: holding.unwrap_or_default(),
            at: outcome.events.first().map_or(Timestamp(0), StoredEvent::occurred_at),
            version: outcome.version,
            position: outcome.position,
        })
    }

    /// By which assignment a person holds a duty now; none where they do not.
    async fn holding(
        &self,
        person: &PersonId,
        duty: &Duty,
    ) -> Result<Option<Holding>, ServiceError> {
        if duty.role == Role::Resident {
            return Ok(Some(Holding::default()));
        }
        let (known, _) = self.person.load(&subject::person(person)).await?;
        let held = known.holding(duty, self.context.clock.now());
        Ok(held.map(|(assignment, until)| Holding { assignment: Some(assignment.clone()), until }))
    }
}

/// Whoever works in the field, or sits at one desk among many, need not sign in each day.
const fn longest_session(role: Role) -> i64 {
    match role {
        Role::GridMember | Role::DepartmentClerk | Role::Resident => 30 * 24 * HOUR,
        Role::Verifier
        | Role::Operator
        | Role::Supervisor
        | Role::Administrator
        | Role::SecurityAdministrator
        | Role::AuditAdministrator
        | Role::Integrator => 12 * HOUR,
    }
}

/// Seconds from 1 to a limit; zero means what is usual.
pub(super) fn seconds(
    v: &mut Violations,
    field: &str,
    asked: i64,
    (usual, longest): (i64, i64),
) -> Option<u32> {
    let seconds = if asked == 0 { usual } else { asked };
    if !(1..=longest).contains(&seconds) {
        v.push(
            field,
            format!("this is from 1 to {longest} seconds: shorten it"),
            format!("须为1至{longest}秒"),
        );
        return None;
    }
    u32::try_from(seconds).ok()
}

/// What is no code and what is nobody's code are answered alike.
fn unknown() -> ServiceError {
    ExecuteError::Rejected(Rejection::SignInLinkUnknown).into()
}
