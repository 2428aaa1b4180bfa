//! A report from patrol: the same questions as a resident's, fewer of them.

use api::{
    common::v1::{Crs, GeoPosition},
    grid::v1::ListDivisionsRequest,
    intake::v1::{Case, Channel, GetCaseRequest, ReportCaseRequest, report_case_request::Place},
};
use askama::Template;
use axum::{Form, extract::Path, http::StatusCode, response::Response};
use platform::auth::Scope;

use super::sent::{Sent, refused, word};
use crate::{
    gateway::request_id,
    pages::{html, html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

/// What was filled in.
#[derive(Default)]
struct Draft {
    request_id: String,
    category: String,
    text: String,
    /// A grid's or a division's code, or `here`.
    place: String,
    longitude: String,
    latitude: String,
    photos: Vec<String>,
}

/// A group of categories, with its leaves as code and name.
struct Group {
    name: String,
    leaves: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "work/report.html")]
struct Page {
    shell: Shell,
    groups: Vec<Group>,
    /// The member's own grid; empty for those who have none.
    grid: String,
    /// The divisions to choose from, as code and name, for those who have no grid.
    divisions: Part<Vec<(String, String)>>,
    draft: Draft,
    errors: FieldErrors,
}

impl Page {
    /// What is wrong with the place, whichever way it was given.
    fn place_error(&self) -> &str {
        let names = ["place", "position", "grid", "division"];
        names
            .into_iter()
            .map(|name| self.errors.on(name))
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }
}

/// The catalogue in its groups.
fn groups(session: &StaffSession) -> Vec<Group> {
    let locale = session.visit.locale;
    let all = session.visit.gateway.names.categories();
    let leaves = |group: &str| {
        let of_group = all.iter().filter(|category| category.parent == group);
        of_group.map(|leaf| (leaf.code.clone(), leaf.name(locale).to_owned())).collect()
    };
    all.iter()
        .filter(|category| category.parent.is_empty())
        .map(|group| Group { name: group.name(locale).to_owned(), leaves: leaves(&group.code) })
        .collect()
}

async fn divisions(session: &StaffSession, shell: &Shell) -> Part<Vec<(String, String)>> {
    let request = ListDivisionsRequest { page_size: 1000, ..ListDivisionsRequest::default() };
    let gateway = &session.visit.gateway;
    let Ok(answer) = gateway.clients.grid(session.token()).list_divisions(request).await else {
        return Part::Away;
    };
    let codes: Vec<_> = answer.into_inner().divisions.into_iter().map(|row| row.code).collect();
    gateway.names.learn_places(gateway, codes.iter().map(String::as_str)).await;
    Part::Here(codes.into_iter().map(|code| (code.clone(), shell.place_path(&code))).collect())
}

async fn page(
    session: &StaffSession,
    draft: Draft,
    (status, errors): (StatusCode, FieldErrors),
) -> Response {
    let gateway = &session.visit.gateway;
    let shell = session.shell();
    let (grid, divisions) = match &session.who.principal.scope {
        Scope::Grid(grid) => {
            let grid = grid.to_string();
            gateway.names.learn_places(gateway, [grid.as_str()]).await;
            (grid, Part::Here(Vec::new()))
        }
        Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
            (String::new(), divisions(session, &shell).await)
        }
    };
    let groups = groups(session);
    html_with(status, &Page { shell, groups, grid, divisions, draft, errors })
}

pub(super) async fn show(session: StaffSession) -> Response {
    let place = match &session.who.principal.scope {
        Scope::Grid(grid) => grid.to_string(),
        Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
            String::new()
        }
    };
    let draft = Draft { request_id: request_id(), place, ..Draft::default() };
    page(&session, draft, (StatusCode::OK, FieldErrors::none())).await
}

impl Draft {
    fn of(sent: &Sent) -> Self {
        Self {
            request_id: sent.text("request_id"),
            category: sent.text("category"),
            text: sent.text("text"),
            place: sent.text("place"),
            longitude: sent.text("longitude"),
            latitude: sent.text("latitude"),
            photos: sent.all("photos"),
        }
    }

    /// The place as the service takes it; none where nothing was chosen.
    fn place(&self) -> Option<Place> {
        match self.place.as_str() {
            "" => None,
            "here" => Some(Place::Position(GeoPosition {
                longitude: self.longitude.parse().ok()?,
                latitude: self.latitude.parse().ok()?,
                crs: Crs::Wgs84.into(),
            })),
            // A grid's code has 15 digits, a division's at most 12.
            code if code.len() > 12 => Some(Place::Grid(code.to_owned())),
            code => Some(Place::Division(code.to_owned())),
        }
    }
}

pub(super) async fn send(
    session: StaffSession,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let draft = Draft::of(&sent);
    let request = ReportCaseRequest {
        request_id: draft.request_id.clone(),
        channel: Channel::Patrol.into(),
        category: draft.category.clone(),
        place: draft.place(),
        text: draft.text.clone(),
        contact: None,
        photos: draft.photos.clone(),
        ..ReportCaseRequest::default()
    };
    match session.visit.gateway.clients.intake(session.token()).report_case(request).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            let path = format!("/work/reported/{}", answer.case_id);
            Ok(see_at(&path, answer.position.as_ref()))
        }
        Err(status) => Ok(page(&session, draft, refused(status, &session.visit)?).await),
    }
}

#[derive(Template)]
#[template(path = "work/reported.html")]
struct Receipt {
    shell: Shell,
    id: String,
    /// With the code of its place, and the word of its status.
    case: Part<(Case, String, String)>,
}

/// What became of a report.
pub(super) async fn receipt(
    session: StaffSession,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let gateway = &session.visit.gateway;
    let request = GetCaseRequest { case_id: id.clone(), min_position: session.visit.seen.clone() };
    let answer = gateway.clients.intake(session.token()).get_case(request).await;
    let case = Part::of(answer)?.map(|answer| {
        let case = answer.case.unwrap_or_default();
        let place = if case.grid.is_empty() { case.division.clone() } else { case.grid.clone() };
        let status = word(case.status().as_str_name(), "CASE_STATUS_");
        (case, place, status)
    });
    if let Part::Here((_, place, _)) = &case {
        gateway.names.learn_places(gateway, [place.as_str()]).await;
    }
    Ok(html(&Receipt { shell: session.shell(), id, case }))
}
