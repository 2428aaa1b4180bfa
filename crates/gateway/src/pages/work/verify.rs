//! Verifying what was done: by somebody else than who handled it.

use api::dispatch::v1::VerifyWorkOrderRequest;
use askama::Template;
use axum::{Form, extract::Path, http::StatusCode, response::Response};

use super::{
    sent::{Sent, refused},
    task::{Task, head},
};
use crate::{
    gateway::request_id,
    pages::{html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

/// What was filled in; the choices are `yes`, `no` or empty.
#[derive(Default)]
struct Draft {
    request_id: String,
    passed: String,
    found_true: String,
    text: String,
}

#[derive(Template)]
#[template(path = "work/verify.html")]
struct Page {
    shell: Shell,
    id: String,
    task: Part<Task>,
    passed: Vec<(String, String)>,
    found: Vec<(String, String)>,
    draft: Draft,
    errors: FieldErrors,
}

async fn page(
    session: &StaffSession,
    id: String,
    draft: Draft,
    (status, errors): (StatusCode, FieldErrors),
) -> Result<Response, Problem> {
    let task = head(session, &id).await?;
    let shell = session.shell();
    let choices =
        |set: &str| ["yes", "no"].map(|word| (word.to_owned(), shell.word(set, word))).to_vec();
    let (passed, found) = (choices("work-verify-passed"), choices("work-verify-found"));
    Ok(html_with(status, &Page { shell, id, task, passed, found, draft, errors }))
}

pub(super) async fn show(
    session: StaffSession,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let draft = Draft { request_id: request_id(), ..Draft::default() };
    page(&session, id, draft, (StatusCode::OK, FieldErrors::none())).await
}

pub(super) async fn send(
    session: StaffSession,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let draft = Draft {
        request_id: sent.text("request_id"),
        passed: sent.text("passed"),
        found_true: sent.text("found_true"),
        text: sent.text("text"),
    };
    // Two answers that are not given mean neither yes nor no: the form asks, for the service cannot
    // tell them from a no.
    let locale = session.visit.locale;
    let mut errors = FieldErrors::none();
    for (field, value) in [("passed", &draft.passed), ("found_true", &draft.found_true)] {
        if value.is_empty() {
            errors = errors.and(locale, field, "work-choose-one");
        }
    }
    if errors.any() {
        return page(&session, id, draft, (StatusCode::UNPROCESSABLE_ENTITY, errors)).await;
    }
    let request = VerifyWorkOrderRequest {
        request_id: draft.request_id.clone(),
        work_order_id: id.clone(),
        passed: draft.passed == "yes",
        found_true: draft.found_true == "yes",
        text: draft.text.clone(),
        ..VerifyWorkOrderRequest::default()
    };
    let mut dispatch = session.visit.gateway.clients.dispatch(session.token());
    match dispatch.verify_work_order(request).await {
        Ok(answer) => {
            let position = answer.into_inner().position;
            Ok(see_at(&format!("/work/{id}?done=verify"), position.as_ref()))
        }
        Err(status) => page(&session, id, draft, refused(status, &session.visit)?).await,
    }
}
