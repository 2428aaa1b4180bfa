//! `/account/role`: somebody with several roles chooses one, after signing in or later.

use api::access::v1::{GetAccountRequest, SwitchRoleRequest};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::RoleRow;
use crate::{
    gateway::Gateway,
    pages::{entry, html},
    problem::Problem,
    session::{StaffSession, Who},
    shell::Shell,
    visit::own_path,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/account/role", get(show).post(take))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    back: String,
    assignment: String,
}

#[derive(Template)]
#[template(path = "account/role.html")]
struct Page {
    shell: Shell,
    roles: Vec<RoleRow>,
    back: String,
    /// Where who keeps the present role goes.
    onward: String,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let mut access = gateway.clients.access(session.token());
    let account = access.get_account(GetAccountRequest::default()).await?.into_inner();
    let shell = session.shell();
    let current = session.who.principal.basis.assignment.as_ref().map(ToString::to_string);
    let roles = account
        .roles
        .iter()
        .map(|role| RoleRow::of(&shell, role, Some(&role.assignment_id) == current.as_ref()));
    let onward = if asked.back.is_empty() { session.who.home() } else { own_path(&asked.back) };
    let (roles, onward) = (roles.collect(), onward.to_owned());
    Ok(html(&Page { shell, roles, back: asked.back, onward }))
}

async fn take(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let mut access = gateway.clients.access(session.token());
    let request = SwitchRoleRequest { assignment_id: asked.assignment };
    let switched = access.switch_role(request).await?.into_inner().session.unwrap_or_default();
    let principal = gateway.read_token(&switched.token).map_err(Problem::defect)?;
    let who = Who { token: switched.token, principal };
    Ok(entry::begin(&session.visit, &who, &asked.back))
}
