//! A gateway to telephones, or any other service: one POST with JSON, signed after Standard Webhooks
//! (<https://www.standardwebhooks.com>), to nothing inside that was not allowed.

use contracts::dispatch::notification::SendFailure;
use futures::{FutureExt as _, future::BoxFuture};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_TYPE, USER_AGENT},
};
use platform::{
    http::{
        post::{PostError, Poster, Target},
        signature,
    },
    service::StartError,
};
use serde_json::json;

use super::{Adapter, Outgoing, secret, wrong};
use crate::config::WebhookSection;

/// The gateway.
pub(super) struct Gateway {
    poster: Poster,
    target: Target,
    key: Vec<u8>,
}

impl Gateway {
    pub(super) fn new(poster: Poster, section: &WebhookSection) -> Result<Self, StartError> {
        let target =
            poster.target(&section.url).map_err(|error| wrong("webhook", &error.to_string()))?;
        let text = secret("webhook", &section.secret_file)?;
        let key = signature::key(&text).ok_or_else(|| {
            wrong("webhook", "the secret is whsec_ and the base64 of 24 to 64 bytes")
        })?;
        Ok(Self { poster, target, key })
    }
}

impl Adapter for Gateway {
    fn send<'a>(&'a self, letter: &'a Outgoing) -> BoxFuture<'a, Result<(), SendFailure>> {
        async move {
            let Outgoing { id, transition, to, zh, en, seconds } = letter;
            let body = json!({
                "id": id,
                "transition": transition,
                "to": to,
                "text_zh": zh,
                "text_en": en,
            });
            let body = body.to_string().into_bytes();
            let signed = signature::sign(std::slice::from_ref(&self.key), id, *seconds, &body);
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(USER_AGENT, HeaderValue::from_static("weft"));
            for (name, value) in [
                ("webhook-id", id.clone()),
                ("webhook-timestamp", seconds.to_string()),
                ("webhook-signature", signed),
            ] {
                let value = value.parse().map_err(|_| SendFailure::Unreadable)?;
                headers.insert(HeaderName::from_static(name), value);
            }
            match self.poster.post(&self.target, headers, body.into()).await {
                Ok(status) if status.is_success() => Ok(()),
                Ok(_) => Err(SendFailure::Refused),
                Err(PostError::Forbidden) => Err(SendFailure::Forbidden),
                Err(PostError::Unreachable(_)) => Err(SendFailure::Unreachable),
            }
        }
        .boxed()
    }
}
