//! `/console/cases/{id}`: one case with its history and all that may be done with it now.
//!
//! | file | what |
//! |---|---|
//! | [`actions`] | what may be done, and how it is sent |
//! | [`contact`] | how the reporter can be reached, for a purpose |
//! | [`details`] | an event's own words |
//! | [`history`] | one history of what intake and dispatch recorded |
//! | [`load`] | what the page shows, asked for side by side |

mod actions;
mod contact;
mod details;
mod history;
mod load;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use tonic::{Code, Status};

use super::DESK;
use crate::{
    gateway::{Gateway, request_id},
    pages::{html, html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};
use actions::{Action, Sent};
use history::Entry;
use load::Loaded;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/console/cases/{id}", get(show))
        .route("/console/cases/{id}/history", get(refresh))
        .route("/console/cases/{id}/contact", post(contact::reveal))
        .route("/console/cases/{id}/{action}", post(act))
}

#[derive(Template)]
#[template(path = "console/case.html")]
struct Page {
    shell: Shell,
    id: String,
    loaded: Loaded,
    /// What may be done.
    actions: Vec<Action>,
    /// What was sent and refused, if anything was.
    tried: Option<Action>,
    sent: Sent,
    errors: FieldErrors,
    none: FieldErrors,
    request_id: String,
    /// What was just done.
    done: String,
}

impl Page {
    /// What is wrong with the form of this action.
    fn errors_of(&self, action: Action) -> &FieldErrors {
        if self.tried == Some(action) { &self.errors } else { &self.none }
    }

    /// Whether this action's form is shown open.
    fn is_open(&self, action: Action) -> bool {
        self.tried == Some(action)
            || (self.tried.is_none() && self.actions.first() == Some(&action))
    }

    /// What was typed into the form of this action.
    fn typed<'a>(&'a self, action: Action, value: &'a str) -> &'a str {
        if self.tried == Some(action) { value } else { "" }
    }
}

#[derive(Template)]
#[template(path = "console/case_history_part.html")]
struct History {
    shell: Shell,
    id: String,
    entries: Vec<Entry>,
    away: Vec<&'static str>,
}

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    done: String,
}

async fn show(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let mut page = page(&gateway, &session, id).await?;
    page.done =
        Action::named(&asked.done).map(|action| action.name().to_owned()).unwrap_or_default();
    Ok(html(&page))
}

/// The history alone, as it refreshes; what is being typed beside it stays.
async fn refresh(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let loaded = load::of(&gateway, &session, &id).await?;
    Ok(html(&History { shell: session.shell(), id, entries: loaded.history, away: loaded.away }))
}

async fn act(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path((id, action)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let action = Action::named(&action).ok_or_else(Problem::not_found)?;
    let status = match action.send(&gateway, &session, &id, &sent).await {
        Ok(position) => {
            let path = format!("/console/cases/{id}?done={}", action.name());
            return Ok(see_at(&path, position.as_ref()));
        }
        Err(status) => status,
    };
    let code = status.code();
    let errors = wrong(status, &session)?;
    let mut page = page(&gateway, &session, id).await?;
    // Somebody else was faster: the form is shown all the same, with what was typed and why not.
    if !page.actions.contains(&action) {
        page.actions.insert(0, action);
    }
    page.request_id.clone_from(&sent.request_id);
    (page.tried, page.sent, page.errors) = (Some(action), sent, errors);
    let away = matches!(code, Code::Unavailable | Code::DeadlineExceeded);
    let status =
        if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(html_with(status, &page))
}

/// What stands beside the fields; a service that is away costs nothing that was typed.
fn wrong(status: Status, session: &StaffSession) -> Result<FieldErrors, Problem> {
    let locale = session.visit.locale;
    if matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded) {
        let mut errors = FieldErrors::none();
        errors.all = locale.say("console-act-away");
        return Ok(errors);
    }
    FieldErrors::of(status, locale)
}

async fn page(gateway: &Gateway, session: &StaffSession, id: String) -> Result<Page, Problem> {
    let loaded = load::of(gateway, session, &id).await?;
    let actions =
        actions::allowed(session.who.principal.role, loaded.case_status(), loaded.order_status());
    Ok(Page {
        shell: session.shell(),
        id,
        actions,
        loaded,
        tried: None,
        sent: Sent::default(),
        errors: FieldErrors::none(),
        none: FieldErrors::none(),
        request_id: request_id(),
        done: String::new(),
    })
}
