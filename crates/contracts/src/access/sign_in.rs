//! How people sign in: their accounts, their sessions, and who stands in for whom. No login, no
//! password and no hash of either is in an event: these are sealed in the vault.

use kernel::{
    Division, GridCode, Role, Timestamp,
    id::{AssignmentId, OrganisationId, PersonId, RecordId, SessionId, SubstitutionId},
};
use serde::{Deserialize as _, Serialize as _};

use super::ScopeKind;
use crate::codec::{event_set, payloads, words};

words! {
    /// How a session began.
    pub enum SignInMethod {
        /// By a link that was used up.
        Link,
        /// By login, password and second factor.
        Password,
        /// By another issuer's word.
        Oidc,
        /// From another session of the same person, in another role.
        Switch,
        /// By choosing a password and a second factor.
        Enrolment,
    }

    /// Why a session ended before its time.
    pub enum SessionEndReason {
        /// The person signed out.
        SignedOut,
        /// The person ended it from another session.
        Elsewhere,
        /// A security administrator ended it.
        Administrator,
        /// The person went on in another role.
        Switched,
        /// The password or the second factor was changed.
        CredentialsChanged,
        /// The account was closed.
        AccountClosed,
        /// What it rested on has ended.
        RoleEnded,
    }
}

payloads! {
    /// A person signed in.
    pub struct SessionStarted {
        /// The session.
        pub session: SessionId,
        /// Who.
        pub person: PersonId,
        /// The assignment that gives the role; of a substitute, the one of whom they stand in for.
        pub assignment: Option<AssignmentId>,
        /// The substitution that the role comes by, if the assignment is another person's.
        pub substitution: Option<SubstitutionId>,
        /// In which role.
        pub role: Role,
        /// The kind of its scope.
        pub scope: ScopeKind,
        /// The division of the scope; of an organisation's scope the part it is limited to.
        pub division: Option<Division>,
        /// The grid of the scope.
        pub grid: Option<GridCode>,
        /// The organisation of the scope.
        pub organisation: Option<OrganisationId>,
        /// How.
        pub how: SignInMethod,
        /// After so many seconds without a renewal it is over.
        pub idle_seconds: u32,
        /// When it is over at the latest.
        pub absolute_end: Timestamp,
    }

    /// A session ended before its time: from now on none of its tokens is taken.
    pub struct SessionEnded {
        /// The session.
        pub session: SessionId,
        /// Whose.
        pub person: PersonId,
        /// Why.
        pub why: SessionEndReason,
        /// When its tokens would have ended at the latest.
        pub absolute_end: Timestamp,
    }

    /// A person may sign in by a login. The login is in the record.
    pub struct AccountOpened {
        /// Whose account.
        pub person: PersonId,
        /// The sealed login.
        pub login: RecordId,
    }

    /// A password was set. Its hash is in the record.
    pub struct PasswordSet {
        /// Whose account.
        pub person: PersonId,
        /// The sealed hash.
        pub record: RecordId,
    }

    /// A new second factor was shown to the person, who has yet to prove that it works.
    pub struct SecondFactorOffered {
        /// Whose account.
        pub person: PersonId,
        /// The sealed secret.
        pub record: RecordId,
    }

    /// A second factor was proven, and counts from now on.
    pub struct SecondFactorSet {
        /// Whose account.
        pub person: PersonId,
        /// The sealed secret.
        pub record: RecordId,
        /// The step of 30 seconds whose code proved it: no code of it or before is taken again.
        pub step: i64,
    }

    /// A person proved who they are.
    pub struct SignedIn {
        /// Whose account.
        pub person: PersonId,
        /// The step whose code was taken.
        pub step: i64,
    }

    /// Somebody tried to sign in with a wrong password or code.
    pub struct SignInFailed {
        /// Whose account.
        pub person: PersonId,
        /// How many tries failed since the last that did not.
        pub failures: u32,
        /// Until when no further try is looked at, if there were too many.
        pub locked_until: Option<Timestamp>,
    }

    /// The failed tries were forgiven.
    pub struct AccountUnlocked {
        /// Whose account.
        pub person: PersonId,
        /// Who forgave them.
        pub by: PersonId,
    }

    /// An account was closed: nobody signs in by it.
    pub struct AccountClosed {
        /// Whose account.
        pub person: PersonId,
        /// Who closed it.
        pub by: PersonId,
    }

    /// A person of another issuer was linked. Issuer and subject are in the record.
    pub struct IdentityLinked {
        /// Whose account.
        pub person: PersonId,
        /// The sealed issuer and subject.
        pub identity: RecordId,
        /// Who linked it.
        pub by: PersonId,
    }

    /// A link to another issuer's person was taken away.
    pub struct IdentityUnlinked {
        /// Whose account.
        pub person: PersonId,
        /// The sealed issuer and subject.
        pub identity: RecordId,
        /// Who took it away.
        pub by: PersonId,
    }

    /// For a term one person stands in for another in one role.
    pub struct SubstitutionBegun {
        /// The substitution.
        pub substitution: SubstitutionId,
        /// The role, as its holder has it.
        pub assignment: AssignmentId,
        /// The holder of the role.
        pub holder: PersonId,
        /// Who stands in.
        pub substitute: PersonId,
        /// From when.
        pub from: Timestamp,
        /// Until when.
        pub until: Timestamp,
        /// Who said so.
        pub by: PersonId,
    }

    /// A substitution ended before its term.
    pub struct SubstitutionEnded {
        /// The substitution.
        pub substitution: SubstitutionId,
        /// Who ended it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a session.
    #[expect(clippy::large_enum_variant, reason = "an event is on its way, never kept by the thousand")]
    "access" "session"
    pub enum SessionEvent {
        /// Begun.
        SessionStarted "session_started" 1 [];
        /// Ended before its time.
        SessionEnded "session_ended" 1 [];
    }
}

event_set! {
    /// What may happen to an account.
    "access" "account"
    pub enum AccountEvent {
        /// Opened.
        AccountOpened "account_opened" 1 [];
        /// Given a password.
        PasswordSet "password_set" 1 [];
        /// Shown a second factor.
        SecondFactorOffered "second_factor_offered" 1 [];
        /// Given a second factor.
        SecondFactorSet "second_factor_set" 1 [];
        /// Signed in with.
        SignedIn "signed_in" 1 [];
        /// Tried in vain.
        SignInFailed "sign_in_failed" 1 [];
        /// Unlocked.
        AccountUnlocked "account_unlocked" 1 [];
        /// Closed.
        AccountClosed "account_closed" 1 [];
        /// Linked to another issuer's person.
        IdentityLinked "identity_linked" 1 [];
        /// No longer linked.
        IdentityUnlinked "identity_unlinked" 1 [];
    }
}

event_set! {
    /// What may happen to a substitution.
    "access" "substitution"
    pub enum SubstitutionEvent {
        /// Begun.
        SubstitutionBegun "substitution_begun" 1 [];
        /// Ended early.
        SubstitutionEnded "substitution_ended" 1 [];
    }
}
