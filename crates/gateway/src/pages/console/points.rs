//! `/console/points`: the programmes, the rule of each, and what its accounts hold.

use api::{
    common::v1::Position,
    points::v1::{
        CreateProgrammeRequest, GetBalanceSheetRequest, ListProgrammesRequest, Programme,
        SetRuleRequest,
    },
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use kernel::Role;
use tonic::Status;

use super::{choices, word};
use crate::{
    gateway::{Gateway, request_id},
    pages::{html, html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

const WHO: [Role; 3] = [Role::Operator, Role::Supervisor, Role::Administrator];

/// How many programmes are shown: a division has one.
const LINES: i32 = 100;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/console/points", get(show).post(create))
        .route("/console/points/{programme}/rule", post(rule))
}

/// A programme with its balance sheet.
struct Line {
    programme: Programme,
    sheet: Part<Sheet>,
}

/// The kind's word, the accounts and the balance of each line, and their sum.
type Sheet = (Vec<(String, u64, i64)>, i64);

/// What a form of this page carries.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Sent {
    request_id: String,
    division: String,
    name: String,
    points: String,
    cap: String,
}

#[derive(Template)]
#[template(path = "console/points.html")]
struct Page {
    shell: Shell,
    programmes: Part<Vec<Line>>,
    divisions: Vec<(String, String)>,
    /// The programme whose rule was refused; empty where a new programme was.
    tried: String,
    sent: Sent,
    errors: FieldErrors,
    none: FieldErrors,
    request_id: String,
}

impl Page {
    fn errors_of(&self, programme: &str) -> &FieldErrors {
        if self.tried == programme { &self.errors } else { &self.none }
    }

    /// What was typed, or what is so now.
    fn points_of(&self, programme: &Programme) -> String {
        if self.tried == programme.programme_id {
            return self.sent.points.clone();
        }
        programme.points_for_true_report.to_string()
    }

    fn cap_of(&self, programme: &Programme) -> String {
        if self.tried == programme.programme_id {
            return self.sent.cap.clone();
        }
        programme.daily_cap.to_string()
    }
}

async fn show(State(gateway): State<Gateway>, session: StaffSession) -> Result<Response, Problem> {
    session.only(&WHO)?;
    Ok(html(&page(&gateway, &session).await?))
}

async fn create(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let request = CreateProgrammeRequest {
        request_id: sent.request_id.clone(),
        division: sent.division.clone(),
        name: sent.name.clone(),
    };
    let answer = gateway.clients.points(session.token()).create_programme(request).await;
    let answer = answer.map(|answer| answer.into_inner().position);
    finish(&gateway, &session, answer, String::new(), sent).await
}

async fn rule(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(programme): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    session.only(&WHO)?;
    let (Ok(points_for_true_report), Ok(daily_cap)) =
        (sent.points.trim().parse(), sent.cap.trim().parse())
    else {
        let wrong = |text: &str| text.trim().parse::<u32>().is_err();
        let field = if wrong(&sent.points) { "points_for_true_report" } else { "daily_cap" };
        let errors =
            FieldErrors::none().and(session.visit.locale, field, "console-points-not-a-number");
        return refused(&gateway, &session, errors, programme, sent).await;
    };
    let request = SetRuleRequest {
        request_id: sent.request_id.clone(),
        programme_id: programme.clone(),
        points_for_true_report,
        daily_cap,
    };
    let answer = gateway.clients.points(session.token()).set_rule(request).await;
    let answer = answer.map(|answer| answer.into_inner().position);
    finish(&gateway, &session, answer, programme, sent).await
}

async fn finish(
    gateway: &Gateway,
    session: &StaffSession,
    answer: Result<Option<Position>, Status>,
    tried: String,
    sent: Sent,
) -> Result<Response, Problem> {
    match answer {
        Ok(position) => Ok(see_at("/console/points", position.as_ref())),
        Err(status) => {
            let errors = FieldErrors::of(status, session.visit.locale)?;
            refused(gateway, session, errors, tried, sent).await
        }
    }
}

async fn refused(
    gateway: &Gateway,
    session: &StaffSession,
    errors: FieldErrors,
    tried: String,
    sent: Sent,
) -> Result<Response, Problem> {
    let page = page(gateway, session).await?;
    let request_id = sent.request_id.clone();
    let page = Page { tried, sent, errors, request_id, ..page };
    Ok(html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn page(gateway: &Gateway, session: &StaffSession) -> Result<Page, Problem> {
    let seen = session.visit.seen.clone();
    let mut points = gateway.clients.points(session.token());
    let request = ListProgrammesRequest {
        page_size: LINES,
        min_position: seen.clone(),
        ..ListProgrammesRequest::default()
    };
    let (answer, mut divisions) =
        tokio::join!(points.list_programmes(request), choices::divisions(gateway, session));
    let own = session.who.division(gateway);
    divisions.insert(0, (own.clone(), gateway.names.place(&own)));
    let programmes = match Part::of(answer)? {
        Part::Here(answer) => {
            let mut lines = Vec::with_capacity(answer.programmes.len());
            for programme in answer.programmes {
                let request = GetBalanceSheetRequest {
                    programme_id: programme.programme_id.clone(),
                    min_position: seen.clone(),
                };
                let sheet = Part::of(points.get_balance_sheet(request).await)?.map(|sheet| {
                    let lines = sheet.lines.iter().map(|line| {
                        let kind = word(line.kind().as_str_name(), "ACCOUNT_KIND_");
                        (kind, line.accounts, line.balance)
                    });
                    (lines.collect(), sheet.sum)
                });
                lines.push(Line { programme, sheet });
            }
            Part::Here(lines)
        }
        Part::Away => Part::Away,
    };
    Ok(Page {
        shell: session.shell(),
        programmes,
        divisions,
        tried: "-".to_owned(),
        sent: Sent::default(),
        errors: FieldErrors::none(),
        none: FieldErrors::none(),
        request_id: request_id(),
    })
}
