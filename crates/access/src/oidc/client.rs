//! The three questions that are asked of an issuer: what it says of itself, its keys, and a token for
//! a code.

use std::{fs, time::Duration};

use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue, Method, header};
use platform::http::post::{PostSettings, Poster};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Came, OidcError};
use crate::config::Oidc;

/// How long the issuer may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// What an issuer says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Asks the issuer.
pub(super) struct Client {
    poster: Poster,
    id: String,
    secret: String,
}

impl Client {
    pub(super) fn new(config: &Oidc) -> Result<Self, String> {
        let everywhere = ["0.0.0.0/0", "::/0"].map(str::parse);
        let settings = PostSettings {
            // Whoever writes the configuration says where the issuer is, and it may well be inside.
            allow: everywhere.into_iter().collect::<Result<_, _>>().unwrap_or_default(),
            plain_http: true,
            ca_file: config.ca_file.clone(),
            limit: LIMIT,
        };
        let poster = Poster::new(settings).map_err(|error| format!("access.oidc: {error}"))?;
        let secret = match &config.client_secret_file {
            Some(path) => fs::read_to_string(path).map_err(|error| {
                format!("access.oidc.client_secret_file cannot be read: {error}")
            })?,
            None => String::new(),
        };
        poster.target(&config.issuer).map_err(|error| format!("access.oidc.issuer: {error}"))?;
        Ok(Self { poster, id: config.client_id.clone(), secret: secret.trim().to_owned() })
    }

    pub(super) async fn discover(&self, issuer: &str) -> Result<Discovery, OidcError> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found: Discovery = self.get(&url).await?;
        if found.issuer == issuer {
            Ok(found)
        } else {
            Err(OidcError::Answer("it names another issuer"))
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, OidcError> {
        self.ask(Method::GET, url, HeaderMap::new(), String::new()).await
    }

    /// The ID token that a code stands for.
    pub(super) async fn exchange(&self, url: &str, came: &Came<'_>) -> Result<String, OidcError> {
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", came.code),
            ("redirect_uri", came.redirect_uri),
            ("code_verifier", came.verifier),
            ("client_id", &self.id),
        ]);
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        if !self.secret.is_empty() {
            let pair = format!("{}:{}", coded(&self.id), coded(&self.secret));
            let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
            let basic = HeaderValue::from_str(&basic);
            let basic = basic.map_err(|_| OidcError::Answer("the secret fits no header"))?;
            headers.insert(header::AUTHORIZATION, basic);
        }
        let tokens: Tokens = self.ask(Method::POST, url, headers, body).await?;
        Ok(tokens.id_token)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        mut headers: HeaderMap,
        body: String,
    ) -> Result<T, OidcError> {
        let target = self.poster.target(url);
        let target = target.map_err(|_| OidcError::Answer("an address is none"))?;
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let asked = self.poster.ask(method, &target, headers, body.into()).await;
        let (status, answer) = asked.map_err(|error| OidcError::Away(error.to_string()))?;
        if status.is_server_error() {
            return Err(OidcError::Away(status.to_string()));
        }
        if !status.is_success() {
            return Err(OidcError::Answer("it refused"));
        }
        serde_json::from_slice(&answer).map_err(|_| OidcError::Answer("it is not what was asked"))
    }
}

/// Pairs as forms and queries write them.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", coded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn coded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let byte =
        |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}
