//! The big screen: one look at a county, a township or a village, on a wall. The page is
//! made here as a whole; its parts are asked for again as events come.

use askama::Template;
use axum::{Router, extract::State, http::HeaderMap, response::Response, routing::get};
use kernel::Role;

use super::html;
use crate::{
    gateway::Gateway, problem::Problem, projections::figures, session::StaffSession, shell::Shell,
};
use board::Board;

mod answer;
mod board;
mod maps;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/screen", get(home))
        .route("/screen/parts", get(parts))
        .route("/api/ui/figures", get(count))
        .route("/api/ui/cases.geojson", get(maps::cases))
        .route("/api/ui/grids.geojson", get(maps::grids))
        .route("/api/ui/cameras.geojson", get(maps::cameras))
}

#[derive(Template)]
#[template(path = "screen/home.html")]
struct Home {
    shell: Shell,
    board: Board,
}

/// What changes on the page, to be put into it.
#[derive(Template)]
#[template(path = "screen/parts.html")]
struct Parts {
    shell: Shell,
    board: Board,
}

/// Who looks at the screen: those who watch over a division.
fn may_look(session: &StaffSession) -> Result<(), Problem> {
    session.only(&[Role::Operator, Role::Supervisor])
}

async fn home(State(gateway): State<Gateway>, session: StaffSession) -> Result<Response, Problem> {
    may_look(&session)?;
    let board = Board::of(&gateway, &session).await?;
    Ok(html(&Home { shell: session.shell(), board }))
}

async fn parts(State(gateway): State<Gateway>, session: StaffSession) -> Result<Response, Problem> {
    may_look(&session)?;
    let board = Board::of(&gateway, &session).await?;
    Ok(html(&Parts { shell: session.shell(), board }))
}

async fn count(
    State(gateway): State<Gateway>,
    session: StaffSession,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may_look(&session)?;
    let scope = session.who.principal.predicate(gateway.context.county);
    let (live, now) = (&gateway.live, session.visit.now);
    let figures = figures::figures(live.cases(), live.orders(), &scope, now).await;
    answer::json(&headers, "application/json", &figures.map_err(Problem::defect)?)
}
