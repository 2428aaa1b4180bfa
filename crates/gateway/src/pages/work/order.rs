//! One order: what was reported, where it is, how it went so far, and what may be done now.

use api::{
    dispatch::v1::{GetWorkOrderRequest, GetWorkOrderResponse, WorkOrder, WorkOrderStatus},
    grid::v1::{GetGridRequest, MemberDuty},
    intake::v1::{GetCaseRequest, GetCaseResponse},
};
use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use kernel::Role;
use serde::Deserialize;

use super::{
    history::{Entry, merged},
    offers::Offers,
    task::Task,
};
use crate::{
    gateway::{Gateway, request_id},
    live::place::Point,
    pages::html_with,
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

#[derive(Template)]
#[template(path = "work/order.html")]
struct Page {
    shell: Shell,
    task: Task,
    order: WorkOrder,
    assignee: String,
    report: Vec<Entry>,
    history: Vec<Entry>,
    /// Whether the case's own history is missing for a while.
    case_away: bool,
    point: Option<Point>,
    offers: Offers,
    /// What was just done; empty otherwise.
    done: String,
    request_id: String,
    errors: FieldErrors,
}

/// What may be said to have just been done.
const DONE: [&str; 5] = ["accept", "return", "feedback", "verify", "close"];

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(
    session: StaffSession,
    Path(order): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = DONE.into_iter().find(|done| *done == asked.done).unwrap_or_default();
    page(&session, &order, done, request_id(), (StatusCode::OK, FieldErrors::none())).await
}

/// The page; with what was refused at its top.
pub(super) async fn page(
    session: &StaffSession,
    id: &str,
    done: &str,
    request_id: String,
    (status, errors): (StatusCode, FieldErrors),
) -> Result<Response, Problem> {
    let gateway = &session.visit.gateway;
    let request = GetWorkOrderRequest {
        work_order_id: id.to_owned(),
        min_position: session.visit.seen.clone(),
    };
    let answer = gateway.clients.dispatch(session.token()).get_work_order(request).await?;
    let GetWorkOrderResponse { work_order, timeline, report, .. } = answer.into_inner();
    let order = work_order.unwrap_or_default();
    let task = Task::of(&order);
    let (case, point, chief) = tokio::join!(
        case(session, &order.case_id),
        gateway.live.point_of(&order.case_id),
        is_chief(session, &order)
    );
    let (case, case_away) = match case? {
        Part::Here(case) => (case, false),
        Part::Away => (None, true),
    };
    // Who may not see the case still knows of the report, for it came with the order.
    let case = case.map_or_else(|| report.clone(), |case| case.timeline);
    learn(gateway, session, &order, case.iter().chain(&timeline)).await;
    let me = session.who.principal.person.to_string();
    let reported = case.first().is_some_and(|entry| entry.actor == me);
    let shell = session.shell();
    let assignee = order.assignee.clone().unwrap_or_default();
    let page = Page {
        assignee: if assignee.organisation_id.is_empty() {
            named(&shell, &assignee.person_id)
        } else {
            shell.organisation(&assignee.organisation_id)
        },
        report: report.iter().map(|entry| Entry::of(&shell, entry)).collect(),
        history: merged(&shell, &case, &timeline),
        case_away,
        point,
        offers: Offers::of(&order, &session.who.principal, chief || reported),
        done: done.to_owned(),
        request_id,
        errors,
        task,
        order,
        shell,
    };
    Ok(html_with(status, &page))
}

/// The name of who has it; a member whose name is not known is still a member.
fn named(shell: &Shell, person: &str) -> String {
    let name = shell.person(person);
    match (person, name == person) {
        ("", _) => String::new(),
        (_, true) => shell.say("work-by-staff"),
        (_, false) => name,
    }
}

async fn learn<'a>(
    gateway: &Gateway,
    session: &StaffSession,
    order: &'a WorkOrder,
    entries: impl Iterator<Item = &'a api::common::v1::TimelineEntry>,
) {
    let place = if order.grid.is_empty() { &order.division } else { &order.grid };
    let assignee = order.assignee.as_ref().map(|assignee| assignee.person_id.as_str());
    let persons = entries.map(|entry| entry.actor.as_str()).chain(assignee);
    let persons = persons.filter(|actor| actor.starts_with(|c: char| c.is_ascii_digit()));
    tokio::join!(
        gateway.names.learn_places(gateway, [place.as_str()]),
        gateway.names.learn_persons(gateway, session.token(), persons)
    );
}

/// The case, if the visitor may see it.
async fn case(session: &StaffSession, id: &str) -> Result<Part<Option<GetCaseResponse>>, Problem> {
    let request =
        GetCaseRequest { case_id: id.to_owned(), min_position: session.visit.seen.clone() };
    let answer = session.visit.gateway.clients.intake(session.token()).get_case(request).await;
    match Part::of(answer) {
        Ok(part) => Ok(part.map(Some)),
        Err(problem) if problem.status == StatusCode::FORBIDDEN => Ok(Part::Here(None)),
        Err(problem) => Err(problem),
    }
}

/// Whether the visitor is the chief of the order's grid. Where that cannot be asked the button is
/// offered, and the service says.
async fn is_chief(session: &StaffSession, order: &WorkOrder) -> bool {
    let member = session.who.principal.role == Role::GridMember;
    if !member || order.status() != WorkOrderStatus::Handled {
        return false;
    }
    let request = GetGridRequest { grid: order.grid.clone(), min_position: None };
    let mut grids = session.visit.gateway.clients.grid(session.token());
    let Ok(answer) = grids.get_grid(request).await else { return true };
    let me = session.who.principal.person.to_string();
    let members = answer.into_inner().grid.unwrap_or_default().members;
    members.iter().any(|member| member.person_id == me && member.duty() == MemberDuty::Chief)
}
