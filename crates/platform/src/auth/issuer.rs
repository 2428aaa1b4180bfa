//! The issuer of tokens: EdDSA JWTs under a key of our own.

use std::{path::Path, time::Duration};

use aws_lc_rs::rand;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{
    Division, GridCode, Timestamp,
    id::{AssignmentId, Key, OrganisationId, PersonId, SessionId},
};
use serde::{Deserialize, Serialize};

use super::{
    key::{self, KeyError},
    principal::Basis,
    role::Role,
    scope::{Scope, ScopeMisfit, ScopeParts},
    verifier::Verifier,
};

/// `iss` of the tokens that Weft makes.
pub const ISSUER: &str = "weft";
/// `aud` of the tokens that Weft's services take.
pub const AUDIENCE: &str = "weft";

/// What a token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The person.
    pub person: PersonId,
    /// The role.
    pub role: Role,
    /// What the role covers; it must fit the role.
    pub scope: Scope,
    /// How long the token is valid, in whole seconds.
    pub ttl: Duration,
    /// What it rests on.
    pub basis: Basis,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The scope does not fit the role.
    #[error("{0}")]
    Misfit(#[from] ScopeMisfit),
    /// A scope that the role never has.
    #[error(
        "the role {0} has another kind of scope: give the division, grid or organisation that it needs"
    )]
    OtherScope(Role),
    /// No random bytes.
    #[error("the system gives no random bytes for a token: try again")]
    Random,
    /// Signing failed.
    #[error("cannot sign the token: check the issuer's key")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// A token's claims as they are written. On reading, all may be absent: the verifier says which
/// ones must be there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) division: Option<Division>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grid: Option<GridCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) org: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assignment: Option<AssignmentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) methods: Vec<String>,
}

/// `aud` is a text or a list of texts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Makes tokens.
pub struct Issuer {
    key: EncodingKey,
    key_id: String,
    public: Vec<u8>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Issuer {
    /// The issuer with the key of a directory (`<data>/keys`), which the first start makes.
    pub fn load_or_create(keys_dir: &Path) -> Result<Self, KeyError> {
        let key = key::load_or_create(keys_dir)?;
        Ok(Self {
            key: EncodingKey::from_ed_der(&key.pkcs8),
            key_id: key::key_id(&key.public),
            public: key.public,
        })
    }

    /// The 32 bytes of the public key.
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// A verifier of this issuer's tokens.
    pub fn verifier(&self, leeway: Duration) -> Verifier {
        Verifier::new(&self.public, ISSUER, AUDIENCE, leeway)
    }

    /// A signed token, valid from `now` on for the claims' time.
    pub fn issue(&self, claims: &Claims, now: Timestamp) -> Result<String, IssueError> {
        let parts = claims.scope.parts();
        if Scope::for_role(claims.role, parts.clone())? != claims.scope {
            return Err(IssueError::OtherScope(claims.role));
        }
        let token_id = match &claims.basis.token_id {
            Some(given) => given.clone(),
            None => random_id()?,
        };
        let now = now.0.div_euclid(1000);
        let ttl = i64::try_from(claims.ttl.as_secs()).unwrap_or(i64::MAX);
        let ScopeParts { division, grid, org } = parts;
        let written = Written {
            iss: Some(ISSUER.to_owned()),
            aud: Some(Audience::One(AUDIENCE.to_owned())),
            sub: Some(claims.person.clone()),
            exp: Some(now.saturating_add(ttl)),
            nbf: Some(now),
            iat: Some(now),
            jti: Some(token_id),
            role: Some(claims.role.to_string()),
            division,
            grid,
            org,
            sid: claims.basis.session.clone(),
            assignment: claims.basis.assignment.clone(),
            methods: claims.basis.methods.clone(),
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &written, &self.key).map_err(IssueError::Sign)
    }
}

fn random_id() -> Result<String, IssueError> {
    let mut random = [0; 16];
    rand::fill(&mut random).map_err(|_| IssueError::Random)?;
    Ok(Key::from_bits(u128::from_be_bytes(random)).to_string())
}
