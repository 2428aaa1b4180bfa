//! `/console/grids`: the grids in scope with their members, and the poster with the code of each.

use api::grid::v1::{Grid, ListGridsRequest};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};

use super::{DESK, choices, plain, word};
use crate::{
    gateway::Gateway,
    pages::html,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
};

/// How many lines a page has.
const LINES: i32 = 50;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/console/grids", get(show))
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Asked {
    division: String,
    page: String,
}

/// A grid as the page shows it.
struct Line {
    code: String,
    name: String,
    kind: String,
    division: String,
    /// The name and the duty's word of each.
    members: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/grids.html")]
struct Page {
    shell: Shell,
    division: String,
    divisions: Vec<(String, String)>,
    grids: Part<Vec<Line>>,
    first: String,
    next: String,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let (division, token) = (plain(&asked.division), plain(&asked.page));
    let request = ListGridsRequest {
        page_size: LINES,
        page_token: token.clone(),
        min_position: session.visit.seen.clone(),
        division: division.clone(),
        ..ListGridsRequest::default()
    };
    let mut client = gateway.clients.grid(session.token());
    let (answer, divisions) =
        tokio::join!(client.list_grids(request), choices::divisions(&gateway, &session));
    let here = format!("/console/grids?division={division}");
    let shell = session.shell();
    let mut next = String::new();
    let grids = match Part::of(answer)? {
        Part::Here(answer) => {
            if !answer.next_page_token.is_empty() {
                next = format!("{here}&page={}", answer.next_page_token);
            }
            let members = answer.grids.iter().flat_map(|grid| &grid.members);
            let persons = members.map(|member| member.person_id.as_str());
            gateway.names.learn_persons(&gateway, session.token(), persons).await;
            Part::Here(answer.grids.into_iter().map(|grid| line(&shell, grid)).collect())
        }
        Part::Away => Part::Away,
    };
    let first = if token.is_empty() { String::new() } else { here };
    Ok(html(&Page { shell, division, divisions, grids, first, next }))
}

fn line(shell: &Shell, grid: Grid) -> Line {
    let members = grid.members.iter().map(|member| {
        let duty = word(member.duty().as_str_name(), "MEMBER_DUTY_");
        (choices::person_name(shell, &member.person_id), duty)
    });
    Line {
        members: members.collect(),
        kind: word(grid.kind().as_str_name(), "GRID_KIND_"),
        code: grid.grid,
        name: grid.name,
        division: grid.division,
    }
}
