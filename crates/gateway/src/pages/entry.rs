//! Signing in and out: by login and password, by a single-use link, or by a token that was issued on
//! the command line.

use api::access::v1::{EndSessionRequest, SessionToken, SignInRequest, UseSignInLinkRequest};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Extension, Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use platform::http::Peer;
use serde::Deserialize;

use super::{html, html_with, problem::encode, see};
use crate::{
    gateway::{Gateway, request_id},
    pages::resident::limits::TooOften,
    problem::{FieldErrors, Problem},
    session::{Kind, RESIDENT_SECONDS, Who, set_cookie, who},
    shell::Shell,
    visit::{Visit, own_path},
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/sign-in", get(show).post(send))
        .route("/sign-in/{code}", get(show_link).post(with_link))
        .route("/sign-out", post(sign_out))
        .route("/home", get(home))
}

#[derive(Template)]
#[template(path = "entry/sign_in.html")]
struct SignIn {
    shell: Shell,
    back: String,
    login: String,
    /// Whether another issuer is offered.
    issuer: bool,
    errors: FieldErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    back: String,
    login: String,
    password: String,
    code: String,
    token: String,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let (back, errors) = (asked.back, FieldErrors::none());
    let issuer = visit.gateway.config.single_sign_on;
    html(&SignIn { shell: visit.shell(), back, login: String::new(), issuer, errors })
}

async fn send(
    visit: Visit,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    if !asked.token.trim().is_empty() {
        return Ok(with_token(&visit, asked));
    }
    if let Err(wait) = visit.gateway.sign_ins.take(peer.address, visit.now) {
        return Ok(too_often(wait));
    }
    let request = SignInRequest {
        login: asked.login.clone(),
        password: asked.password,
        code: asked.code,
        assignment_id: String::new(),
    };
    let refused = match visit.gateway.clients.access(None).sign_in(request).await {
        Ok(answer) => {
            forget(&visit, &headers).await;
            let session = answer.into_inner().session.unwrap_or_default();
            return begin_session(&visit, session, &asked.back);
        }
        Err(refused) => refused,
    };
    let errors = FieldErrors::of(refused, visit.locale)?;
    let issuer = visit.gateway.config.single_sign_on;
    let (back, login) = (asked.back, asked.login);
    let page = SignIn { shell: visit.shell(), back, login, issuer, errors };
    Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Ends the session that this browser had, whoever signs in with it now.
async fn forget(visit: &Visit, headers: &HeaderMap) {
    let old = who(&visit.gateway, headers, visit.secure, Kind::Staff);
    if let Some(old) = old.filter(|old| old.principal.basis.session.is_some()) {
        end(&visit.gateway, &old).await;
    }
}

/// Ends a session. Where nobody answers, it ends by itself before long.
async fn end(gateway: &Gateway, who: &Who) {
    let request = EndSessionRequest { request_id: request_id(), session_id: String::new() };
    if let Err(status) = gateway.clients.access(who.token.as_str()).end_session(request).await {
        tracing::warn!(code = ?status.code(), "a session that was signed out goes on until it idles");
    }
}

/// Tells a visitor when to try again.
pub(super) fn too_often(TooOften { seconds }: TooOften) -> Response {
    let wait = [(header::RETRY_AFTER, seconds.to_string())];
    (wait, Problem::from(StatusCode::TOO_MANY_REQUESTS)).into_response()
}

/// Goes on with a session that has begun; who has several roles may choose one.
pub(super) fn begin_session(
    visit: &Visit,
    session: SessionToken,
    back: &str,
) -> Result<Response, Problem> {
    let principal = visit.gateway.read_token(&session.token).map_err(Problem::defect)?;
    let choose = format!("/account/role?back={}", encode(back));
    let back = if session.roles > 1 { choose.as_str() } else { back };
    Ok(begin(visit, &Who { token: session.token, principal }, back))
}

fn with_token(visit: &Visit, asked: Asked) -> Response {
    let token = asked.token.trim();
    match visit.gateway.read_token(token) {
        Ok(principal) => {
            let who = Who { token: token.to_owned(), principal };
            begin(visit, &who, &asked.back)
        }
        Err(_refused) => {
            let errors = FieldErrors::none().and(visit.locale, "token", "common-sign-in-bad-token");
            let (back, login) = (asked.back, asked.login);
            let issuer = visit.gateway.config.single_sign_on;
            let page = SignIn { shell: visit.shell(), back, login, issuer, errors };
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "entry/link.html")]
struct Link {
    shell: Shell,
}

/// Looking at a link does not use it up: programs that preview links look too.
async fn show_link(visit: Visit) -> Response {
    html(&Link { shell: visit.shell() })
}

async fn with_link(
    visit: Visit,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    if let Err(wait) = visit.gateway.sign_ins.take(peer.address, visit.now) {
        return Ok(too_often(wait));
    }
    let mut access = visit.gateway.clients.access(None);
    let answer = access.use_sign_in_link(UseSignInLinkRequest { code }).await?.into_inner();
    let principal = visit.gateway.read_token(&answer.token).map_err(Problem::defect)?;
    if Kind::of(principal.role) == Kind::Staff {
        forget(&visit, &headers).await;
    }
    Ok(begin(&visit, &Who { token: answer.token, principal }, ""))
}

/// Signs this person in and shows what they came for, or their role's first page.
pub(crate) fn begin(visit: &Visit, who: &Who, back: &str) -> Response {
    let kind = Kind::of(who.principal.role);
    let left = who.principal.expires_at.0.saturating_sub(visit.now.0) / 1000;
    let path = if back.is_empty() { who.home() } else { own_path(back) };
    let mut response = see(path);
    let cookie = set_cookie(visit.secure, kind, &who.token, left.min(RESIDENT_SECONDS));
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

async fn sign_out(visit: Visit, headers: HeaderMap) -> Response {
    forget(&visit, &headers).await;
    let mut response = see("/sign-in");
    for kind in [Kind::Staff, Kind::Resident] {
        response.headers_mut().append(header::SET_COOKIE, set_cookie(visit.secure, kind, "", 0));
    }
    response
}

async fn home(visit: Visit, headers: HeaderMap) -> Response {
    see(who(&visit.gateway, &headers, visit.secure, Kind::Staff).map_or("/", |who| who.home()))
}
