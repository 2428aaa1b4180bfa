//! Signing in and out. A single-use link signs in, or a token that was issued on the command line.

use api::access::v1::UseSignInLinkRequest;
use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{html, html_with, see};
use crate::{
    gateway::Gateway,
    problem::{FieldErrors, Problem},
    session::{Kind, RESIDENT_SECONDS, Who, set_cookie, who},
    shell::Shell,
    visit::{Visit, own_path},
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/sign-in", get(show).post(with_token))
        .route("/sign-in/{code}", get(show_link).post(with_link))
        .route("/sign-out", post(sign_out))
        .route("/home", get(home))
}

#[derive(Template)]
#[template(path = "entry/sign_in.html")]
struct SignIn {
    shell: Shell,
    back: String,
    errors: FieldErrors,
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    back: String,
    #[serde(default)]
    token: String,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    html(&SignIn { shell: visit.shell(), back: asked.back, errors: FieldErrors::none() })
}

async fn with_token(visit: Visit, Form(asked): Form<Asked>) -> Response {
    let token = asked.token.trim();
    match visit.gateway.read_token(token) {
        Ok(principal) => {
            let who = Who { token: token.to_owned(), principal };
            begin(&visit, &who, &asked.back)
        }
        Err(_refused) => {
            let errors = FieldErrors::none().and(visit.locale, "token", "common-sign-in-bad-token");
            let page = SignIn { shell: visit.shell(), back: asked.back, errors };
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

async fn with_link(visit: Visit, Path(code): Path<String>) -> Result<Response, Problem> {
    let mut access = visit.gateway.clients.access(None);
    let answer = access.use_sign_in_link(UseSignInLinkRequest { code }).await?.into_inner();
    let principal = visit.gateway.read_token(&answer.token).map_err(Problem::defect)?;
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

async fn sign_out(visit: Visit) -> Response {
    let mut response = see("/sign-in");
    for kind in [Kind::Staff, Kind::Resident] {
        response.headers_mut().append(header::SET_COOKIE, set_cookie(visit.secure, kind, "", 0));
    }
    response
}

async fn home(visit: Visit, headers: HeaderMap) -> Response {
    see(who(&visit.gateway, &headers, visit.secure, Kind::Staff).map_or("/", |who| who.home()))
}
