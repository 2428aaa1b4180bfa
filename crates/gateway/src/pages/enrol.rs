//! Enrolment: `/enrol/<code>` uses a link up, `/enrol` is where its holder chooses login, password and
//! second factor. Between the two a short token stands in a cookie of its own.

use api::access::v1::{
    BeginEnrolmentRequest, CompleteEnrolmentRequest, GetEnrolmentRequest, GetEnrolmentResponse,
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Extension, Path},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::get,
};
use platform::http::Peer;
use serde::Deserialize;

use super::{
    entry::{begin_session, too_often},
    html, html_with,
    resident::qr::Qr,
    see,
};
use crate::{
    gateway::Gateway,
    problem::{FieldErrors, Problem},
    session::plain_cookie,
    shell::Shell,
    visit::{Visit, cookie},
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/enrol", get(show).post(send))
        .route("/enrol/{code}", get(show_link).post(begin))
}

/// The name of the cookie; the prefix is as for a session.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-weft-enrol" } else { "weft-enrol" }
}

#[derive(Template)]
#[template(path = "account/enrol_link.html")]
struct Link {
    shell: Shell,
}

/// Looking at a link does not use it up: programs that preview links look too.
async fn show_link(visit: Visit) -> Response {
    html(&Link { shell: visit.shell() })
}

async fn begin(
    visit: Visit,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    if let Err(wait) = visit.gateway.sign_ins.take(peer.address, visit.now) {
        return Ok(too_often(wait));
    }
    let mut access = visit.gateway.clients.access(None);
    let begun = access.begin_enrolment(BeginEnrolmentRequest { code }).await?.into_inner();
    let left = begun.expires_at.saturating_sub(visit.now.0) / 1_000;
    let mut response = see("/enrol");
    response.headers_mut().insert(header::SET_COOKIE, kept(visit.secure, &begun.token, left));
    Ok(response)
}

fn kept(secure: bool, token: &str, seconds: i64) -> axum::http::HeaderValue {
    plain_cookie(name(secure), token, seconds, secure, "; HttpOnly")
}

#[derive(Template)]
#[template(path = "account/enrol.html")]
struct Page {
    shell: Shell,
    login: String,
    secret: String,
    qr: Option<Qr>,
    errors: FieldErrors,
}

impl Page {
    fn of(visit: &Visit, shown: GetEnrolmentResponse, typed: &Sent, errors: FieldErrors) -> Self {
        let login = if typed.login.is_empty() { shown.login } else { typed.login.clone() };
        Self {
            shell: visit.shell(),
            login,
            secret: in_fours(&shown.secret),
            qr: Qr::of(&shown.authenticator_url),
            errors,
        }
    }
}

/// A secret as somebody types it.
pub(super) fn in_fours(secret: &str) -> String {
    let chars: Vec<char> = secret.chars().collect();
    chars.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

async fn show(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    let shown = shown(&visit, &headers).await?.1;
    Ok(html(&Page::of(&visit, shown, &Sent::default(), FieldErrors::none())))
}

/// The token of an enrolment that has begun, and what it shows.
async fn shown(
    visit: &Visit,
    headers: &HeaderMap,
) -> Result<(String, GetEnrolmentResponse), Problem> {
    let token = cookie(headers, name(visit.secure)).unwrap_or_default().to_owned();
    let mut access = visit.gateway.clients.access(token.as_str());
    let shown = access.get_enrolment(GetEnrolmentRequest {}).await;
    // A sign-in would not help: there is nothing to sign in with yet.
    let shown = shown.map_err(|status| Problem { signed_out: None, ..status.into() })?;
    Ok((token, shown.into_inner()))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    login: String,
    password: String,
    again: String,
    code: String,
}

async fn send(
    visit: Visit,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let (token, shown) = shown(&visit, &headers).await?;
    let refused = |errors| {
        let page = Page::of(&visit, shown.clone(), &sent, errors);
        Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
    };
    if sent.password != sent.again {
        return refused(FieldErrors::none().and(visit.locale, "again", "account-again-differs"));
    }
    let request = CompleteEnrolmentRequest {
        login: sent.login.clone(),
        password: sent.password.clone(),
        code: sent.code.clone(),
    };
    let mut access = visit.gateway.clients.access(token.as_str());
    let done = match access.complete_enrolment(request).await {
        Ok(done) => done.into_inner(),
        Err(status) => return refused(FieldErrors::of(status, visit.locale)?),
    };
    let mut response = match done.session {
        Some(session) => begin_session(&visit, session, "")?,
        None => see("/sign-in"),
    };
    response.headers_mut().append(header::SET_COOKIE, kept(visit.secure, "", 0));
    Ok(response)
}
