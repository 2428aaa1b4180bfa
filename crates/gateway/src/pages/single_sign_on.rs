//! Signing in at another issuer: off to it by a link, and back from it with a code. What must come back
//! is kept in a sealed cookie for some minutes. It is a link and no form: the policy of the headers lets
//! no form lead to another site.

use api::access::v1::{BeginIssuerSignInRequest, CompleteIssuerSignInRequest};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    constant_time,
};
use axum::{
    Router,
    extract::{Extension, Query},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};
use data_encoding::BASE64URL_NOPAD;
use platform::{executor::derived_key, http::Peer};
use serde::{Deserialize, Serialize};

use super::{
    entry::{begin_session, too_often},
    resident::qr::base,
    see,
};
use crate::{
    gateway::Gateway,
    problem::Problem,
    session::plain_cookie,
    visit::{Visit, cookie},
};

/// How long somebody may take at the issuer, in seconds.
const AWAY: i64 = 10 * 60;

/// Where the issuer sends browsers back to.
const BACK: &str = "/sign-in/back";

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/sign-in/issuer", get(leave)).route(BACK, get(come_back))
}

/// What must come back.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    nonce: String,
    verifier: String,
    back: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    back: String,
    code: String,
    state: String,
}

async fn leave(
    visit: Visit,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Err(wait) = visit.gateway.sign_ins.take(peer.address, visit.now) {
        return Ok(too_often(wait));
    }
    let redirect_uri = format!("{}{BACK}", base(&visit.gateway, &headers, peer));
    let request = BeginIssuerSignInRequest { redirect_uri };
    let mut access = visit.gateway.clients.access(None);
    let going = access.begin_issuer_sign_in(request).await?.into_inner();
    let kept = Kept {
        state: going.state,
        nonce: going.nonce,
        verifier: going.code_verifier,
        back: asked.back.chars().take(500).collect(),
    };
    let kept = seal(&visit.gateway, &kept).ok_or_else(Problem::not_found)?;
    let mut response = see(&going.authorization_url);
    response.headers_mut().insert(header::SET_COOKIE, set(visit.secure, &kept, AWAY));
    Ok(response)
}

async fn come_back(
    visit: Visit,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Err(wait) = visit.gateway.sign_ins.take(peer.address, visit.now) {
        return Ok(too_often(wait));
    }
    let kept = cookie(&headers, name(visit.secure)).and_then(|text| open(&visit.gateway, text));
    let kept = kept.ok_or_else(Problem::cross_site)?;
    let same =
        constant_time::verify_slices_are_equal(kept.state.as_bytes(), asked.state.as_bytes());
    if same.is_err() {
        return Err(Problem::cross_site());
    }
    let request = CompleteIssuerSignInRequest {
        code: asked.code,
        nonce: kept.nonce,
        code_verifier: kept.verifier,
        redirect_uri: format!("{}{BACK}", base(&visit.gateway, &headers, peer)),
    };
    let mut access = visit.gateway.clients.access(None);
    let done = access.complete_issuer_sign_in(request).await;
    let done = done.map_err(|status| Problem { signed_out: None, ..status.into() })?.into_inner();
    let mut response = begin_session(&visit, done.session.unwrap_or_default(), &kept.back)?;
    response.headers_mut().append(header::SET_COOKIE, set(visit.secure, "", 0));
    Ok(response)
}

/// The name of the cookie; the prefix is as for a session.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-weft-issuer" } else { "weft-issuer" }
}

fn set(secure: bool, value: &str, seconds: i64) -> HeaderValue {
    plain_cookie(name(secure), value, seconds, secure, "; HttpOnly")
}

/// The key under which these cookies are sealed: it follows from a secret that all replicas share.
fn key(gateway: &Gateway) -> Option<RandomizedNonceKey> {
    let secret = gateway.context.tracking_secret.as_slice();
    let half = |n: u8| derived_key(&[b"issuer cookie", &[n], secret]);
    let bytes = format!("{}{}", half(0), half(1));
    let bytes = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_bytes());
    RandomizedNonceKey::new(&AES_256_GCM, bytes.as_ref()).ok()
}

fn seal(gateway: &Gateway, kept: &Kept) -> Option<String> {
    let mut text = serde_json::to_vec(kept).ok()?;
    let nonce = key(gateway)?.seal_in_place_append_tag(Aad::empty(), &mut text).ok()?;
    Some(BASE64URL_NOPAD.encode(&[nonce.as_ref().as_slice(), &text].concat()))
}

fn open(gateway: &Gateway, sealed: &str) -> Option<Kept> {
    let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    let plain = key(gateway)?.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
    serde_json::from_slice(plain).ok()
}
