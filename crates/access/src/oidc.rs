//! Another issuer's word, after OpenID Connect Core 1.0: discovery, the code flow with PKCE (RFC 7636,
//! S256), and ID tokens verified against the issuer's keys. Off unless `[access.oidc]` names an issuer.
//!
//! The tokens are verified with the crate that verifies Weft's own: a client library would bring an
//! RSA implementation and an HTTP client of its own.

mod client;
mod keys;

use aws_lc_rs::{constant_time, digest, rand};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, Validation};
use kernel::{ErrorCode, Timestamp};
use platform::grpc::ServiceError;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::config::Oidc;
use client::{Client, Discovery};
use keys::Keys;

/// Clocks may differ by this much, in seconds.
const LEEWAY: i64 = 30;

/// An ID token that is exchanged was issued at most so long ago, in seconds: whoever finds an old one
/// does nothing with it.
const FRESH: i64 = 300;

/// What is taken; never what a token's header asks for besides.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The configured issuer.
pub(crate) struct Provider {
    config: Oidc,
    client: Client,
    keys: Mutex<Keys>,
}

/// Why an issuer's word is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    /// It cannot be reached, and what is known of it does not do.
    #[error("the issuer cannot be reached: {0}")]
    Away(String),
    /// What it says of itself is wrong.
    #[error("the issuer's answer is wrong: {0}")]
    Answer(&'static str),
    /// The token.
    #[error("the token is not taken: {0}")]
    Token(&'static str),
}

impl From<OidcError> for ServiceError {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Away(why) => {
                tracing::warn!(why, "the issuer of single sign-on cannot be reached");
                Self::new(
                    ErrorCode::Unavailable,
                    "ISSUER_AWAY",
                    "the issuer of single sign-on cannot be reached: try again, or sign in with login and password",
                    "统一身份认证暂时无法连接, 请稍后再试, 或使用登录名和密码登录",
                )
            }
            OidcError::Answer(why) | OidcError::Token(why) => {
                tracing::warn!(why, "an issuer's word was not taken");
                Self::new(
                    ErrorCode::Unauthenticated,
                    "ID_TOKEN_REFUSED",
                    "the issuer's word is not taken: sign in again",
                    "统一身份认证的结果未被接受, 请重新登录",
                )
            }
        }
    }
}

/// Where a browser goes, and what it must bring back.
pub(crate) struct Going {
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// What a code is exchanged with.
pub(crate) struct Came<'a> {
    pub(crate) code: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Provider {
    /// The provider that is configured; none where none is.
    pub(crate) fn of(config: &Oidc) -> Result<Option<Self>, String> {
        if config.issuer.is_empty() {
            return Ok(None);
        }
        let client = Client::new(config)?;
        Ok(Some(Self { config: config.clone(), client, keys: Mutex::default() }))
    }

    /// The issuer's name, as tokens have it.
    pub(crate) fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// Begins the code flow.
    pub(crate) async fn begin(
        &self,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Result<Going, OidcError> {
        let discovery = self.discovered(now).await?;
        let (state, nonce, verifier) = (random()?, random()?, random()?);
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        let query = client::form(&[
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", "openid"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &BASE64URL_NOPAD.encode(challenge.as_ref())),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = &discovery.authorization_endpoint;
        let join = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Going { url: format!("{endpoint}{join}{query}"), state, nonce, verifier })
    }

    /// Ends the code flow: the subject of the ID token that the code is exchanged for.
    pub(crate) async fn complete(
        &self,
        came: Came<'_>,
        now: Timestamp,
    ) -> Result<String, OidcError> {
        let discovery = self.discovered(now).await?;
        let token = self.client.exchange(&discovery.token_endpoint, &came).await?;
        let claims = self.read(&token, now).await?;
        let nonce = claims.nonce.unwrap_or_default();
        let same = constant_time::verify_slices_are_equal(nonce.as_bytes(), came.nonce.as_bytes());
        if nonce.is_empty() || same.is_err() {
            return Err(OidcError::Token("its nonce is another"));
        }
        Ok(claims.sub)
    }

    /// The subject of an ID token that was issued a moment ago.
    pub(crate) async fn subject(&self, token: &str, now: Timestamp) -> Result<String, OidcError> {
        let claims = self.read(token, now).await?;
        if now.0.div_euclid(1_000).saturating_sub(claims.iat) > FRESH {
            return Err(OidcError::Token("it was issued long ago"));
        }
        Ok(claims.sub)
    }

    async fn discovered(&self, now: Timestamp) -> Result<Discovery, OidcError> {
        self.keys.lock().await.discovery(&self.client, &self.config.issuer, now).await
    }

    async fn read(&self, token: &str, now: Timestamp) -> Result<Claims, OidcError> {
        let header = jsonwebtoken::decode_header(token);
        let header = header.map_err(|_| OidcError::Token("it is none"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(OidcError::Token("its algorithm is not taken"));
        }
        let kid = header.kid.ok_or(OidcError::Token("it names no key"))?;
        let mut keys = self.keys.lock().await;
        let key = keys.key(&self.client, &self.config.issuer, (&kid, header.alg), now).await?;
        drop(keys);
        let mut validation = Validation::new(header.alg);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.client_id]);
        // The library asks the wall clock; the times are checked below, against the given moment.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation);
        let claims = claims.map_err(|_| OidcError::Token("signature, issuer or audience"))?.claims;
        self.check(claims, now.0.div_euclid(1_000))
    }

    fn check(&self, claims: Claims, now: i64) -> Result<Claims, OidcError> {
        if now >= claims.exp.saturating_add(LEEWAY) {
            return Err(OidcError::Token("it is over"));
        }
        if claims.iat.max(claims.nbf.unwrap_or(i64::MIN)) > now.saturating_add(LEEWAY) {
            return Err(OidcError::Token("it is not valid yet"));
        }
        let ours = Some(&self.config.client_id);
        let many = matches!(&claims.aud, Audience::Many(all) if all.len() > 1);
        if claims.azp.is_some() && claims.azp.as_ref() != ours || many && claims.azp.is_none() {
            return Err(OidcError::Token("it is for another client"));
        }
        let none = match &claims.aud {
            Audience::One(one) => one.is_empty(),
            Audience::Many(all) => all.is_empty(),
        };
        if claims.sub.is_empty() || claims.sub.len() > 255 || none {
            return Err(OidcError::Token("it names nobody"));
        }
        Ok(claims)
    }
}

fn random() -> Result<String, OidcError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| OidcError::Away("no random bytes".to_owned()))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}
