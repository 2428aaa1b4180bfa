//! `/account/password` and `/account/second-factor`: what a person signs in with. What was typed and
//! is secret is never shown again.

use api::access::v1::{
    ConfirmSecondFactorRequest, EnrolSecondFactorRequest, GetAccountRequest, SetPasswordRequest,
};
use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    gateway::Gateway,
    pages::{enrol::in_fours, html, html_with, resident::qr::Qr, see},
    problem::{FieldErrors, Problem},
    session::StaffSession,
    shell::Shell,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/account/password", get(show_password).post(set_password))
        .route("/account/second-factor", get(show_factor).post(offer_factor))
        .route("/account/second-factor/confirm", post(confirm_factor))
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct Password {
    shell: Shell,
    errors: FieldErrors,
}

async fn show_password(session: StaffSession) -> Response {
    html(&Password { shell: session.shell(), errors: FieldErrors::none() })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    old: String,
    code: String,
    password: String,
    new_password: String,
    again: String,
}

async fn set_password(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let locale = session.visit.locale;
    let errors = if sent.new_password == sent.again {
        let request = SetPasswordRequest {
            old_password: sent.old,
            code: sent.code,
            new_password: sent.new_password,
        };
        match gateway.clients.access(session.token()).set_password(request).await {
            Ok(_) => return Ok(see("/account?done=password")),
            Err(status) => FieldErrors::of(status, locale)?,
        }
    } else {
        FieldErrors::none().and(locale, "again", "account-again-differs")
    };
    let page = Password { shell: session.shell(), errors };
    Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

#[derive(Template)]
#[template(path = "account/second_factor.html")]
struct Factor {
    shell: Shell,
    /// What has yet to be confirmed; empty if nothing.
    secret: String,
    qr: Option<Qr>,
    errors: FieldErrors,
}

/// The page as the account stands.
async fn factor(
    gateway: &Gateway,
    session: &StaffSession,
    errors: FieldErrors,
) -> Result<Factor, Problem> {
    let mut access = gateway.clients.access(session.token());
    let account = access.get_account(GetAccountRequest::default()).await?.into_inner();
    let qr = (!account.offered_url.is_empty()).then(|| Qr::of(&account.offered_url)).flatten();
    let secret = in_fours(&account.offered_secret);
    Ok(Factor { shell: session.shell(), secret, qr, errors })
}

async fn show_factor(
    State(gateway): State<Gateway>,
    session: StaffSession,
) -> Result<Response, Problem> {
    Ok(html(&factor(&gateway, &session, FieldErrors::none()).await?))
}

async fn offer_factor(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let request = EnrolSecondFactorRequest { password: sent.password, code: sent.code };
    match gateway.clients.access(session.token()).enrol_second_factor(request).await {
        Ok(_) => Ok(see("/account/second-factor")),
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            let page = factor(&gateway, &session, errors).await?;
            Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn confirm_factor(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let request = ConfirmSecondFactorRequest { code: sent.code };
    match gateway.clients.access(session.token()).confirm_second_factor(request).await {
        Ok(_) => Ok(see("/account?done=factor")),
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            let page = factor(&gateway, &session, errors).await?;
            Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
