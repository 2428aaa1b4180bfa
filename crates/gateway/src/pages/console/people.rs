//! `/console/people`: who is registered, found by name or id; and registering somebody new.

use api::access::v1::{ListPersonsRequest, RegisterPersonRequest, RegisteredPerson};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use kernel::{Role, id::PersonId};
use serde::Deserialize;

use super::plain;
use crate::{
    gateway::{Gateway, request_id},
    pages::{html, html_with, problem::encode, see, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

/// Who keeps the register of people, and who their accounts.
const WHO: [Role; 2] = [Role::Administrator, Role::SecurityAdministrator];

/// How many lines a page has.
const LINES: i32 = 50;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/console/people", get(show).post(register))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    page: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Typed {
    request_id: String,
    division: String,
    name: String,
    phone: String,
    organisation_id: String,
}

#[derive(Template)]
#[template(path = "console/people.html")]
struct Page {
    shell: Shell,
    q: String,
    people: Part<Vec<RegisteredPerson>>,
    first: String,
    next: String,
    /// Whether the visitor enters people into the register.
    registers: bool,
    typed: Typed,
    errors: FieldErrors,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let q = asked.q.trim().to_owned();
    let is_security = session.who.principal.role == Role::SecurityAdministrator;
    if let Ok(person) = q.parse::<PersonId>()
        && is_security
    {
        return Ok(see(&format!("/console/people/{person}")));
    }
    let typed = Typed {
        request_id: request_id(),
        division: session.who.division(&gateway),
        ..Typed::default()
    };
    let page = page(&gateway, &session, (q, asked.page), typed, FieldErrors::none()).await?;
    Ok(html(&page))
}

async fn page(
    gateway: &Gateway,
    session: &StaffSession,
    (q, token): (String, String),
    typed: Typed,
    errors: FieldErrors,
) -> Result<Page, Problem> {
    let token = plain(&token);
    let request = ListPersonsRequest {
        page_size: LINES,
        page_token: token.clone(),
        min_position: session.visit.seen.clone(),
        name: q.clone(),
    };
    let answer = gateway.clients.access(session.token()).list_persons(request).await;
    let here = format!("/console/people?q={}", encode(&q));
    let mut next = String::new();
    let people = match Part::of(answer)? {
        Part::Here(answer) => {
            if !answer.next_page_token.is_empty() {
                next = format!("{here}&page={}", answer.next_page_token);
            }
            let places = answer.persons.iter().map(|person| person.division.as_str());
            gateway.names.learn_places(gateway, places).await;
            Part::Here(answer.persons)
        }
        Part::Away => Part::Away,
    };
    Ok(Page {
        shell: session.shell(),
        q,
        people,
        first: if token.is_empty() { String::new() } else { here },
        next,
        registers: session.who.principal.role == Role::Administrator,
        typed,
        errors,
    })
}

async fn register(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let request = RegisterPersonRequest {
        request_id: typed.request_id.clone(),
        division: typed.division.trim().to_owned(),
        name: typed.name.clone(),
        phone: typed.phone.trim().to_owned(),
        organisation_id: typed.organisation_id.trim().to_owned(),
    };
    match gateway.clients.access(session.token()).register_person(request).await {
        Ok(answer) => {
            let path = format!("/console/people?q={}", encode(&typed.name));
            Ok(see_at(&path, answer.into_inner().position.as_ref()))
        }
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            let none = (String::new(), String::new());
            let page = page(&gateway, &session, none, typed, errors).await?;
            Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
