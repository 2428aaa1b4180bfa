//! Enrolment: a link lets its person choose login, password and second factor, once.

use std::time::Duration;

use api::access::v1;
use contracts::{
    access::{LinkPurpose, ScopeKind, SessionEndReason, SignInLinkEvent, SignInMethod},
    subject,
};
use kernel::{
    ErrorCode, Role,
    id::{PersonId, RecordId, SignInLinkId},
};
use platform::{
    auth::{Basis, Claims, Scope},
    executor::{ExecuteError, Target, derived_key},
    grpc::{ServiceError, Violations, call::Call},
};

use super::{
    Server,
    accounts::concerned,
    begin::{Begun, alone},
    credentials::new_secret,
    fields,
    residents::end_of,
    sign_in::{Used, seconds},
};
use crate::{
    code::SignInCode,
    domain::{
        account::{Command, Credentials, Rejection},
        person::{self, Duty},
        sign_in_link::{self, Grant},
    },
    logins::{self, Kind},
    passwords, totp,
};

pub(super) const GET: &str = "/weft.access.v1.AccessService/GetEnrolment";
pub(super) const COMPLETE: &str = "/weft.access.v1.AccessService/CompleteEnrolment";

const HOUR: i64 = 3_600;

/// How long a person has to choose, once the link is used up.
const CHOOSING: Duration = Duration::from_mins(30);

pub(super) async fn create_enrolment_link(
    server: &Server,
    request: tonic::Request<v1::CreateEnrolmentLinkRequest>,
) -> Result<v1::CreateEnrolmentLinkResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let ttl = seconds(&mut v, "ttl_seconds", message.ttl_seconds, (HOUR, 24 * HOUR));
    let ttl_seconds = fields::checked(v, ttl)?;
    let (request_id, person) = concerned(server, &call, &message.request_id, &message.person_id)?;
    if person == call.principal.person {
        return Err(not_oneself());
    }
    let (known, _) = server.person.load(&subject::person(&person)).await?;
    if !known.is_registered() {
        return Err(ExecuteError::Rejected(person::Rejection::UnknownPerson(person)).into());
    }
    let request = call.request(request_id, "CreateEnrolmentLink", &message);
    let link = SignInLinkId::new(server.context.county, request.key("enrolment link"));
    let sign_in_link_id = link.to_string();
    let code = SignInCode::of(&server.context.tracking_secret, &link);
    let code_hash = code.hash();
    let by = call.principal.person.clone();
    let (subject, id) = (subject::sign_in_link(&link), sign_in_link_id.clone());
    let target = Target { subject, id, creates: true };
    let outcome = server
        .sign_in_link
        .execute(target, request, move |at| sign_in_link::Command::CreateSignInLink {
            link: link.clone(),
            person: person.clone(),
            // It gives no role: only what everybody has.
            duty: Duty {
                role: Role::Resident,
                scope: ScopeKind::Own,
                division: None,
                grid: None,
                organisation: None,
            },
            organisation: None,
            code_hash,
            ttl_seconds,
            session_seconds: u32::try_from(CHOOSING.as_secs()).unwrap_or(u32::MAX),
            by: by.clone(),
            purpose: LinkPurpose::Enrol,
            // What everybody has is held by everybody.
            held: true,
            at,
        })
        .await?;
    let expires_at = outcome.events.iter().find_map(|event| match event {
        SignInLinkEvent::SignInLinkCreated(event) => Some(event.expires_at.0),
        SignInLinkEvent::SignInLinkUsed(_) => None,
    });
    Ok(v1::CreateEnrolmentLinkResponse {
        code: code.into_text(),
        expires_at: expires_at.unwrap_or_default(),
        sign_in_link_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn begin_enrolment(
    server: &Server,
    request: tonic::Request<v1::BeginEnrolmentRequest>,
) -> Result<v1::BeginEnrolmentResponse, ServiceError> {
    let message = request.into_inner();
    let Used { link, grant, position, .. } =
        server.use_up(&message.code, LinkPurpose::Enrol).await?;
    server.still_to_come(&grant).await?;
    let person = grant.person;
    let record = secret_record(&person, &link);
    // Sealed once: who loads the page again sees the same secret.
    server.context.vault.seal(&person.to_string(), &record, &new_secret()?).await?;
    let claims = Claims {
        person,
        role: Role::Resident,
        scope: Scope::Own,
        ttl: CHOOSING,
        basis: Basis {
            token_id: Some(link.to_string()),
            methods: vec![GET.to_owned(), COMPLETE.to_owned()],
            ..Basis::default()
        },
    };
    let now = server.context.clock.now();
    let token = server.context.issuer.issue(&claims, now).map_err(ServiceError::internal)?;
    let expires_at = end_of(&claims, now);
    Ok(v1::BeginEnrolmentResponse { token, expires_at, position: Some(position.into()) })
}

pub(super) async fn get_enrolment(
    server: &Server,
    request: tonic::Request<v1::GetEnrolmentRequest>,
) -> Result<v1::GetEnrolmentResponse, ServiceError> {
    let call = Call::of(&request)?;
    let Enrolling { secret, .. } = server.enrolling(&call).await?;
    let login = server.login_of(&call.principal.person).await?;
    Ok(v1::GetEnrolmentResponse {
        secret: totp::base32(&secret),
        authenticator_url: totp::authenticator_url(&secret, &label(server), &login),
        login,
    })
}

pub(super) async fn complete_enrolment(
    server: &Server,
    request: tonic::Request<v1::CompleteEnrolmentRequest>,
) -> Result<v1::CompleteEnrolmentResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let Enrolling { grant, factor, secret } = server.enrolling(&call).await?;
    let person = grant.person;
    let mut v = Violations::new();
    let login = logins::chosen(&mut v, "login", &message.login);
    passwords::validate(&mut v, "password", &message.password, login.as_deref().unwrap_or(""));
    let step = totp::step_of_code(&secret, &message.code, server.context.clock.now());
    if step.is_none() {
        v.push(
            "code",
            "type the six digits that the authenticator shows now",
            "请输入身份验证器当前显示的6位数字",
        );
    }
    let (login, step) = fields::checked(v, login.zip(step))?;
    let vault = &server.context.vault;
    let before = server.login_of(&person).await?;
    if !logins::claim(vault, Kind::Login, &login, &person).await? {
        let mut v = Violations::new();
        v.push("login", "this login is taken: choose another", "该登录名已被使用, 请更换");
        v.finish()?;
    }
    let hashed = server.passwords.hash(&message.password).await?;
    let credentials = Credentials {
        login: server.sealed(&person, login.as_bytes()).await?,
        password: server.sealed(&person, &hashed).await?,
        factor,
    };
    let id = person.to_string();
    let target = Target { subject: subject::account(&person), id, creates: false };
    let (who, link_made) = (person.clone(), grant.made_at);
    let outcome = server
        .account
        .execute(target, alone(&person)?, move |at| Command::CompleteEnrolment {
            person: who.clone(),
            credentials: credentials.clone(),
            step,
            link_made,
            at,
        })
        .await?;
    if !before.is_empty() && before != login {
        logins::release(vault, Kind::Login, &before, &person).await?;
    }
    let why = SessionEndReason::CredentialsChanged;
    server.end_all(&person, (None, None), why, &alone(&person)?).await?;
    let now = server.context.clock.now();
    if server.held_roles(&person, now).await?.is_empty() {
        let position = Some(outcome.position.into());
        return Ok(v1::CompleteEnrolmentResponse { session: None, position });
    }
    let Begun { session, position } =
        server.begin_in_role(person, None, SignInMethod::Enrolment).await?;
    Ok(v1::CompleteEnrolmentResponse { session: Some(session), position: Some(position.into()) })
}

/// An enrolment that has begun and is still to come.
struct Enrolling {
    grant: Grant,
    factor: RecordId,
    secret: Vec<u8>,
}

impl Server {
    /// The enrolment that the caller's token is for.
    async fn enrolling(&self, call: &Call) -> Result<Enrolling, ServiceError> {
        let principal = &call.principal;
        let link: SignInLinkId = principal.token_id.parse().map_err(|_| no_enrolment())?;
        let (state, _) = self.sign_in_link.load(&subject::sign_in_link(&link)).await?;
        let grant = match state {
            sign_in_link::State::Used(grant) => Some(grant),
            sign_in_link::State::Unknown | sign_in_link::State::Open(_) => None,
        };
        let grant = grant
            .filter(|grant| grant.purpose == LinkPurpose::Enrol && grant.person == principal.person)
            .ok_or_else(no_enrolment)?;
        self.still_to_come(&grant).await?;
        let factor = secret_record(&grant.person, &link);
        let secret = self.opened(&factor).await?.ok_or_else(no_enrolment)?;
        Ok(Enrolling { grant, factor, secret })
    }

    /// Refuses an enrolment by a link that is older than the last one.
    async fn still_to_come(&self, grant: &Grant) -> Result<(), ServiceError> {
        let (account, _) = self.account.load(&subject::account(&grant.person)).await?;
        if account.takes_enrolment(grant.made_at) {
            return Ok(());
        }
        Err(ExecuteError::Rejected(Rejection::EnrolmentOver).into())
    }
}

/// What an authenticator calls this suite.
pub(super) fn label(server: &Server) -> String {
    format!("Weft-{}", server.context.county)
}

/// Where the secret is that an enrolment shows.
fn secret_record(person: &PersonId, link: &SignInLinkId) -> RecordId {
    let key = derived_key(&[b"second factor", link.to_string().as_bytes()]);
    RecordId::new(person.division(), key)
}

fn no_enrolment() -> ServiceError {
    ServiceError::new(
        ErrorCode::Refused,
        "NO_ENROLMENT",
        "this token is of no enrolment: open an enrolment link",
        "该令牌不属于任何开户过程, 请打开开户链接",
    )
}

fn not_oneself() -> ServiceError {
    ServiceError::new(
        ErrorCode::PermissionDenied,
        "NOT_FOR_YOURSELF",
        "nobody makes an enrolment link for themselves: ask another security administrator",
        "不能为自己生成开户链接, 请联系另一位安全管理员",
    )
}
