//! What pages load: the stylesheet, the modules and what is vendored. They are built into the binary
//! and served under the hash of their content, so that a browser keeps them for ever and never sees
//! an old one.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write as _,
    sync::LazyLock,
};

use aws_lc_rs::digest;
use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use flate2::{Compression, write::GzEncoder};

/// The files.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets"]
struct Files;

/// The parts of the stylesheet `weft.css`, in the order in which they are put together. Each room's
/// own part comes last.
pub(crate) const STYLES: [&str; 8] = [
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/resident.css",
    "css/work.css",
    "css/console.css",
    "css/screen.css",
    "css/account.css",
];

struct Asset {
    hash: String,
    kind: &'static str,
    plain: Bytes,
    /// Absent where packing gains nothing.
    packed: Option<Bytes>,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let read = |name: &str| Files::get(name).map(|file| file.data.into_owned()).unwrap_or_default();
    let mut files: BTreeMap<String, Vec<u8>> = Files::iter()
        .filter(|name| !name.starts_with("css/") && *name != "vendor/VENDOR.toml")
        .map(|name| (name.to_string(), read(&name)))
        .collect();
    files.insert("weft.css".to_owned(), STYLES.map(read).concat());
    // Modules import one another by name, so they share one hash: that of all of them.
    let modules =
        hash(files.iter().filter(|(name, _)| name.starts_with("js/")).map(|(_, text)| text));
    files
        .into_iter()
        .map(|(name, plain)| {
            let hash =
                if name.starts_with("js/") { modules.clone() } else { hash([&plain].into_iter()) };
            let kind = kind(&name);
            let packed = if kind.starts_with("image/png") { None } else { packed(&plain) };
            (name, Asset { hash, kind, plain: plain.into(), packed: packed.map(Bytes::from) })
        })
        .collect()
});

fn hash<'a>(texts: impl Iterator<Item = &'a Vec<u8>>) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in texts {
        context.update(text);
    }
    HEXLOWER.encode(&context.finish().as_ref()[..8])
}

fn packed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < plain.len())
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json" | "webmanifest") => "application/json",
        Some(_) | None => "application/octet-stream",
    }
}

/// The path of an asset such as `js/live.js`; of one that is not there, a path that is 404.
pub(crate) fn path(name: &str) -> String {
    let hash = ASSETS.get(name).map_or("none", |asset| asset.hash.as_str());
    format!("/assets/{hash}/{name}")
}

/// `/assets/{hash}/{name}`.
pub(crate) async fn serve(
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(asset) = ASSETS.get(&name).filter(|asset| asset.hash == hash) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let packs =
        accepts.is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
    let mut response = match &asset.packed {
        Some(packed) if packs => {
            let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
            (encoding, packed.clone()).into_response()
        }
        Some(_) | None => asset.plain.clone().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}
