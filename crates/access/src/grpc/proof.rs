//! How a person proves who they are: the password against its hash, the code against the secret. It
//! takes as long, and says as much, for who has no account.

use contracts::{access::AccountEvent, subject};
use kernel::id::{PersonId, RecordId};
use platform::{
    executor::{ExecuteError, Outcome, Target, derived_key},
    grpc::ServiceError,
    vault::VaultError,
};

use super::{Server, begin::alone};
use crate::{
    domain::account::{Account, Command, Credentials, Proof, Rejection},
    logins, totp,
};

/// What somebody typed to prove who they are.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    pub(super) password: &'a str,
    pub(super) code: &'a str,
}

impl Server {
    /// Whether what was typed proves that somebody is this person. With a login, it must be theirs.
    pub(super) async fn proof(
        &self,
        person: &PersonId,
        login: Option<&str>,
        typed: Typed<'_>,
    ) -> Result<Proof, ServiceError> {
        let (account, _) = self.account.load(&subject::account(person)).await?;
        let (hashed, secret, known) = match account.credentials() {
            Some(Credentials { login, password, factor }) => (
                self.opened(&password).await?,
                self.opened(&factor).await?,
                self.opened(&login).await?,
            ),
            None => self.nothing(person).await?,
        };
        let good = self.passwords.check(hashed, typed.password).await?;
        let now = self.context.clock.now();
        let step = totp::step_of_code(&secret.unwrap_or_default(), typed.code, now);
        let theirs = login.is_none_or(|login| known.as_deref() == Some(login.as_bytes()));
        Ok(match step {
            Some(step) if good && theirs => Proof::Good { step },
            Some(_) | None => Proof::Wrong,
        })
    }

    /// A record of the vault; none once its person was erased.
    pub(super) async fn opened(&self, record: &RecordId) -> Result<Option<Vec<u8>>, ServiceError> {
        match self.context.vault.open_record(record).await {
            Ok(plain) => Ok(plain),
            Err(VaultError::Erased(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// As much reading as an account takes, where there is none.
    async fn nothing(&self, person: &PersonId) -> Result<Opened, ServiceError> {
        for what in ["login", "password", "factor"] {
            let key = derived_key(&[b"nothing", what.as_bytes(), person.key().as_str().as_bytes()]);
            self.opened(&RecordId::new(person.division(), key)).await?;
        }
        Ok((None, None, None))
    }

    /// Somebody who has no account: the same login, the same nobody.
    pub(super) fn nobody(&self, login: &str) -> PersonId {
        let secret = self.context.tracking_secret.as_slice();
        PersonId::new(self.context.county, derived_key(&[b"nobody", secret, login.as_bytes()]))
    }

    /// Whose login this is.
    pub(super) async fn whose(&self, login: &str) -> Result<Option<PersonId>, ServiceError> {
        logins::find(&self.context.vault, logins::Kind::Login, login).await
    }

    /// Carries out a command of somebody's own account that rests on a proof. A wrong proof is
    /// counted, and refused.
    pub(super) async fn proven(
        &self,
        person: &PersonId,
        make: impl Fn(kernel::Timestamp) -> Command + Send + 'static,
    ) -> Result<Outcome<Account>, ServiceError> {
        let id = person.to_string();
        let target = Target { subject: subject::account(person), id, creates: false };
        let outcome = self.account.execute(target, alone(person)?, make).await?;
        let proven = outcome.events.iter().any(|event| match event {
            AccountEvent::SignedIn(_) => true,
            AccountEvent::AccountOpened(_)
            | AccountEvent::PasswordSet(_)
            | AccountEvent::SecondFactorOffered(_)
            | AccountEvent::SecondFactorSet(_)
            | AccountEvent::SignInFailed(_)
            | AccountEvent::AccountUnlocked(_)
            | AccountEvent::AccountClosed(_)
            | AccountEvent::IdentityLinked(_)
            | AccountEvent::IdentityUnlinked(_) => false,
        });
        if proven { Ok(outcome) } else { Err(refused()) }
    }
}

/// What the records of an account hold: the hash, the secret, the login.
type Opened = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

/// Nobody learns what was wrong.
pub(super) fn refused() -> ServiceError {
    ExecuteError::Rejected(Rejection::SignInRefused).into()
}
