//! `/console/system`: whether all is well, in plain words.

use std::collections::BTreeMap;

use api::admin::v1::{StatusRequest, StatusResponse};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use kernel::Role;

use crate::{
    gateway::Gateway,
    pages::html,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
};

const WHO: [Role; 3] = [Role::Administrator, Role::Supervisor, Role::Operator];

/// The services that have a name in the catalogues.
const NAMED: [&str; 10] = [
    "access", "admin", "camera", "dispatch", "gateway", "grid", "intake", "media", "outlet",
    "points",
];

/// From here on a table that is behind is shown as such; less is the ordinary course.
const BEHIND: u64 = 100;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/console/system", get(show))
}

/// A service as the page shows it.
#[derive(Default)]
struct ServiceView {
    name: String,
    /// Each table, how far it is behind, and whether that is more than usual.
    tables: Vec<(String, u64, bool)>,
    /// The largest lag.
    lag: u64,
}

struct View {
    status: StatusResponse,
    services: Vec<ServiceView>,
    head: u64,
    well: bool,
}

#[derive(Template)]
#[template(path = "console/system.html")]
struct Page {
    shell: Shell,
    view: Part<View>,
    behind: u64,
}

async fn show(State(gateway): State<Gateway>, session: StaffSession) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let answer = gateway.clients.admin(session.token()).status(StatusRequest {}).await;
    let shell = session.shell();
    let view = Part::of(answer)?.map(|status| view(&shell, status));
    Ok(html(&Page { shell, view, behind: BEHIND }))
}

/// The name of a service; one that is not known yet by its own.
fn name(shell: &Shell, service: &str) -> String {
    if NAMED.contains(&service) {
        shell.word("console-service", service)
    } else {
        service.to_owned()
    }
}

fn view(shell: &Shell, status: StatusResponse) -> View {
    let mut services: BTreeMap<&str, ServiceView> = BTreeMap::new();
    for service in &status.services {
        services.entry(service).or_default();
    }
    for table in &status.tables {
        let service = services.entry(&table.service).or_default();
        service.tables.push((table.table.clone(), table.lag, table.lag > BEHIND));
        service.lag = service.lag.max(table.lag);
    }
    let services: Vec<_> = services
        .into_iter()
        .map(|(service, view)| ServiceView { name: name(shell, service), ..view })
        .collect();
    let late = status.processes.iter().any(|process| process.lag > BEHIND);
    let well = status.not_ready.is_empty() && !late && services.iter().all(|one| one.lag <= BEHIND);
    let head = status.head.as_ref().map(|head| head.sequence).unwrap_or_default();
    View { status, services, head, well }
}
