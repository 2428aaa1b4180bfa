//! The receipt of a report, and how far it is: for whoever has the tracking code. What was written is
//! shown, and may be answered to, only in the browser that reported.

use api::intake::v1::{Case, TrackCaseRequest, TrackCaseResponse};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use futures::{FutureExt as _, future::pending};
use kernel::Timestamp;
use platform::http::Peer;
use serde::Deserialize;
use tonic::Code;

use super::{
    answers::{Form, Forms},
    home::place,
    places::report_from,
    points,
    qr::{Qr, base},
    steps::{Step, due, level, stage, steps, word},
};
use crate::{
    gateway::Gateway,
    live::{audience::Audience, stream::Listen},
    pages::{events::stream, html, html_with, problem::encode, see},
    problem::Problem,
    session::{Kind, ResidentSession, who},
    shell::Shell,
    visit::Visit,
    words::Locale,
};

/// How long a page that nobody is signed in on may listen, in milliseconds; then it asks again.
const LISTENS_MS: i64 = 3_600_000;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/track", get(ask))
        .route("/t/{code}", get(show))
        .route("/t/{code}/events", get(listen))
}

#[derive(Template)]
#[template(path = "resident/track.html")]
struct Ask {
    shell: Shell,
    code: String,
    /// The code that was tried opens nothing.
    wrong: bool,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    code: String,
    #[serde(default)]
    sent: String,
    #[serde(default)]
    after: String,
}

async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let code: String = asked.code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.is_empty() {
        return html(&Ask { shell: visit.shell(), code, wrong: false });
    }
    see(&format!("/t/{}", encode(&code)))
}

#[derive(Template)]
#[template(path = "resident/progress.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page is told what to show")]
struct Page {
    shell: Shell,
    code: String,
    link: String,
    qr: Option<Qr>,
    /// It was sent just now.
    receipt: bool,
    category: String,
    place: String,
    again: String,
    status: &'static str,
    level: &'static str,
    stage: usize,
    due: Option<i64>,
    steps: Vec<Step>,
    /// Whether this browser reported it.
    mine: bool,
    can_rate: bool,
    can_reopen: bool,
    is_open: bool,
    /// 1 to 5; 0 where it was not rated.
    satisfaction: i32,
    /// What the report has earned; 0 for nothing yet.
    points: i64,
    forms: Forms,
}

impl Page {
    /// What was typed by who may not answer here, to be copied.
    fn lost(&self) -> Option<&Form> {
        let forms = [&self.forms.add, &self.forms.rate, &self.forms.reopen];
        forms.into_iter().find(|form| !self.mine && form.errors.any())
    }
}

/// A case that a code opened.
pub(super) struct Tracked {
    pub(super) code: String,
    pub(super) case: Case,
    answer: TrackCaseResponse,
}

/// Follows a code. What it does not open is told alike, and costs its address something.
pub(super) async fn track(
    visit: &Visit,
    peer: Peer,
    token: Option<&str>,
    code: &str,
) -> Result<Tracked, Problem> {
    let request =
        TrackCaseRequest { tracking_code: code.to_owned(), min_position: visit.seen.clone() };
    let answer = match visit.gateway.clients.intake(token).track_case(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let missed = status.code() == Code::NotFound;
            let limit = &visit.gateway.residents.lookups;
            if missed && limit.take(peer.address, visit.now).is_err() {
                return Err(StatusCode::TOO_MANY_REQUESTS.into());
            }
            return Err(status.into());
        }
    };
    let case = answer.case.clone().ok_or_else(Problem::not_found)?;
    Ok(Tracked { code: code.to_owned(), case, answer })
}

async fn show(
    visit: Visit,
    peer: Peer,
    headers: HeaderMap,
    session: Option<ResidentSession>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let token = session.as_ref().map(ResidentSession::token);
    match track(&visit, peer, token, &code).await {
        Ok(tracked) => {
            let receipt = asked.sent == "1";
            let base = base(&visit.gateway, &headers, peer);
            let page = page(&visit, session.as_ref(), tracked, Forms::new(), &base, receipt).await;
            Ok(html(&page))
        }
        Err(problem) if problem.status == StatusCode::NOT_FOUND => {
            let page = Ask { shell: visit.shell(), code, wrong: true };
            Ok(html_with(StatusCode::NOT_FOUND, &page))
        }
        Err(problem) => Err(problem),
    }
}

/// The same page again, with what was typed into one of its forms and what is wrong with it.
pub(super) async fn again(
    visit: &Visit,
    session: Option<&ResidentSession>,
    tracked: Tracked,
    forms: Forms,
    base: &str,
) -> Response {
    let page = page(visit, session, tracked, forms, base, false).await;
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn page(
    visit: &Visit,
    session: Option<&ResidentSession>,
    tracked: Tracked,
    forms: Forms,
    base: &str,
    receipt: bool,
) -> Page {
    let gateway = &visit.gateway;
    let Tracked { code, case, answer } = tracked;
    gateway.names.learn_places(gateway, [place(&case)]).await;
    // The steps between acceptance and result are shown if they can be read now.
    let orders = gateway.live.orders_of(&case.case_id).await.unwrap_or_default();
    let shell = session.map_or_else(|| visit.shell(), ResidentSession::shell);
    let steps = steps(&shell, &answer.timeline, &orders);
    let reporter = answer.timeline.first().map(|entry| entry.actor.as_str()).unwrap_or_default();
    let me = session.filter(|session| session.who.principal.person.to_string() == reporter);
    let earned = match me {
        Some(me) => points::earned(gateway, me.token(), &case.case_id).await,
        None => 0,
    };
    let link = format!("{base}/t/{}", encode(&code));
    let status = case.status();
    Page {
        qr: receipt.then(|| Qr::of(&link)).flatten(),
        link,
        receipt,
        category: match visit.locale {
            Locale::Zh => case.category_zh.clone(),
            Locale::En => case.category_en.clone(),
        },
        place: shell.place_path(place(&case)),
        again: report_from(place(&case)),
        status: word(status),
        level: level(status),
        stage: stage(status, case.satisfaction > 0, &orders),
        due: due(&orders),
        steps,
        mine: me.is_some(),
        can_rate: me.is_some() && answer.can_rate,
        can_reopen: me.is_some() && answer.can_reopen,
        is_open: matches!(word(status), "reported" | "accepted"),
        satisfaction: case.satisfaction,
        points: earned,
        forms,
        code,
        shell,
    }
}

/// What is live of one case, for whoever has its code.
async fn listen(
    State(gateway): State<Gateway>,
    visit: Visit,
    peer: Peer,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let session = who(&gateway, &headers, peer.secure, Kind::Resident);
    let token = session.as_ref().map(|who| who.token.as_str());
    let case = track(&visit, peer, token, &code).await?.case;
    let id = case.case_id.parse().map_err(|_| Problem::not_found())?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let listen = Listen {
        audience: Audience::Case(id),
        person: format!("case:{}", case.case_id),
        resident: true,
        until: Timestamp(visit.now.0.saturating_add(LISTENS_MS)),
        from: last.unwrap_or(&asked.after).parse().ok(),
    };
    Ok(stream(&gateway, listen, pending().boxed()))
}
