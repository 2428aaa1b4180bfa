//! A message of the public stream as a request: the HTTP binding of `CloudEvents` 1.0, and the headers of
//! Standard Webhooks.

use bytes::Bytes;
use contracts::outlet::BodyMode;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_TYPE, USER_AGENT},
};
use platform::{http::signature, publication::Told};
use serde_json::{Map, Value};

/// What stands before an attribute of an event.
const CE: &str = "ce-";

/// The headers and the body of a request that tells of an event, signed at this second.
pub(super) fn request(
    told: &Told,
    mode: BodyMode,
    keys: &[Vec<u8>],
    seconds: i64,
) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    let body = match mode {
        BodyMode::Binary => {
            for (name, value) in attributes(told).filter(|(name, _)| name != "ce-datacontenttype") {
                // What the outlet writes into a header is ASCII.
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.parse()) {
                    headers.insert(name, value);
                }
            }
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            told.body.clone()
        }
        BodyMode::Structured => {
            let json = HeaderValue::from_static("application/cloudevents+json; charset=utf-8");
            headers.insert(CONTENT_TYPE, json);
            structured(told)
        }
    };
    let id = told.header("ce-id");
    headers.insert(USER_AGENT, HeaderValue::from_static("weft"));
    for (name, value) in [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature::sign(keys, id, seconds, &body)),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    (headers, body)
}

fn attributes(told: &Told) -> impl Iterator<Item = (String, String)> {
    told.headers.iter().filter_map(|(name, values)| {
        let (name, value) = (name.to_string(), values.first()?.as_str().to_owned());
        name.starts_with(CE).then_some((name, value))
    })
}

fn structured(told: &Told) -> Bytes {
    let mut event: Map<String, Value> = attributes(told)
        .filter_map(|(name, value)| Some((name.strip_prefix(CE)?.to_owned(), value.into())))
        .collect();
    event.insert("data".to_owned(), serde_json::from_slice(&told.body).unwrap_or(Value::Null));
    serde_json::to_vec(&event).unwrap_or_default().into()
}
