//! Large answers that programs read: packed, and sent once for as long as they stay the same.

use std::io::Write as _;

use aws_lc_rs::digest;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use crate::problem::Problem;

/// The answer, or that it is still what the browser has.
pub(super) fn json(
    asked: &HeaderMap,
    kind: &'static str,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let text = serde_json::to_vec(body).map_err(Problem::defect)?;
    let hash = digest::digest(&digest::SHA256, &text);
    let accepts = |name: header::HeaderName, what: &str| {
        let value = asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(',').any(|one| one.split(';').next().unwrap_or_default().trim() == what)
    };
    let packs = accepts(header::ACCEPT_ENCODING, "gzip");
    // A strong tag names the bytes as they are sent, packed or not.
    let form = if packs { "-gz" } else { "" };
    let tag = format!("\"{}{form}\"", HEXLOWER.encode(&hash.as_ref()[..12]));
    let mut response = if accepts(header::IF_NONE_MATCH, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if packs {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&text).map_err(Problem::defect)?;
        let packed = encoder.finish().map_err(Problem::defect)?;
        ([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], packed).into_response()
    } else {
        text.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Problem::defect)?);
    // Somebody's own, and asked for again each time: unchanged costs only the tag.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("cookie, accept-encoding"));
    Ok(response)
}
