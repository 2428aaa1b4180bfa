//! Saying what was done, with photos of what it looked like and of what it looks like now.

use api::dispatch::v1::{HandlingResult, SubmitFeedbackRequest};
use askama::Template;
use axum::{Form, extract::Path, http::StatusCode, response::Response};

use super::{
    sent::{Sent, refused, word},
    task::{Task, head},
};
use crate::{
    gateway::request_id,
    pages::{html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::StaffSession,
    shell::Shell,
};

const RESULTS: [HandlingResult; 4] = [
    HandlingResult::Solved,
    HandlingResult::PartlySolved,
    HandlingResult::NotSo,
    HandlingResult::CannotSolve,
];

/// What was filled in.
#[derive(Default)]
struct Draft {
    request_id: String,
    result: String,
    text: String,
    photos_before: Vec<String>,
    photos_after: Vec<String>,
}

#[derive(Template)]
#[template(path = "work/feedback.html")]
struct Page {
    shell: Shell,
    id: String,
    task: Part<Task>,
    results: Vec<(String, String)>,
    draft: Draft,
    errors: FieldErrors,
}

fn word_of(result: HandlingResult) -> String {
    word(result.as_str_name(), "HANDLING_RESULT_")
}

async fn page(
    session: &StaffSession,
    id: String,
    draft: Draft,
    (status, errors): (StatusCode, FieldErrors),
) -> Result<Response, Problem> {
    let task = head(session, &id).await?;
    let shell = session.shell();
    let results = RESULTS.map(|result| {
        let word = word_of(result);
        let text = shell.word("work-result", &word);
        (word, text)
    });
    let results = results.to_vec();
    Ok(html_with(status, &Page { shell, id, task, results, draft, errors }))
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
        result: sent.text("result"),
        text: sent.text("text"),
        photos_before: sent.all("photos_before"),
        photos_after: sent.all("photos_after"),
    };
    let result = RESULTS.into_iter().find(|result| word_of(*result) == draft.result);
    let request = SubmitFeedbackRequest {
        request_id: draft.request_id.clone(),
        work_order_id: id.clone(),
        result: result.unwrap_or_default().into(),
        text: draft.text.clone(),
        photos_before: draft.photos_before.clone(),
        photos_after: draft.photos_after.clone(),
        ..SubmitFeedbackRequest::default()
    };
    let mut dispatch = session.visit.gateway.clients.dispatch(session.token());
    match dispatch.submit_feedback(request).await {
        Ok(answer) => {
            let position = answer.into_inner().position;
            Ok(see_at(&format!("/work/{id}?done=feedback"), position.as_ref()))
        }
        Err(status) => page(&session, id, draft, refused(status, &session.visit)?).await,
    }
}
