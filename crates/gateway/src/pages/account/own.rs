//! `/account`: one's roles, sessions and substitutes.

use api::access::v1::{
    BeginSubstitutionRequest, EndSessionRequest, EndSessionsRequest, EndSubstitutionRequest,
    GetAccountRequest, HeldRole, ListSessionsRequest, ListSubstitutionsRequest, Session,
    Substitution,
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{RoleRow, name_of, place, role_name, term};
use crate::{
    gateway::{Gateway, request_id},
    pages::{html, html_with, see_at},
    problem::{FieldErrors, Problem},
    session::StaffSession,
    shell::Shell,
    time,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/account", get(show))
        .route("/account/sessions", post(end_session))
        .route("/account/substitutions", post(begin_substitution))
        .route("/account/substitutions/end", post(end_substitution))
}

/// A session as the page shows it.
struct SessionRow {
    id: String,
    role: String,
    how: String,
    started_at: i64,
    ends_at: i64,
    current: bool,
    request_id: String,
}

/// A substitution as the page shows it.
struct SubstituteRow {
    id: String,
    substitute: String,
    role: String,
    term: String,
    request_id: String,
}

/// What was typed into the form of a substitution.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Typed {
    request_id: String,
    assignment: String,
    substitute_id: String,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "account/account.html")]
struct Page {
    shell: Shell,
    name: String,
    person: String,
    login: String,
    /// What was just done; empty if nothing.
    done: String,
    roles: Vec<RoleRow>,
    /// Where who takes another role up comes back to.
    back: String,
    sessions: Vec<SessionRow>,
    substitutions: Vec<SubstituteRow>,
    /// The roles that somebody could stand in for: assignment and name.
    own_roles: Vec<(String, String)>,
    typed: Typed,
    request_id: String,
    errors: FieldErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let mut page = page(&gateway, &session, Typed::default(), FieldErrors::none()).await?;
    if ["password", "factor"].contains(&asked.done.as_str()) {
        page.done = asked.done;
    }
    Ok(html(&page))
}

async fn page(
    gateway: &Gateway,
    session: &StaffSession,
    typed: Typed,
    errors: FieldErrors,
) -> Result<Page, Problem> {
    let access = gateway.clients.access(session.token());
    let seen = session.visit.seen.clone();
    let (mut one, mut two, mut three) = (access.clone(), access.clone(), access);
    let sessions = ListSessionsRequest { min_position: seen.clone(), ..Default::default() };
    let substitutions = ListSubstitutionsRequest { min_position: seen, ..Default::default() };
    let (account, sessions, substitutions) = tokio::try_join!(
        one.get_account(GetAccountRequest::default()),
        two.list_sessions(sessions),
        three.list_substitutions(substitutions),
    )?;
    let account = account.into_inner();
    let sessions = sessions.into_inner().sessions;
    let mut substitutions = substitutions.into_inner().substitutions;
    let now = session.visit.now.0;
    substitutions.retain(|one| !one.ended && one.until > now);
    let persons = account.roles.iter().map(|role| role.on_behalf_of.as_str());
    let persons = persons.chain(substitutions.iter().map(|one| one.substitute_id.as_str()));
    let persons = persons.chain([account.person_id.as_str()]).filter(|id| !id.is_empty());
    gateway.names.learn_persons(gateway, session.token(), persons).await;
    let places = account.roles.iter().map(|role| role.division.as_str());
    gateway.names.learn_places(gateway, places.filter(|code| !code.is_empty())).await;

    let shell = session.shell();
    let current = session.who.principal.basis.assignment.as_ref().map(ToString::to_string);
    let is_current = |role: &HeldRole| Some(&role.assignment_id) == current.as_ref();
    let described = |role: &HeldRole| {
        let place = place(&shell, &role.division, &role.grid, &role.organisation_id);
        format!("{} · {place}", role_name(&shell, role.role()))
    };
    let own = account.roles.iter().filter(|role| role.substitution_id.is_empty());
    let own_roles: Vec<_> = own.map(|role| (role.assignment_id.clone(), described(role))).collect();
    Ok(Page {
        name: name_of(&shell, &account.person_id),
        person: account.person_id,
        login: account.login,
        done: String::new(),
        roles: account
            .roles
            .iter()
            .map(|role| RoleRow::of(&shell, role, is_current(role)))
            .collect(),
        back: "/account".to_owned(),
        sessions: sessions.into_iter().map(|one| session_row(&shell, one)).collect(),
        substitutions: substitutions
            .into_iter()
            .map(|one| substitute_row(&shell, one, &own_roles))
            .collect(),
        own_roles,
        typed,
        request_id: request_id(),
        errors,
        shell,
    })
}

fn session_row(shell: &Shell, one: Session) -> SessionRow {
    SessionRow {
        role: role_name(shell, one.role()),
        how: shell.word("account-how", &one.how),
        id: one.session_id,
        started_at: one.started_at,
        ends_at: one.ends_at,
        current: one.current,
        request_id: request_id(),
    }
}

fn substitute_row(shell: &Shell, one: Substitution, roles: &[(String, String)]) -> SubstituteRow {
    let role = roles.iter().find(|(assignment, _)| *assignment == one.assignment_id);
    SubstituteRow {
        substitute: name_of(shell, &one.substitute_id),
        role: role.map(|(_, name)| name.clone()).unwrap_or_default(),
        term: term(shell, one.from, one.until),
        id: one.substitution_id,
        request_id: request_id(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ending {
    request_id: String,
    session: String,
    substitution: String,
}

async fn end_session(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(ending): Form<Ending>,
) -> Result<Response, Problem> {
    let mut access = gateway.clients.access(session.token());
    let request_id = ending.request_id;
    let position = if ending.session == "others" {
        let request = EndSessionsRequest { request_id, person_id: String::new() };
        access.end_sessions(request).await?.into_inner().position
    } else {
        let request = EndSessionRequest { request_id, session_id: ending.session };
        access.end_session(request).await?.into_inner().position
    };
    Ok(see_at("/account", position.as_ref()))
}

async fn begin_substitution(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let request = BeginSubstitutionRequest {
        request_id: typed.request_id.clone(),
        assignment_id: typed.assignment.clone(),
        holder_id: String::new(),
        substitute_id: typed.substitute_id.trim().to_owned(),
        from: time::day(&typed.from).map_or(0, |day| day.0),
        // The day that is named is the last.
        until: time::day_after(&typed.until).map_or(0, |day| day.0),
    };
    match gateway.clients.access(session.token()).begin_substitution(request).await {
        Ok(answer) => Ok(see_at("/account", answer.into_inner().position.as_ref())),
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            let page = page(&gateway, &session, typed, errors).await?;
            Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn end_substitution(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(ending): Form<Ending>,
) -> Result<Response, Problem> {
    let request = EndSubstitutionRequest {
        request_id: ending.request_id,
        substitution_id: ending.substitution,
    };
    let mut access = gateway.clients.access(session.token());
    let position = access.end_substitution(request).await?.into_inner().position;
    Ok(see_at("/account", position.as_ref()))
}
