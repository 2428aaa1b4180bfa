//! Sign-in links: made by a security administrator, used once by whoever has the code.

use std::time::Duration;

use api::access::v1;
use contracts::{access::SignInLinkEvent, subject};
use kernel::{
    Actor, Role, Timestamp,
    id::{AssignmentId, PersonId, SignInLinkId},
};
use platform::{
    auth::{Basis, Claims, Placement, Scope, scope::ScopeParts},
    executor::{ExecuteError, Request, Target},
    grpc::{ServiceError, Violations, call::Call},
    telemetry::TraceContext,
};

use super::{
    Server,
    duties::{Asked, asked_scope, concerned, duty},
    fields, residents,
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
    let context = &server.context;
    let (code, link) = SignInCode::read(context.county, &message.code).ok_or_else(unknown)?;
    let code_hash = code.hash();
    let subject = subject::sign_in_link(&link);
    let (known, _) = server.sign_in_link.load(&subject).await?;
    let grant = known.grant().cloned().ok_or_else(unknown)?;
    let holding = server.holding(&grant.person, &grant.duty).await?;
    let held = holding.is_some();

    let actor = Actor::Person(grant.person.clone());
    let request = Request {
        caller: actor.to_string(),
        // Each use is a use of its own, so that the second is not taken for a repeated first.
        request_id: residents::random_key()?.to_string(),
        body: code_hash,
        actor,
        cause: None,
        traceparent: Some(TraceContext::current().to_string()),
    };
    let target = Target { subject, id: link.to_string(), creates: false };
    let outcome = server
        .sign_in_link
        .execute(target, request, move |at| Command::UseSignInLink {
            link: link.clone(),
            code_hash,
            held,
            at,
        })
        .await?;

    let Grant { person, duty, session_seconds, .. } = grant;
    let parts = ScopeParts { division: duty.division, grid: duty.grid, org: duty.organisation };
    let scope = Scope::for_role(duty.role, parts).map_err(ServiceError::corrupt)?;
    let ScopeParts { division, grid, org } = scope.parts();
    let now = context.clock.now();
    let Holding { assignment, until } = holding.unwrap_or_default();
    let ttl = Duration::from_secs(u64::from(session_seconds)).min(until_then(until, now));
    let basis = Basis { assignment, ..Basis::default() };
    let claims = Claims { person: person.clone(), role: duty.role, scope, ttl, basis };
    let token = context.issuer.issue(&claims, now).map_err(ServiceError::internal)?;
    let role = v1::Role::from_str_name(&api::name(&duty.role, "ROLE_"));
    Ok(v1::UseSignInLinkResponse {
        token,
        role: role.unwrap_or_default().into(),
        person_id: person.to_string(),
        expires_at: residents::end_of(&claims, now),
        division: division.map(|division| division.to_string()).unwrap_or_default(),
        grid: grid.map(|grid| grid.to_string()).unwrap_or_default(),
        organisation_id: org.map(|org| org.to_string()).unwrap_or_default(),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

/// By what a person holds a role: nothing for residents, who hold theirs by themselves.
#[derive(Default)]
struct Holding {
    assignment: Option<AssignmentId>,
    until: Option<Timestamp>,
}

impl Server {
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

/// How long it is until a term ends: no token outlives it.
fn until_then(until: Option<Timestamp>, now: Timestamp) -> Duration {
    until.map_or(Duration::MAX, |until| {
        Duration::from_millis(u64::try_from(until.0.saturating_sub(now.0)).unwrap_or_default())
    })
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
