//! Signing in by login and password, and what a security administrator does with accounts.

use api::access::v1;
use contracts::{
    access::{SessionEndReason, SignInMethod},
    subject,
};
use kernel::{
    LogPosition,
    id::{AssignmentId, PersonId},
};
use platform::{
    executor::{Request, Target},
    grpc::{ServiceError, Violations, call::Call},
};

use super::{
    Server,
    begin::Begun,
    enrolment::label,
    fields,
    proof::{Typed, refused},
    sessions::{may_end, security},
};
use crate::{domain::account::Command, logins, totp};

/// What somebody types is at most so long: more is no password, and is not hashed.
const MOST: usize = 512;

pub(super) async fn sign_in(
    server: &Server,
    request: tonic::Request<v1::SignInRequest>,
) -> Result<v1::SignInResponse, ServiceError> {
    let message = request.into_inner();
    let mut v = Violations::new();
    let assignment: Option<AssignmentId> = fields::local_optional(
        &mut v,
        server.context.county,
        "assignment_id",
        &message.assignment_id,
    );
    v.finish()?;
    if [&message.login, &message.password, &message.code].iter().any(|text| text.len() > MOST) {
        return Err(refused());
    }
    let login = logins::normal(&message.login).unwrap_or_default();
    let person = server.whose(&login).await?;
    let known = person.is_some();
    let person = person.unwrap_or_else(|| server.nobody(&login));
    let typed = Typed { password: &message.password, code: &message.code };
    let proof = server.proof(&person, Some(&login), typed).await?;
    if !known {
        return Err(refused());
    }
    let who = person.clone();
    server.proven(&person, move |at| Command::SignIn { person: who.clone(), proof, at }).await?;
    let Begun { session, position } =
        server.begin_in_role(person, assignment.as_ref(), SignInMethod::Password).await?;
    Ok(v1::SignInResponse { session: Some(session), position: Some(position.into()) })
}

pub(super) async fn get_account(
    server: &Server,
    request: tonic::Request<v1::GetAccountRequest>,
) -> Result<v1::GetAccountResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let named: Option<PersonId> =
        fields::local_optional(&mut v, server.context.county, "person_id", &message.person_id);
    v.finish()?;
    let own = call.principal.person.clone();
    let is_own = named.as_ref().is_none_or(|person| *person == own);
    let person = named.unwrap_or(own);
    if !is_own {
        may_end(&call.principal, &person)?;
    }
    let now = server.context.clock.now();
    let (account, _) = server.account.load(&subject::account(&person)).await?;
    let credentials = account.credentials();
    let login = match &credentials {
        Some(credentials) => server.text(&credentials.login).await?,
        None => String::new(),
    };
    let offered = match account.offered().filter(|_| is_own) {
        Some(record) => server.opened(record).await?,
        None => None,
    };
    let mut identities = Vec::new();
    for record in account.identities() {
        let text = server.text(record).await?;
        let (issuer, subject) = text.split_once('\n').unwrap_or_default();
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        identities.push(v1::Identity { issuer, subject });
    }
    let roles = server.held_roles(&person, now).await?;
    let session = call.principal.basis.session.filter(|_| is_own);
    Ok(v1::GetAccountResponse {
        person_id: person.to_string(),
        open: credentials.is_some(),
        locked_until: account.locked(now).map_or(0, |until| until.0),
        roles: roles.into_iter().map(Into::into).collect(),
        identities,
        offered_secret: offered.as_deref().map(totp::base32).unwrap_or_default(),
        offered_url: offered
            .as_deref()
            .map(|secret| totp::authenticator_url(secret, &label(server), &login))
            .unwrap_or_default(),
        session_id: session.map(|id| id.to_string()).unwrap_or_default(),
        login,
    })
}

pub(super) async fn unlock_account(
    server: &Server,
    request: tonic::Request<v1::UnlockAccountRequest>,
) -> Result<v1::UnlockAccountResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, person) = concerned(server, &call, &message.request_id, &message.person_id)?;
    let request = call.request(request_id, "UnlockAccount", &message);
    let by = call.principal.person.clone();
    let id = person.to_string();
    let target = Target { subject: subject::account(&person), id, creates: false };
    let outcome = server
        .account
        .execute(target, request, move |at| Command::UnlockAccount {
            person: person.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    let position = Some(outcome.position.into());
    Ok(v1::UnlockAccountResponse { version: outcome.version, position })
}

pub(super) async fn close_account(
    server: &Server,
    request: tonic::Request<v1::CloseAccountRequest>,
) -> Result<v1::CloseAccountResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, person) = concerned(server, &call, &message.request_id, &message.person_id)?;
    let request = call.request(request_id, "CloseAccount", &message);
    let (version, position) = server.close(&person, &call.principal.person, &request).await?;
    Ok(v1::CloseAccountResponse { version, position: Some(position.into()) })
}

impl Server {
    /// Closes an account: nobody signs in by it, what it was found by is free for another, and its
    /// sessions end.
    async fn close(
        &self,
        person: &PersonId,
        by: &PersonId,
        request: &Request,
    ) -> Result<(u64, LogPosition), ServiceError> {
        let login = self.login_of(person).await?;
        let (account, _) = self.account.load(&subject::account(person)).await?;
        let id = person.to_string();
        let target = Target { subject: subject::account(person), id, creates: false };
        let (who, by) = (person.clone(), by.clone());
        let outcome = self
            .account
            .execute(target, request.clone(), move |at| Command::CloseAccount {
                person: who.clone(),
                by: by.clone(),
                at,
            })
            .await?;
        let vault = &self.context.vault;
        if !login.is_empty() {
            logins::release(vault, logins::Kind::Login, &login, person).await?;
        }
        for record in account.identities() {
            let identity = self.text(record).await?;
            logins::release(vault, logins::Kind::Identity, &identity, person).await?;
        }
        let why = SessionEndReason::AccountClosed;
        self.end_all(person, (None, None), why, request).await?;
        Ok((outcome.version, outcome.position))
    }

    /// Closes the account of somebody who is about to be erased, where they have one, and ends their
    /// sessions: what they signed in by can be read for the last time.
    pub(crate) async fn part_with(
        &self,
        person: &PersonId,
        request: &Request,
    ) -> Result<(), ServiceError> {
        let (account, _) = self.account.load(&subject::account(person)).await?;
        if account.exists() {
            self.close(person, person, request).await?;
        } else {
            let why = SessionEndReason::AccountClosed;
            self.end_all(person, (None, None), why, request).await?;
        }
        Ok(())
    }
}

/// The person whom a security administrator's request concerns, if they may.
pub(super) fn concerned(
    server: &Server,
    call: &Call,
    request_id: &str,
    person_id: &str,
) -> Result<(String, PersonId), ServiceError> {
    let mut v = Violations::new();
    let request_id = v.request_id(request_id);
    let person: Option<PersonId> =
        fields::local(&mut v, server.context.county, "person_id", person_id);
    let (request_id, person) = fields::checked(v, request_id.zip(person))?;
    security(&call.principal)?;
    may_end(&call.principal, &person)?;
    Ok((request_id, person))
}
