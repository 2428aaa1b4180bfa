//! What a person changes of their own: the password, the second factor.

use api::access::v1;
use aws_lc_rs::rand;
use contracts::{
    access::{AccountEvent, SessionEndReason},
    subject,
};
use kernel::id::{PersonId, RecordId};
use platform::{
    executor::{ExecuteError, Target},
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, begin::alone, enrolment::label, proof::Typed, residents::random_key};
use crate::{
    domain::account::{Command, Rejection},
    passwords, totp,
};

pub(super) async fn set_password(
    server: &Server,
    request: tonic::Request<v1::SetPasswordRequest>,
) -> Result<v1::SetPasswordResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let person = call.principal.person.clone();
    let login = server.login_of(&person).await?;
    let mut v = Violations::new();
    passwords::validate(&mut v, "new_password", &message.new_password, &login);
    v.finish()?;
    let typed = Typed { password: &message.old_password, code: &message.code };
    let proof = server.proof(&person, None, typed).await?;
    let hashed = server.passwords.hash(&message.new_password).await?;
    let record = server.sealed(&person, &hashed).await?;
    let who = person.clone();
    let outcome = server
        .proven(&person, move |at| Command::SetPassword {
            person: who.clone(),
            record: record.clone(),
            proof,
            at,
        })
        .await?;
    server.end_others(&call, &person).await?;
    let position = Some(outcome.position.into());
    Ok(v1::SetPasswordResponse { version: outcome.version, position })
}

pub(super) async fn enrol_second_factor(
    server: &Server,
    request: tonic::Request<v1::EnrolSecondFactorRequest>,
) -> Result<v1::EnrolSecondFactorResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let person = call.principal.person.clone();
    let typed = Typed { password: &message.password, code: &message.code };
    let proof = server.proof(&person, None, typed).await?;
    let secret = new_secret()?;
    let record = server.sealed(&person, &secret).await?;
    let who = person.clone();
    let outcome = server
        .proven(&person, move |at| Command::EnrolSecondFactor {
            person: who.clone(),
            record: record.clone(),
            proof,
            at,
        })
        .await?;
    let login = server.login_of(&person).await?;
    Ok(v1::EnrolSecondFactorResponse {
        secret: totp::base32(&secret),
        authenticator_url: totp::authenticator_url(&secret, &label(server), &login),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn confirm_second_factor(
    server: &Server,
    request: tonic::Request<v1::ConfirmSecondFactorRequest>,
) -> Result<v1::ConfirmSecondFactorResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let person = call.principal.person.clone();
    let (account, _) = server.account.load(&subject::account(&person)).await?;
    let nothing = || ExecuteError::Rejected(Rejection::NothingOffered);
    let record = account.offered().cloned().ok_or_else(nothing)?;
    let secret = server.opened(&record).await?.unwrap_or_default();
    let step = totp::step_of_code(&secret, &message.code, server.context.clock.now());
    let id = person.to_string();
    let target = Target { subject: subject::account(&person), id, creates: false };
    let who = person.clone();
    let outcome = server
        .account
        .execute(target, alone(&person)?, move |at| Command::ConfirmSecondFactor {
            person: who.clone(),
            record: record.clone(),
            step,
            at,
        })
        .await?;
    debug_assert!(matches!(outcome.events[..], [AccountEvent::SecondFactorSet(_)]));
    server.end_others(&call, &person).await?;
    let position = Some(outcome.position.into());
    Ok(v1::ConfirmSecondFactorResponse { version: outcome.version, position })
}

/// A new secret of a second factor.
pub(super) fn new_secret() -> Result<Vec<u8>, ServiceError> {
    let mut secret = vec![0; totp::SECRET_BYTES];
    rand::fill(&mut secret).map_err(ServiceError::internal)?;
    Ok(secret)
}

impl Server {
    /// Seals something of a person under an id that nothing follows from.
    pub(super) async fn sealed(
        &self,
        person: &PersonId,
        plain: &[u8],
    ) -> Result<RecordId, ServiceError> {
        let record = RecordId::new(person.division(), random_key()?);
        self.context.vault.seal(&person.to_string(), &record, plain).await?;
        Ok(record)
    }

    /// A record as text; empty once its person was erased.
    pub(super) async fn text(&self, record: &RecordId) -> Result<String, ServiceError> {
        Ok(self.context.vault.text(record).await?.unwrap_or_default())
    }

    /// The login of a person; empty where there is no account.
    pub(super) async fn login_of(&self, person: &PersonId) -> Result<String, ServiceError> {
        let (account, _) = self.account.load(&subject::account(person)).await?;
        match account.credentials() {
            Some(credentials) => self.text(&credentials.login).await,
            None => Ok(String::new()),
        }
    }

    /// Whoever might have had the old credentials is out.
    async fn end_others(&self, call: &Call, person: &PersonId) -> Result<(), ServiceError> {
        let but = (call.principal.basis.session.as_ref(), None);
        let why = SessionEndReason::CredentialsChanged;
        self.end_all(person, but, why, &alone(person)?).await?;
        Ok(())
    }
}
