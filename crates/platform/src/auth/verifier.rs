//! The verifier of tokens: an allow-list of one algorithm, required claims, the given time.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    errors::{Error, ErrorKind},
};
use kernel::{Clock, ErrorCode, Revocation, Timestamp, id::PersonId};
use lru::LruCache;
use serde::Deserialize;

use super::{
    issuer::Written,
    key::key_id,
    principal::{Basis, Principal},
    role::{Role, UnknownRole},
    scope::{Scope, ScopeMisfit, ScopeParts},
};
use crate::grpc::status::ServiceError;

/// A token has at most this many bytes.
pub const MAX_TOKEN_BYTES: usize = 4096;
/// Clocks may differ by this much at most.
pub const MAX_LEEWAY: Duration = Duration::from_secs(30);
/// How often the token of an answer that goes on is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
const CACHED_TOKENS: usize = 10_000;
const ALGORITHM: &str = "EdDSA";

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No token came.
    #[error("no bearer token came with the call: sign in and send 'authorization: Bearer …'")]
    Missing,
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token has more than 4096 bytes: get a new one")]
    TooLong,
    /// Not three parts of base64url, or claims of another form.
    #[error("this is no token: get a new one")]
    Malformed,
    /// Another algorithm than EdDSA, `none` among them.
    #[error("tokens signed with {0:?} are not taken: get one from the issuer of this suite")]
    Algorithm(String),
    /// Signed with a key that is not trusted here.
    #[error("the token was signed with another key: get a new one")]
    UnknownKey,
    /// The signature does not belong to the content.
    #[error("the token's signature is wrong: get a new one")]
    Signature,
    /// A claim is not there.
    #[error("the token has no {0}: get one from the issuer of this suite")]
    MissingClaim(&'static str),
    /// Another issuer's.
    #[error("the token is another issuer's: get one from the issuer of this suite")]
    Issuer,
    /// For another audience.
    #[error("the token is for another audience: get one for this suite")]
    Audience,
    /// Over.
    #[error("the token has ended: sign in again")]
    Expired,
    /// Not yet valid.
    #[error("the token is not valid yet: check the clocks")]
    NotYetValid,
    /// Taken back.
    #[error("the token was taken back: sign in again")]
    Revoked,
    /// A role that does not exist.
    #[error("the token's role: {0}")]
    Role(#[from] UnknownRole),
    /// A scope that does not fit the role.
    #[error("the token's scope: {0}")]
    Scope(#[from] ScopeMisfit),
}

impl AuthError {
    /// The stable reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::TooLong => "TOKEN_TOO_LONG",
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Algorithm(_) => "TOKEN_ALGORITHM",
            Self::UnknownKey => "TOKEN_KEY_UNKNOWN",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::MissingClaim(_) => "TOKEN_CLAIM_MISSING",
            Self::Issuer => "TOKEN_ISSUER",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
            Self::Revoked => "TOKEN_REVOKED",
            Self::Role(_) => "TOKEN_ROLE",
            Self::Scope(_) => "TOKEN_SCOPE",
        }
    }
}

impl From<AuthError> for ServiceError {
    fn from(error: AuthError) -> Self {
        let zh = match error {
            AuthError::Missing => "请先登录",
            AuthError::Expired | AuthError::Revoked => "登录已失效，请重新登录",
            AuthError::NotYetValid => "令牌尚未生效，请检查设备时间",
            AuthError::TooLong
            | AuthError::Malformed
            | AuthError::Algorithm(_)
            | AuthError::UnknownKey
            | AuthError::Signature
            | AuthError::MissingClaim(_)
            | AuthError::Issuer
            | AuthError::Audience
            | AuthError::Role(_)
            | AuthError::Scope(_) => "令牌无效，请重新登录",
        };
        Self::new(ErrorCode::Unauthenticated, error.reason(), error.to_string(), zh)
    }
}

#[derive(Deserialize)]
struct RawHeader {
    alg: String,
    kid: Option<String>,
}

struct Verified {
    principal: Principal,
    not_before: Option<i64>,
    issued_at: Option<i64>,
}

/// A token that was verified, to be looked at again while an answer goes on.
#[derive(Clone)]
pub struct Held(Arc<Verified>);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("principal", &self.0.principal).finish_non_exhaustive()
    }
}

struct State {
    cache: LruCache<[u8; 32], Arc<Verified>>,
    /// The id of a token, a session or an assignment → from when on it is refused, and when its tokens
    /// end anyway.
    revoked: HashMap<String, (Timestamp, Timestamp)>,
    /// Person → tokens issued before this moment are over.
    signed_out: HashMap<PersonId, Timestamp>,
}

/// Verifies tokens; remembers those that it verified, by the SHA-256 of their text.
pub struct Verifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
    leeway_ms: i64,
    state: Mutex<State>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys.keys()).finish_non_exhaustive()
    }
}

impl Verifier {
    /// A verifier of the tokens that `issuer` signs with one Ed25519 key (its 32 public bytes) for
    /// `audience`. The leeway is cut to [`MAX_LEEWAY`].
    pub fn new(public_key: &[u8], issuer: &str, audience: &str, leeway: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // The library asks the wall clock; the times are checked here, against the given moment.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let state = State {
            cache: LruCache::new(NonZeroUsize::new(CACHED_TOKENS).unwrap_or(NonZeroUsize::MIN)),
            revoked: HashMap::new(),
            signed_out: HashMap::new(),
        };
        let leeway_ms = i64::try_from(leeway.min(MAX_LEEWAY).as_millis()).unwrap_or_default();
        Self { keys: HashMap::new(), validation, leeway_ms, state: Mutex::new(state) }
            .trusting(public_key)
    }

    /// The same verifier, trusting one more key of the issuer: for the time of a rotation.
    #[must_use]
    pub fn trusting(mut self, public_key: &[u8]) -> Self {
        self.keys.insert(key_id(public_key), DecodingKey::from_ed_der(public_key));
        self
    }

    /// Who the bearer of this token is at this moment.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, AuthError> {
        self.verify_held(token, now).map(|(principal, _)| principal)
    }

    /// The same, with what [`check`](Self::check) needs later.
    pub fn verify_held(&self, token: &str, now: Timestamp) -> Result<(Principal, Held), AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::TooLong);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        let cached = self.state().cache.get(&hash).cloned();
        let verified = match cached {
            Some(verified) => verified,
            None => Arc::new(self.read(token)?),
        };
        let times = self.check_times(&verified, now);
        let mut state = self.state();
        if times == Err(AuthError::Expired) {
            state.cache.pop(&hash);
        }
        times?;
        state.check_revoked(&verified, now)?;
        state.cache.put(hash, Arc::clone(&verified));
        Ok((verified.principal.clone(), Held(verified)))
    }

    /// Whether a token that was taken before is still to be taken.
    pub fn check(&self, held: &Held, now: Timestamp) -> Result<(), AuthError> {
        self.check_times(&held.0, now)?;
        self.state().check_revoked(&held.0, now)
    }

    /// Returns once a token is over, at most half a second after it ended or was taken back.
    pub async fn until_over(self: Arc<Self>, clock: Arc<dyn Clock>, held: Held) {
        while self.check(&held, clock.now()).is_ok() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Takes back a token, or all that rest on a session or an assignment, by its id; it is forgotten
    /// once the tokens would have ended anyway.
    pub fn revoke(&self, id: &str, expires_at: Timestamp, now: Timestamp) {
        self.take_back(
            &Revocation::Of { id: id.to_owned(), from: Timestamp(i64::MIN), until: expires_at },
            now,
        );
    }

    /// Takes back what an event of the log takes back.
    pub fn take_back(&self, revocation: &Revocation, now: Timestamp) {
        let mut state = self.state();
        match revocation {
            Revocation::Of { id, from, until } => {
                let leeway = self.leeway_ms;
                state.revoked.retain(|_, (_, end)| end.plus_millis(leeway) >= now);
                // The earlier of two counts: a token that was replaced may be taken back at once.
                let known = state.revoked.entry(id.clone()).or_insert((*from, *until));
                *known = (known.0.min(*from), known.1.max(*until));
            }
            Revocation::Person { person, before } => {
                let known = state.signed_out.entry(person.clone()).or_insert(*before);
                *known = (*known).max(*before);
            }
        }
    }

    /// Takes back all tokens of a person that were issued before a moment: a sign-out everywhere, a
    /// term that ended. Tokens know whole seconds, so one of the same second is over too.
    pub fn sign_out(&self, person: &PersonId, issued_before: Timestamp) {
        let person = person.clone();
        self.take_back(&Revocation::Person { person, before: issued_before }, issued_before);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_times(&self, verified: &Verified, now: Timestamp) -> Result<(), AuthError> {
        let seconds = |s: i64| Timestamp(s.saturating_mul(1000));
        if now >= verified.principal.expires_at.plus_millis(self.leeway_ms) {
            return Err(AuthError::Expired);
        }
        let starts = verified.not_before.into_iter().chain(verified.issued_at).max();
        match starts {
            Some(start) if seconds(start) > now.plus_millis(self.leeway_ms) => {
                Err(AuthError::NotYetValid)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn read(&self, token: &str) -> Result<Verified, AuthError> {
        let header = token.split('.').next().unwrap_or_default();
        let header = BASE64URL_NOPAD.decode(header.as_bytes()).map_err(|_| AuthError::Malformed)?;
        let header: RawHeader =
            serde_json::from_slice(&header).map_err(|_| AuthError::Malformed)?;
        if header.alg != ALGORITHM {
            return Err(AuthError::Algorithm(header.alg.chars().take(16).collect()));
        }
        let key = header.kid.and_then(|kid| self.keys.get(&kid)).ok_or(AuthError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<Written>(token, key, &self.validation)
            .map_err(|error| refused(&error))?
            .claims;
        let role: Role = claims.role.ok_or(AuthError::MissingClaim("role"))?.parse()?;
        let parts = ScopeParts { division: claims.division, grid: claims.grid, org: claims.org };
        let expires = claims.exp.ok_or(AuthError::MissingClaim("exp"))?;
        let token_id = claims.jti.ok_or(AuthError::MissingClaim("jti"))?;
        Ok(Verified {
            principal: Principal {
                person: claims.sub.ok_or(AuthError::MissingClaim("sub"))?,
                role,
                scope: Scope::for_role(role, parts)?,
                token_id: token_id.clone(),
                expires_at: Timestamp(expires.saturating_mul(1000)),
                basis: Basis {
                    token_id: Some(token_id),
                    session: claims.sid,
                    assignment: claims.assignment,
                    methods: claims.methods,
                },
            },
            not_before: claims.nbf,
            issued_at: claims.iat,
        })
    }
}

impl State {
    fn check_revoked(&self, verified: &Verified, now: Timestamp) -> Result<(), AuthError> {
        let principal = &verified.principal;
        let issued = Timestamp(verified.issued_at.unwrap_or(i64::MIN).saturating_mul(1000));
        let over = self.signed_out.get(&principal.person).is_some_and(|before| issued < *before);
        if over || self.rests_on_what_was_revoked(principal, now) {
            return Err(AuthError::Revoked);
        }
        Ok(())
    }

    fn rests_on_what_was_revoked(&self, principal: &Principal, now: Timestamp) -> bool {
        if self.revoked.is_empty() {
            return false;
        }
        let revoked = |id: &str| self.revoked.get(id).is_some_and(|(from, _)| now >= *from);
        revoked(&principal.token_id)
            || principal.basis.session.as_ref().is_some_and(|id| revoked(&id.to_string()))
            || principal.basis.assignment.as_ref().is_some_and(|id| revoked(&id.to_string()))
    }
}

/// The library's error as ours; what it does not tell apart is [`AuthError::Malformed`].
fn refused(error: &Error) -> AuthError {
    let kind = error.kind();
    if let ErrorKind::MissingRequiredClaim(claim) = kind {
        let known = ["iss", "aud", "exp", "sub"].into_iter().find(|known| known == claim);
        return known.map_or(AuthError::Malformed, AuthError::MissingClaim);
    }
    if matches!(kind, ErrorKind::InvalidSignature) {
        AuthError::Signature
    } else if matches!(kind, ErrorKind::InvalidIssuer) {
        AuthError::Issuer
    } else if matches!(kind, ErrorKind::InvalidAudience) {
        AuthError::Audience
    } else {
        AuthError::Malformed
    }
}

#[cfg(test)]
#[path = "verifier_tests.rs"]
mod tests;
