//! Giving an order back, with the reason: it is then routed to somebody else.

use api::dispatch::v1::{ReturnReason, ReturnWorkOrderRequest};
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

const REASONS: [ReturnReason; 4] = [
    ReturnReason::NotOurRemit,
    ReturnReason::NotOurArea,
    ReturnReason::InsufficientInformation,
    ReturnReason::LacksMeans,
];

/// What was filled in.
#[derive(Default)]
struct Draft {
    request_id: String,
    reason: String,
    explanation: String,
}

#[derive(Template)]
#[template(path = "work/return.html")]
struct Page {
    shell: Shell,
    id: String,
    task: Part<Task>,
    reasons: Vec<(String, String)>,
    draft: Draft,
    errors: FieldErrors,
}

fn word_of(reason: ReturnReason) -> String {
    word(reason.as_str_name(), "RETURN_REASON_")
}

async fn page(
    session: &StaffSession,
    id: String,
    draft: Draft,
    (status, errors): (StatusCode, FieldErrors),
) -> Result<Response, Problem> {
    let task = head(session, &id).await?;
    let shell = session.shell();
    let reasons = REASONS.map(|reason| {
        let word = word_of(reason);
        let text = shell.word("work-return-reason", &word);
        (word, text)
    });
    let reasons = reasons.to_vec();
    Ok(html_with(status, &Page { shell, id, task, reasons, draft, errors }))
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
        reason: sent.text("reason"),
        explanation: sent.text("explanation"),
    };
    let reason = REASONS.into_iter().find(|reason| word_of(*reason) == draft.reason);
    let request = ReturnWorkOrderRequest {
        request_id: draft.request_id.clone(),
        work_order_id: id.clone(),
        reason: reason.unwrap_or_default().into(),
        explanation: draft.explanation.clone(),
        ..ReturnWorkOrderRequest::default()
    };
    let mut dispatch = session.visit.gateway.clients.dispatch(session.token());
    match dispatch.return_work_order(request).await {
        // Whoever gave it back may not see it any more.
        Ok(answer) => Ok(see_at("/work?done=return", answer.into_inner().position.as_ref())),
        Err(status) => page(&session, id, draft, refused(status, &session.visit)?).await,
    }
}
