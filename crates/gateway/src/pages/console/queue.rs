//! `/console`: the queue. Its lines refresh themselves; what is new is announced and moves nothing.

use api::{
    dispatch::v1::ListWorkOrdersRequest,
    intake::v1::{GetCaseRequest, ListCasesRequest},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};

use super::{
    DESK, choices,
    choices::Group,
    row::{self, Row},
    tab::{Asked, Tab},
};
use crate::{
    gateway::Gateway,
    live::board::{COUNTED, Counts, Within},
    pages::html,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/console", get(show))
        .route("/console/tabs", get(tabs))
        .route("/console/rows/{case}", get(line))
}

/// A tab as it stands: which, its count, whether it is the one.
struct TabView {
    name: &'static str,
    path: String,
    count: String,
    now: bool,
    /// Whether its count is a warning.
    late: bool,
}

#[derive(Template)]
#[template(path = "console/queue.html")]
struct Queue {
    shell: Shell,
    tab: Tab,
    asked: Asked,
    views: Vec<TabView>,
    rows: Part<Vec<Row>>,
    next: String,
    divisions: Vec<(String, String)>,
    categories: Vec<Group>,
    statuses: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/queue_tabs_part.html")]
struct Tabs {
    shell: Shell,
    asked: Asked,
    views: Vec<TabView>,
}

#[derive(Template)]
#[template(path = "console/queue_row_part.html")]
struct Line {
    shell: Shell,
    row: Row,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let asked = asked.cleaned();
    if let Some(seen) = &session.visit.seen {
        gateway.live.reach(seen.sequence).await;
    }
    let (listed, counts, divisions) = tokio::join!(
        list(&gateway, &session, &asked),
        counts(&gateway, &session, &asked),
        choices::divisions(&gateway, &session),
    );
    let (rows, next) = match listed? {
        Part::Here((rows, next)) => (Part::Here(rows), asked.next(&next)),
        Part::Away => (Part::Away, String::new()),
    };
    if let Part::Here(rows) = &rows {
        row::learn(&gateway, &session, rows).await;
    }
    let shell = session.shell();
    let statuses = Asked::statuses()
        .into_iter()
        .map(|status| (status.clone(), shell.word("console-stage", status)))
        .collect();
    Ok(html(&Queue {
        tab: asked.tab(),
        views: views(&asked, &counts),
        categories: choices::categories(&gateway, session.visit.locale),
        asked,
        rows,
        next,
        divisions,
        statuses,
        shell,
    }))
}

/// The counts alone, as they refresh.
async fn tabs(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let asked = asked.cleaned();
    let counts = counts(&gateway, &session, &asked).await;
    Ok(html(&Tabs { views: views(&asked, &counts), asked, shell: session.shell() }))
}

/// One line, as it refreshes; it stays where it is, whatever became of it.
async fn line(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let request = GetCaseRequest { case_id: case, min_position: session.visit.seen.clone() };
    let answer = gateway.clients.intake(session.token()).get_case(request).await?.into_inner();
    let cases = answer.case.into_iter().collect();
    let rows = row::of_cases(&gateway, cases).await;
    row::learn(&gateway, &session, &rows).await;
    let row = rows.into_iter().next().ok_or_else(Problem::not_found)?;
    Ok(html(&Line { shell: session.shell(), row }))
}

/// The lines of a page, and the token of the next.
async fn list(
    gateway: &Gateway,
    session: &StaffSession,
    asked: &Asked,
) -> Result<Part<(Vec<Row>, String)>, Problem> {
    let min_position = session.visit.seen.clone();
    if asked.tab().lists_cases() {
        let request = ListCasesRequest { min_position, ..asked.of_cases() };
        let answer = gateway.clients.intake(session.token()).list_cases(request).await;
        let Part::Here(answer) = Part::of(answer)? else { return Ok(Part::Away) };
        let rows = row::of_cases(gateway, answer.cases).await;
        return Ok(Part::Here((rows, answer.next_page_token)));
    }
    let request = ListWorkOrdersRequest { min_position, ..asked.of_orders() };
    let answer = gateway.clients.dispatch(session.token()).list_work_orders(request).await;
    let Part::Here(answer) = Part::of(answer)? else { return Ok(Part::Away) };
    let rows = row::of_orders(gateway, answer.work_orders).await;
    Ok(Part::Here((rows, answer.next_page_token)))
}

/// How many wait; nothing where that cannot be said now.
async fn counts(gateway: &Gateway, session: &StaffSession, asked: &Asked) -> Counts {
    let within = Within { division: asked.division.parse().ok(), category: asked.category.clone() };
    let counts = gateway.live.counts(&session.who.principal, gateway.context.county, &within).await;
    counts.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the queue could not be counted");
        Counts::default()
    })
}

/// A count as a tab shows it: `12`, or `999+`.
fn shown(count: i64) -> String {
    if count < COUNTED { count.to_string() } else { format!("{}+", COUNTED - 1) }
}

fn views(asked: &Asked, counts: &Counts) -> Vec<TabView> {
    let view = |tab: Tab| {
        let count = tab.count(counts);
        TabView {
            name: tab.name(),
            path: asked.to_tab(tab),
            count: count.map(shown).unwrap_or_default(),
            now: tab == asked.tab(),
            late: tab == Tab::Overdue && count.is_some_and(|n| n > 0),
        }
    };
    Tab::EACH.map(view).into_iter().collect()
}
