//! The first page: report, follow, points; and one's own latest cases, where the browser is known.

use api::intake::v1::{GetCaseRequest, ListCasesRequest};
use askama::Template;
use axum::{Router, extract::Path, response::Response, routing::get};

use super::steps::{level, word};
use crate::{
    gateway::Gateway,
    pages::{html, see},
    problem::{Part, Problem},
    session::ResidentSession,
    shell::Shell,
    visit::Visit,
    words::Locale,
};

/// How many of one's cases the first page shows.
const LATEST: i32 = 5;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/", get(home)).route("/c/{case}", get(own_case))
}

/// A case in a list.
struct Line {
    id: String,
    category: String,
    place: String,
    status: &'static str,
    level: &'static str,
    at: i64,
}

#[derive(Template)]
#[template(path = "resident/home.html")]
struct Home {
    shell: Shell,
    /// Empty for who has reported nothing.
    latest: Part<Vec<Line>>,
}

async fn home(visit: Visit, session: Option<ResidentSession>) -> Result<Response, Problem> {
    let Some(session) = session else {
        return Ok(html(&Home { shell: visit.shell(), latest: Part::Here(Vec::new()) }));
    };
    let request = ListCasesRequest {
        page_size: LATEST,
        min_position: visit.seen.clone(),
        ..Default::default()
    };
    let answer = visit.gateway.clients.intake(session.token()).list_cases(request).await;
    let cases = Part::of(answer)?.map(|answer| answer.cases);
    if let Part::Here(cases) = &cases {
        let places = cases.iter().map(place);
        visit.gateway.names.learn_places(&visit.gateway, places).await;
    }
    let shell = session.shell();
    let line = |case: api::intake::v1::Case| Line {
        place: shell.place_path(place(&case)),
        status: word(case.status()),
        level: level(case.status()),
        at: case.reported_at,
        category: match visit.locale {
            Locale::Zh => case.category_zh,
            Locale::En => case.category_en,
        },
        id: case.case_id,
    };
    let latest = cases.map(|cases| cases.into_iter().map(line).collect());
    Ok(html(&Home { shell: session.shell(), latest }))
}

/// The place of a case: its grid, or else its division.
pub(super) fn place(case: &api::intake::v1::Case) -> &str {
    if case.grid.is_empty() { &case.division } else { &case.grid }
}

/// To the page of one's own case, which is found by its tracking code.
async fn own_case(session: ResidentSession, Path(case): Path<String>) -> Result<Response, Problem> {
    let request = GetCaseRequest { case_id: case, min_position: session.visit.seen.clone() };
    let answer = session.visit.gateway.clients.intake(session.token()).get_case(request).await?;
    let code = answer.into_inner().tracking_code;
    if code.is_empty() { Err(Problem::not_found()) } else { Ok(see(&format!("/t/{code}"))) }
}
