//! What access publishes: who there is, as ids, and what they may do.

use kernel::{
    Division, GridCode, Role, Timestamp,
    hash::Sha256,
    id::{AssignmentId, OrgKind, OrganisationId, PersonId, RecordId, SignInLinkId},
};
use serde::{Deserialize as _, Serialize as _};

mod sign_in;

pub use sign_in::*;

use crate::codec::{event_set, payloads, words};

words! {
    /// What a link is for.
    pub enum LinkPurpose {
        /// It signs in.
        SignIn,
        /// Whoever has it chooses a password and a second factor, and nothing else.
        Enrol,
    }

    /// What part of the county a role covers; the codes beside it say which.
    pub enum ScopeKind {
        /// A division and all in it.
        Division,
        /// One grid.
        Grid,
        /// An organisation's orders within a division.
        Organisation,
        /// What is a resident's own.
        Own,
        /// What is assigned to the person.
        Assigned,
    }
}

payloads! {
    /// A person was registered. Name and telephone are in the record, sealed under the person's key.
    pub struct PersonRegistered {
        /// The person.
        pub person: PersonId,
        /// The sealed profile, where one was given.
        pub profile: Option<RecordId>,
        /// The organisation that the person works for, if any.
        pub organisation: Option<OrganisationId>,
    }

    /// A role was given for a term.
    pub struct RoleAssigned {
        /// The person.
        pub person: PersonId,
        /// This assignment.
        pub assignment: AssignmentId,
        /// The role.
        pub role: Role,
        /// The kind of its scope.
        pub scope: ScopeKind,
        /// The division of the scope; of an organisation's scope the part it is limited to.
        pub division: Option<Division>,
        /// The grid of the scope.
        pub grid: Option<GridCode>,
        /// The organisation of the scope.
        pub organisation: Option<OrganisationId>,
        /// From when it holds.
        pub from: Timestamp,
        /// Until when; open where none.
        pub until: Option<Timestamp>,
    }

    /// A role was taken back before its term.
    pub struct RoleRevoked {
        /// The person.
        pub person: PersonId,
        /// The assignment that ends.
        pub assignment: AssignmentId,
    }

    /// An organisation was registered. Its name is in the record.
    pub struct OrganisationRegistered {
        /// The organisation.
        pub organisation: OrganisationId,
        /// What kind of body it is, from the shipped table of kinds.
        pub kind: OrgKind,
        /// The division that it serves.
        pub division: Division,
        /// The record with its name.
        pub name: RecordId,
    }

    /// An organisation no longer takes orders.
    pub struct OrganisationClosed {
        /// The organisation.
        pub organisation: OrganisationId,
    }

    /// A link was made that signs one person in, once.
    pub struct SignInLinkCreated {
        /// The link.
        pub link: SignInLinkId,
        /// Whom it signs in.
        pub person: PersonId,
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
        /// The SHA-256 of the code, which itself is stored nowhere.
        pub code_hash: Sha256,
        /// From when on it is of no use.
        pub expires_at: Timestamp,
        /// How long the token that it gives is valid, in seconds.
        pub session_seconds: u32,
        /// Who made it.
        pub by: PersonId,
        /// What it is for; to sign in where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub purpose: Option<LinkPurpose>,
    }

    /// A link has signed its person in.
    pub struct SignInLinkUsed {
        /// The link.
        pub link: SignInLinkId,
    }
}

event_set! {
    /// What may happen to a person's registration.
    "access" "person"
    pub enum PersonEvent {
        /// Registered.
        PersonRegistered "person_registered" 1 [];
        /// Given a role.
        RoleAssigned "role_assigned" 1 [];
        /// Relieved of a role.
        RoleRevoked "role_revoked" 1 [];
    }
}

event_set! {
    /// What may happen to an organisation.
    "access" "organisation"
    pub enum OrganisationEvent {
        /// Registered.
        OrganisationRegistered "organisation_registered" 1 [];
        /// Closed.
        OrganisationClosed "organisation_closed" 1 [];
    }
}

event_set! {
    /// What may happen to a sign-in link.
    #[expect(clippy::large_enum_variant, reason = "an event is on its way, never kept by the thousand")]
    "access" "sign_in_link"
    pub enum SignInLinkEvent {
        /// Made.
        SignInLinkCreated "sign_in_link_created" 1 [];
        /// Used up.
        SignInLinkUsed "sign_in_link_used" 1 [];
    }
}
