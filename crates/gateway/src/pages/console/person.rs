//! `/console/people/<id>`: what a security administrator does for one person: roles for terms, an
//! enrolment link, unlocking, ending sessions.

use api::{
    access::v1::{
        AssignRoleRequest, CloseAccountRequest, CreateEnrolmentLinkRequest, EndSessionsRequest,
        GetAccountRequest, GetAccountResponse, ListSessionsRequest, RevokeRoleRequest,
        Role as Word, UnlockAccountRequest,
    },
    common::v1::Position,
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Extension, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use kernel::Role;
use platform::http::Peer;
use serde::Deserialize;

use crate::{
    gateway::{Gateway, request_id},
    pages::{
        account::{RoleRow, name_of},
        html, html_with,
        resident::qr::base,
        see_at,
    },
    problem::{FieldErrors, Problem},
    session::StaffSession,
    shell::Shell,
    time,
};

const WHO: [Role; 1] = [Role::SecurityAdministrator];

/// How long an enrolment link can be used, in seconds.
const LINK: i64 = 24 * 3_600;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/console/people/{person}", get(show).post(send))
}

/// What the forms of the page carry; `what` says which of them was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Sent {
    what: String,
    request_id: String,
    assignment: String,
    role: String,
    division: String,
    grid: String,
    organisation_id: String,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "console/person.html")]
struct Page {
    shell: Shell,
    id: String,
    name: String,
    account: GetAccountResponse,
    roles: Vec<RoleRow>,
    sessions: usize,
    /// Value and name of each role that can be given.
    choices: Vec<(String, String)>,
    typed: Sent,
    /// The enrolment link that was made just now, shown once; empty if none was.
    link: String,
    request_id: String,
    errors: FieldErrors,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(person): Path<String>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let typed = Sent { division: session.who.division(&gateway), ..Sent::default() };
    Ok(html(&page(&gateway, &session, person, typed).await?))
}

async fn page(
    gateway: &Gateway,
    session: &StaffSession,
    id: String,
    typed: Sent,
) -> Result<Page, Problem> {
    let access = gateway.clients.access(session.token());
    let (mut one, mut two) = (access.clone(), access);
    let sessions = ListSessionsRequest {
        min_position: session.visit.seen.clone(),
        person_id: id.clone(),
        ..Default::default()
    };
    let (account, sessions) = tokio::try_join!(
        one.get_account(GetAccountRequest { person_id: id.clone() }),
        two.list_sessions(sessions),
    )?;
    let account = account.into_inner();
    let persons = account.roles.iter().map(|role| role.on_behalf_of.as_str());
    let persons = persons.chain([id.as_str()]).filter(|id| !id.is_empty());
    gateway.names.learn_persons(gateway, session.token(), persons).await;
    let places = account.roles.iter().map(|role| role.division.as_str());
    gateway.names.learn_places(gateway, places.filter(|code| !code.is_empty())).await;
    let shell = session.shell();
    let given = |role: &Role| !matches!(role, Role::Resident | Role::Integrator);
    let choices = Role::ALL.into_iter().filter(given);
    Ok(Page {
        name: name_of(&shell, &id),
        roles: account.roles.iter().map(|role| RoleRow::of(&shell, role, false)).collect(),
        sessions: sessions.into_inner().sessions.len(),
        choices: choices.map(|role| (role.to_string(), shell.word("role", role))).collect(),
        typed,
        link: String::new(),
        request_id: request_id(),
        errors: FieldErrors::none(),
        account,
        id,
        shell,
    })
}

async fn send(
    State(gateway): State<Gateway>,
    session: StaffSession,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Path(person): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    match carry_out(&gateway, &session, &person, &sent).await {
        Ok(Done::At(position)) => {
            Ok(see_at(&format!("/console/people/{person}"), position.as_ref()))
        }
        Ok(Done::Link(code)) => {
            let mut page = page(&gateway, &session, person, Sent::default()).await?;
            page.link = format!("{}/enrol/{code}", base(&gateway, &headers, peer));
            Ok(html(&page))
        }
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            let mut page = page(&gateway, &session, person, sent).await?;
            page.errors = errors;
            Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// What a form has done.
enum Done {
    /// Something that the page shows from this position on.
    At(Option<Position>),
    /// A link, whose code is shown once.
    Link(String),
}

async fn carry_out(
    gateway: &Gateway,
    session: &StaffSession,
    person: &str,
    sent: &Sent,
) -> Result<Done, tonic::Status> {
    let mut access = gateway.clients.access(session.token());
    let (request_id, person_id) = (sent.request_id.clone(), person.to_owned());
    let done = match sent.what.as_str() {
        "link" => {
            let request = CreateEnrolmentLinkRequest { request_id, person_id, ttl_seconds: LINK };
            let made = access.create_enrolment_link(request).await?.into_inner();
            return Ok(Done::Link(made.code));
        }
        "unlock" => {
            let request = UnlockAccountRequest { request_id, person_id };
            access.unlock_account(request).await?.into_inner().position
        }
        "close" => {
            let request = CloseAccountRequest { request_id, person_id };
            access.close_account(request).await?.into_inner().position
        }
        "sessions" => {
            let request = EndSessionsRequest { request_id, person_id };
            access.end_sessions(request).await?.into_inner().position
        }
        "revoke" => {
            let assignment_id = sent.assignment.clone();
            let request = RevokeRoleRequest { request_id, person_id, assignment_id };
            access.revoke_role(request).await?.into_inner().position
        }
        _ => {
            let role = Word::from_str_name(&format!("ROLE_{}", sent.role.to_uppercase()));
            let trimmed = |text: &String| text.trim().to_owned();
            let request = AssignRoleRequest {
                request_id,
                person_id,
                role: role.unwrap_or_default().into(),
                division: trimmed(&sent.division),
                grid: trimmed(&sent.grid),
                organisation_id: trimmed(&sent.organisation_id),
                from: time::day(&sent.from).map_or(0, |day| day.0),
                until: time::day_after(&sent.until).map_or(0, |day| day.0),
            };
            access.assign_role(request).await?.into_inner().position
        }
    };
    Ok(Done::At(done))
}
