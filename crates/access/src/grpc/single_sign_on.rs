//! Signing in by another issuer's word: nobody comes into being by it, a security administrator links
//! the issuer's person to one of the county.

use api::access::v1;
use contracts::{access::SignInMethod, subject};
use kernel::{
    ErrorCode,
    id::{AssignmentId, PersonId, RecordId},
};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, accounts::concerned, begin::Begun, fields};
use crate::{
    domain::account::Command,
    logins::{self, Kind},
    oidc::{Came, Provider},
};

/// The most bytes of what an issuer sends.
const MOST: usize = 16 * 1_024;

/// The most characters of a subject (OpenID Connect Core 1.0, section 2).
const SUBJECT_CHARS: usize = 255;

pub(super) async fn begin_issuer_sign_in(
    server: &Server,
    request: tonic::Request<v1::BeginIssuerSignInRequest>,
) -> Result<v1::BeginIssuerSignInResponse, ServiceError> {
    let message = request.into_inner();
    let provider = server.provider()?;
    let mut v = Violations::new();
    v.required_text("redirect_uri", &message.redirect_uri, 2_000);
    v.finish()?;
    let going = provider.begin(&message.redirect_uri, server.context.clock.now()).await?;
    Ok(v1::BeginIssuerSignInResponse {
        authorization_url: going.url,
        state: going.state,
        nonce: going.nonce,
        code_verifier: going.verifier,
    })
}

pub(super) async fn complete_issuer_sign_in(
    server: &Server,
    request: tonic::Request<v1::CompleteIssuerSignInRequest>,
) -> Result<v1::CompleteIssuerSignInResponse, ServiceError> {
    let message = request.into_inner();
    let provider = server.provider()?;
    let came = Came {
        code: &message.code,
        nonce: &message.nonce,
        verifier: &message.code_verifier,
        redirect_uri: &message.redirect_uri,
    };
    if [came.code, came.nonce, came.verifier]
        .iter()
        .any(|text| text.is_empty() || text.len() > MOST)
    {
        return Err(not_linked());
    }
    let subject = provider.complete(came, server.context.clock.now()).await?;
    let Begun { session, position } = server.sign_in_linked(provider, &subject, None).await?;
    let position = Some(position.into());
    Ok(v1::CompleteIssuerSignInResponse { session: Some(session), position })
}

pub(super) async fn exchange_token(
    server: &Server,
    request: tonic::Request<v1::ExchangeTokenRequest>,
) -> Result<v1::ExchangeTokenResponse, ServiceError> {
    let message = request.into_inner();
    let provider = server.provider()?;
    let mut v = Violations::new();
    let assignment: Option<AssignmentId> = fields::local_optional(
        &mut v,
        server.context.county,
        "assignment_id",
        &message.assignment_id,
    );
    v.finish()?;
    if message.id_token.len() > MOST {
        return Err(not_linked());
    }
    let subject = provider.subject(&message.id_token, server.context.clock.now()).await?;
    let Begun { session, position } =
        server.sign_in_linked(provider, &subject, assignment.as_ref()).await?;
    let position = Some(position.into());
    Ok(v1::ExchangeTokenResponse { session: Some(session), position })
}

pub(super) async fn link_identity(
    server: &Server,
    request: tonic::Request<v1::LinkIdentityRequest>,
) -> Result<v1::LinkIdentityResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let asked = (&*message.request_id, &*message.person_id, &*message.subject);
    let (request_id, person, identity) = named(server, &call, asked)?;
    let vault = &server.context.vault;
    if !logins::claim(vault, Kind::Identity, &identity, &person).await? {
        let mut v = Violations::new();
        v.push(
            "subject",
            "this is another person's: unlink it there",
            "该外部身份已关联他人, 请先解除",
        );
        v.finish()?;
    }
    let request = call.request(request_id, "LinkIdentity", &message);
    let record = RecordId::new(person.division(), request.record("identity"));
    vault.seal(&person.to_string(), &record, identity.as_bytes()).await?;
    let by = call.principal.person.clone();
    let id = person.to_string();
    let target = Target { subject: subject::account(&person), id, creates: false };
    let outcome = server
        .account
        .execute(target, request, move |at| Command::LinkIdentity {
            person: person.clone(),
            identity: record.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    let position = Some(outcome.position.into());
    Ok(v1::LinkIdentityResponse { version: outcome.version, position })
}

pub(super) async fn unlink_identity(
    server: &Server,
    request: tonic::Request<v1::UnlinkIdentityRequest>,
) -> Result<v1::UnlinkIdentityResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let asked = (&*message.request_id, &*message.person_id, &*message.subject);
    let (request_id, person, identity) = named(server, &call, asked)?;
    logins::release(&server.context.vault, Kind::Identity, &identity, &person).await?;
    let record = server.linked(&person, &identity).await?.ok_or_else(not_linked)?;
    let request = call.request(request_id, "UnlinkIdentity", &message);
    let by = call.principal.person.clone();
    let id = person.to_string();
    let target = Target { subject: subject::account(&person), id, creates: false };
    let outcome = server
        .account
        .execute(target, request, move |at| Command::UnlinkIdentity {
            person: person.clone(),
            identity: record.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    let position = Some(outcome.position.into());
    Ok(v1::UnlinkIdentityResponse { version: outcome.version, position })
}

impl Server {
    /// The configured issuer; refused where there is none.
    fn provider(&self) -> Result<&Provider, ServiceError> {
        self.provider.as_ref().ok_or_else(|| {
            ServiceError::new(
                ErrorCode::Refused,
                "SINGLE_SIGN_ON_OFF",
                "no other issuer is configured here: sign in with login and password",
                "未配置统一身份认证, 请使用登录名和密码登录",
            )
        })
    }

    /// Signs in the person to whom the issuer's person is linked.
    async fn sign_in_linked(
        &self,
        provider: &Provider,
        subject: &str,
        assignment: Option<&AssignmentId>,
    ) -> Result<Begun, ServiceError> {
        let identity = identity(provider, subject);
        let person = logins::find(&self.context.vault, Kind::Identity, &identity).await?;
        let person = person.ok_or_else(not_linked)?;
        // The index is how the person is found; the account is what says so.
        self.linked(&person, &identity).await?.ok_or_else(not_linked)?;
        self.begin_in_role(person, assignment, SignInMethod::Oidc).await
    }

    /// The record of an identity that is linked to a person.
    async fn linked(
        &self,
        person: &PersonId,
        identity: &str,
    ) -> Result<Option<RecordId>, ServiceError> {
        let (account, _) = self.account.load(&subject::account(person)).await?;
        for record in account.identities() {
            if self.text(record).await? == identity {
                return Ok(Some(record.clone()));
            }
        }
        Ok(None)
    }
}

/// What a request over a link names: its id, the person here, and the identity elsewhere.
fn named(
    server: &Server,
    call: &Call,
    (request_id, person_id, subject): (&str, &str, &str),
) -> Result<(String, PersonId, String), ServiceError> {
    let mut v = Violations::new();
    let subject = v.required_text("subject", subject, SUBJECT_CHARS);
    let subject = fields::checked(v, subject)?;
    let (request_id, person) = concerned(server, call, request_id, person_id)?;
    let identity = identity(server.provider()?, &subject);
    Ok((request_id, person, identity))
}

/// Issuer and subject, as they are sealed and looked up.
fn identity(provider: &Provider, subject: &str) -> String {
    format!("{}\n{subject}", provider.issuer())
}

fn not_linked() -> ServiceError {
    ServiceError::new(
        ErrorCode::Refused,
        "IDENTITY_NOT_LINKED",
        "this person of the issuer is linked to nobody here: ask the security administrator",
        "该外部身份未关联本平台人员, 请联系安全管理员",
    )
}
