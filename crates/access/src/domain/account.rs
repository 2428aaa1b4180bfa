//! An account: a login with a password and a second factor, or another issuer's word. Wrong tries
//! count and lock it for growing times; a code is taken once.

use contracts::access::{
    AccountClosed, AccountEvent, AccountOpened, AccountUnlocked, IdentityLinked, IdentityUnlinked,
    PasswordSet, SecondFactorOffered, SecondFactorSet, SignInFailed, SignedIn,
};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RecordId},
};

/// The aggregate.
pub struct Account;

/// After so many wrong tries an account is locked.
const FREE_TRIES: u32 = 5;

/// How long the sixth wrong try in a row locks; each further one twice as long as the one before.
const FIRST_LOCK: i64 = 60_000;

/// It is never locked for longer: somebody who only wants to lock others out shall not succeed for
/// good.
const LONGEST_LOCK: i64 = 60 * 60_000;

/// What is known of an account.
#[derive(Clone, Debug, Default)]
pub struct State {
    status: Status,
    login: Option<RecordId>,
    password: Option<RecordId>,
    factor: Option<RecordId>,
    offered: Option<RecordId>,
    identities: Vec<RecordId>,
    failures: u32,
    locked_until: Option<Timestamp>,
    last_step: i64,
    enrolled_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Status {
    #[default]
    None,
    Open,
    Closed,
}

/// The sealed records by which a person signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The login.
    pub login: RecordId,
    /// The hash of the password.
    pub password: RecordId,
    /// The secret of the second factor.
    pub factor: RecordId,
}

/// What was found when somebody tried to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password is right, and the code is that of this step.
    Good {
        /// The step.
        step: i64,
    },
    /// The password, or the code, is wrong.
    Wrong,
}

/// What may be asked of an account.
#[derive(Clone, Debug)]
pub enum Command {
    /// Choose login, password and second factor, by a link.
    CompleteEnrolment {
        /// Whose account.
        person: PersonId,
        /// What was chosen.
        credentials: Credentials,
        /// The step whose code proved the second factor.
        step: i64,
        /// When the link was made that allows it.
        link_made: Timestamp,
        /// Now.
        at: Timestamp,
    },
    /// Prove who one is.
    SignIn {
        /// Whose account.
        person: PersonId,
        /// What was found.
        proof: Proof,
        /// Now.
        at: Timestamp,
    },
    /// Set another password, having proven who one is.
    SetPassword {
        /// Whose account.
        person: PersonId,
        /// The sealed hash.
        record: RecordId,
        /// What was found of the old one.
        proof: Proof,
        /// Now.
        at: Timestamp,
    },
    /// Be shown another second factor, having proven who one is.
    EnrolSecondFactor {
        /// Whose account.
        person: PersonId,
        /// The sealed secret.
        record: RecordId,
        /// What was found of the old one.
        proof: Proof,
        /// Now.
        at: Timestamp,
    },
    /// Prove that the second factor that was shown works.
    ConfirmSecondFactor {
        /// Whose account.
        person: PersonId,
        /// The secret that was shown.
        record: RecordId,
        /// The step of the code, if it is one of its codes.
        step: Option<i64>,
        /// Now.
        at: Timestamp,
    },
    /// Forgive the wrong tries.
    UnlockAccount {
        /// Whose account.
        person: PersonId,
        /// Who forgives.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Let nobody sign in by it.
    CloseAccount {
        /// Whose account.
        person: PersonId,
        /// Who closes.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Link it to another issuer's person.
    LinkIdentity {
        /// Whose account.
        person: PersonId,
        /// The sealed issuer and subject.
        identity: RecordId,
        /// Who links.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Take such a link away.
    UnlinkIdentity {
        /// Whose account.
        person: PersonId,
        /// The sealed issuer and subject.
        identity: RecordId,
        /// Who takes it away.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no account, it is closed or locked, or the proof is wrong: nobody learns which.
    #[error(
        "login, password or code is wrong, or there were too many wrong tries: wait some minutes and try again, or ask the security administrator"
    )]
    SignInRefused,
    /// The link is older than the account's last enrolment.
    #[error("the account was set up after this link was made: ask for a new link")]
    EnrolmentOver,
    /// The code is none of the second factor that was shown.
    #[error("the code is not the one that the authenticator shows now: type the present one")]
    CodeWrong,
    /// Nothing was shown that could be proven.
    #[error("no new second factor was shown: begin again")]
    NothingOffered,
    /// There is no account.
    #[error("the person {0} has no account: make an enrolment link")]
    NoAccount(PersonId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::SignInRefused => "SIGN_IN_REFUSED",
            Self::EnrolmentOver => "ENROLMENT_OVER",
            Self::CodeWrong => "CODE_WRONG",
            Self::NothingOffered => "SECOND_FACTOR_NOT_OFFERED",
            Self::NoAccount(_) => "NO_ACCOUNT",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::SignInRefused => {
                "登录名、密码或验证码有误, 或错误次数过多: 请等待几分钟再试, 或联系安全管理员"
                    .to_owned()
            }
            Self::EnrolmentOver => "账号在该链接生成之后已设置过, 请重新获取链接".to_owned(),
            Self::CodeWrong => "验证码不是身份验证器当前显示的, 请重新输入".to_owned(),
            Self::NothingOffered => "没有待确认的身份验证器, 请重新开始".to_owned(),
            Self::NoAccount(id) => format!("人员 {id} 没有账号, 请先生成开户链接"),
        }
    }
}

impl Aggregate for Account {
    const CATEGORY: &'static str = AccountEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = AccountEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<AccountEvent>, Rejection> {
        use Command::{
            CloseAccount, CompleteEnrolment, ConfirmSecondFactor, EnrolSecondFactor, LinkIdentity,
            SetPassword, SignIn, UnlinkIdentity, UnlockAccount,
        };
        match (state.status, command) {
            (
                Status::None | Status::Open | Status::Closed,
                CompleteEnrolment { person, credentials, step, link_made, at },
            ) => {
                if state.enrolled_at.is_some_and(|enrolled| link_made <= enrolled) {
                    return Err(Rejection::EnrolmentOver);
                }
                Ok(state.enrolled(person, credentials, step, at))
            }
            (Status::Open, SignIn { person, proof, at }) => state.proven(&person, proof, at),
            (Status::Open, SetPassword { person, record, proof, at }) => {
                let set = PasswordSet { occurred_at: at, person: person.clone(), record };
                state.proven_then(&person, proof, at, set.into())
            }
            (Status::Open, EnrolSecondFactor { person, record, proof, at }) => {
                let offered =
                    SecondFactorOffered { occurred_at: at, person: person.clone(), record };
                state.proven_then(&person, proof, at, offered.into())
            }
            (Status::Open, ConfirmSecondFactor { person, record, step, at }) => {
                if state.offered.as_ref() != Some(&record) {
                    return Err(Rejection::NothingOffered);
                }
                let step = step.ok_or(Rejection::CodeWrong)?;
                Ok(vec![SecondFactorSet { occurred_at: at, person, record, step }.into()])
            }
            (Status::Open, UnlockAccount { .. }) if state.failures == 0 => Ok(vec![]),
            (Status::Open, UnlockAccount { person, by, at }) => {
                Ok(vec![AccountUnlocked { occurred_at: at, person, by }.into()])
            }
            (Status::Open, CloseAccount { person, by, at }) => {
                Ok(vec![AccountClosed { occurred_at: at, person, by }.into()])
            }
            (Status::Closed, CloseAccount { .. }) => Ok(vec![]),
            (Status::None | Status::Open, LinkIdentity { identity, .. })
                if state.identities.contains(&identity) =>
            {
                Ok(vec![])
            }
            (Status::None | Status::Open, LinkIdentity { person, identity, by, at }) => {
                Ok(vec![IdentityLinked { occurred_at: at, person, identity, by }.into()])
            }
            (
                Status::None | Status::Open | Status::Closed,
                UnlinkIdentity { person, identity, by, at },
            ) => {
                if !state.identities.contains(&identity) {
                    return Ok(vec![]);
                }
                Ok(vec![IdentityUnlinked { occurred_at: at, person, identity, by }.into()])
            }

            (
                Status::None | Status::Closed,
                SignIn { .. } | SetPassword { .. } | EnrolSecondFactor { .. },
            ) => Err(Rejection::SignInRefused),
            (Status::None | Status::Closed, ConfirmSecondFactor { .. }) => {
                Err(Rejection::NothingOffered)
            }
            (Status::None | Status::Closed, UnlockAccount { person, .. })
            | (Status::None, CloseAccount { person, .. })
            | (Status::Closed, LinkIdentity { person, .. }) => Err(Rejection::NoAccount(person)),
        }
    }

    fn evolve(mut state: State, event: &AccountEvent) -> State {
        match event {
            AccountEvent::AccountOpened(event) => {
                state.status = Status::Open;
                state.login = Some(event.login.clone());
                state.enrolled_at = Some(event.occurred_at);
                state.forgive();
            }
            AccountEvent::PasswordSet(event) => {
                state.password = Some(event.record.clone());
            }
            AccountEvent::SecondFactorOffered(event) => state.offered = Some(event.record.clone()),
            AccountEvent::SecondFactorSet(event) => {
                state.factor = Some(event.record.clone());
                state.offered = None;
                state.last_step = event.step;
            }
            AccountEvent::SignedIn(event) => {
                state.last_step = event.step;
                state.forgive();
            }
            AccountEvent::SignInFailed(event) => {
                state.failures = event.failures;
                state.locked_until = event.locked_until;
            }
            AccountEvent::AccountUnlocked(_) => state.forgive(),
            AccountEvent::AccountClosed(event) => {
                state.status = Status::Closed;
                // No link of before opens it again.
                state.enrolled_at = Some(event.occurred_at);
                (state.login, state.password, state.factor) = (None, None, None);
                state.offered = None;
                state.identities.clear();
            }
            AccountEvent::IdentityLinked(event) => state.identities.push(event.identity.clone()),
            AccountEvent::IdentityUnlinked(event) => {
                state.identities.retain(|identity| *identity != event.identity);
            }
        }
        state
    }
}

impl State {
    /// The records of an account that is open.
    pub fn credentials(&self) -> Option<Credentials> {
        Some(Credentials {
            login: self.login.clone()?,
            password: self.password.clone()?,
            factor: self.factor.clone()?,
        })
    }

    /// The second factor that was shown and has yet to be proven.
    pub fn offered(&self) -> Option<&RecordId> {
        self.offered.as_ref()
    }

    /// Whether there is an account, or was one.
    pub fn exists(&self) -> bool {
        self.status != Status::None
    }

    /// The persons of other issuers that are linked.
    pub fn identities(&self) -> &[RecordId] {
        &self.identities
    }

    /// Until when it is locked, if it is at this moment.
    pub fn locked(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }

    /// Whether an enrolment by a link that was made then is still to come.
    pub fn takes_enrolment(&self, link_made: Timestamp) -> bool {
        self.enrolled_at.is_none_or(|enrolled| enrolled < link_made)
    }

    fn forgive(&mut self) {
        self.failures = 0;
        self.locked_until = None;
    }

    fn enrolled(
        &self,
        person: PersonId,
        credentials: Credentials,
        step: i64,
        at: Timestamp,
    ) -> Vec<AccountEvent> {
        let Credentials { login, password, factor } = credentials;
        vec![
            AccountOpened { occurred_at: at, person: person.clone(), login }.into(),
            PasswordSet { occurred_at: at, person: person.clone(), record: password }.into(),
            SecondFactorSet {
                occurred_at: at,
                person,
                record: factor,
                // A clock that was set back takes no code a second time.
                step: step.max(self.last_step),
            }
            .into(),
        ]
    }

    /// That the person proved who they are, or that they did not. While the account is locked no
    /// proof is looked at.
    fn proven(
        &self,
        person: &PersonId,
        proof: Proof,
        at: Timestamp,
    ) -> Result<Vec<AccountEvent>, Rejection> {
        if self.locked(at).is_some() {
            return Err(Rejection::SignInRefused);
        }
        let person = person.clone();
        Ok(vec![match proof {
            Proof::Good { step } if step > self.last_step => {
                SignedIn { occurred_at: at, person, step }.into()
            }
            Proof::Good { .. } | Proof::Wrong => {
                let failures = self.failures.saturating_add(1);
                let locked_until = lock(failures).map(|millis| at.plus_millis(millis));
                SignInFailed { occurred_at: at, person, failures, locked_until }.into()
            }
        }])
    }

    /// The same, and what it was for.
    fn proven_then(
        &self,
        person: &PersonId,
        proof: Proof,
        at: Timestamp,
        event: AccountEvent,
    ) -> Result<Vec<AccountEvent>, Rejection> {
        let mut events = self.proven(person, proof, at)?;
        if matches!(events[..], [AccountEvent::SignedIn(_)]) {
            events.push(event);
        }
        Ok(events)
    }
}

/// How long so many wrong tries in a row lock, in milliseconds.
fn lock(failures: u32) -> Option<i64> {
    let over = failures.checked_sub(FREE_TRIES)?;
    Some(FIRST_LOCK.checked_shl(over.min(16)).unwrap_or(LONGEST_LOCK).min(LONGEST_LOCK))
}

#[cfg(test)]
mod tests;
