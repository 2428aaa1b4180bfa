//! What access publishes: who there is, as ids, and what they may do.

use kernel::{
    Division, GridCode, MethodPath, Role, Timestamp,
    hash::Sha256,
    id::{AssignmentId, OrgKind, OrganisationId, PersonId, RecordId, ServiceTokenId, SignInLinkId},
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
        /// Who gave it; none in events of before this was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub by: Option<PersonId>,
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

    /// A token was made for a portal or another service.
    pub struct ServiceTokenCreated {
        /// The token; its key is the name that it was given.
        pub token: ServiceTokenId,
        /// As whom its bearer acts.
        pub person: PersonId,
        /// In which role.
        pub role: Role,
        /// For which division.
        pub division: Division,
        /// The only methods that its bearer may call.
        pub methods: Vec<MethodPath>,
        /// How long a token is valid, in seconds.
        pub ttl_seconds: u32,
        /// When the first one ends.
        pub expires_at: Timestamp,
        /// Who made it.
        pub by: PersonId,
    }

    /// A new token took the place of the one before.
    pub struct ServiceTokenRotated {
        /// The token.
        pub token: ServiceTokenId,
        /// How many there have been, from 2.
        pub generation: u32,
        /// When the new one ends.
        pub expires_at: Timestamp,
        /// Until when the one before is taken beside it.
        pub old_ends_at: Timestamp,
        /// Who did it.
        pub by: PersonId,
    }

    /// A token is taken no more, nor those before it.
    pub struct ServiceTokenRevoked {
        /// The token.
        pub token: ServiceTokenId,
        /// How many there have been.
        pub generation: u32,
        /// Who did it.
        pub by: PersonId,
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

event_set! {
    /// What may happen to a token of a portal or another service.
    #[expect(clippy::large_enum_variant, reason = "an event is on its way, never kept by the thousand")]
    "access" "service_token"
    pub enum ServiceTokenEvent {
        /// Made.
        ServiceTokenCreated "service_token_created" 1 [];
        /// Replaced.
        ServiceTokenRotated "service_token_rotated" 1 [];
        /// Taken back.
        ServiceTokenRevoked "service_token_revoked" 1 [];
    }
}

/// The id (`jti`) that the token of a generation carries: what takes it back names it.
pub fn service_token_jti(token: &ServiceTokenId, generation: u32) -> String {
    format!("svc-{token}-{generation}")
}
