//! What is known of the issuer: where its endpoints are, and its keys. Both are asked for again when a
//! key is not known, but not often; known keys go on while the issuer is away, but not for ever.

use std::collections::HashMap;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use kernel::Timestamp;

use super::{
    OidcError,
    client::{Client, Discovery},
};

/// The issuer is asked for its keys at most so often, in milliseconds.
const ASK_EVERY: i64 = 30_000;

/// Its keys are trusted for so long after they were last seen, in milliseconds.
const TRUSTED_FOR: i64 = 24 * 3_600_000;

/// What is known.
#[derive(Default)]
pub(super) struct Keys {
    discovery: Option<Discovery>,
    by_id: HashMap<String, (Algorithm, DecodingKey)>,
    seen: Option<Timestamp>,
    asked: Option<Timestamp>,
}

impl Keys {
    /// Where the issuer's endpoints are.
    pub(super) async fn discovery(
        &mut self,
        client: &Client,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Discovery, OidcError> {
        if !self.are_trusted(now) || self.discovery.is_none() {
            self.ask(client, issuer, now).await?;
        }
        let away = || OidcError::Away("it was asked a moment ago".to_owned());
        self.discovery.clone().ok_or_else(away)
    }

    /// The key of this id, if it is for this algorithm.
    pub(super) async fn key(
        &mut self,
        client: &Client,
        issuer: &str,
        (kid, algorithm): (&str, Algorithm),
        now: Timestamp,
    ) -> Result<DecodingKey, OidcError> {
        if !self.are_trusted(now) || !self.by_id.contains_key(kid) {
            match self.ask(client, issuer, now).await {
                // Known keys go on.
                Err(OidcError::Away(_)) if self.are_trusted(now) => {}
                asked => asked?,
            }
        }
        if !self.are_trusted(now) {
            return Err(OidcError::Away("its keys were not seen for a day".to_owned()));
        }
        match self.by_id.get(kid) {
            Some((of, key)) if *of == algorithm => Ok(key.clone()),
            Some(_) => Err(OidcError::Token("its key is for another algorithm")),
            None => Err(OidcError::Token("its key is not known")),
        }
    }

    fn are_trusted(&self, now: Timestamp) -> bool {
        self.seen.is_some_and(|seen| now.0.saturating_sub(seen.0) < TRUSTED_FOR)
    }

    /// Asks the issuer, unless it was asked a moment ago.
    async fn ask(
        &mut self,
        client: &Client,
        issuer: &str,
        now: Timestamp,
    ) -> Result<(), OidcError> {
        if self.asked.is_some_and(|asked| now.0.saturating_sub(asked.0) < ASK_EVERY) {
            return Ok(());
        }
        self.asked = Some(now);
        let discovery = client.discover(issuer).await?;
        let set: JwkSet = client.get(&discovery.jwks_uri).await?;
        self.by_id = set.keys.iter().filter_map(usable).collect();
        self.discovery = Some(discovery);
        self.seen = Some(now);
        Ok(())
    }
}

/// A key for signatures of an algorithm that is taken; what it says of itself counts, never what a
/// token says.
fn usable(jwk: &Jwk) -> Option<(String, (Algorithm, DecodingKey))> {
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
    let algorithm = if let AlgorithmParameters::RSA(_) = &jwk.algorithm {
        Algorithm::RS256
    } else if let AlgorithmParameters::EllipticCurve(of) = &jwk.algorithm {
        (of.curve == EllipticCurve::P256).then_some(Algorithm::ES256)?
    } else if let AlgorithmParameters::OctetKeyPair(of) = &jwk.algorithm {
        (of.curve == EllipticCurve::Ed25519).then_some(Algorithm::EdDSA)?
    } else {
        return None;
    };
    let key = DecodingKey::from_jwk(jwk).ok().filter(|_| signs)?;
    Some((jwk.common.key_id.clone()?, (algorithm, key)))
}
