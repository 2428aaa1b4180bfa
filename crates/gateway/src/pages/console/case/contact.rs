//! `/console/cases/{id}/contact`: how the reporter can be reached. The desk says what for, which is in the
//! log before the page is there; the page is the answer to the form, so that no address leads to it.

use api::intake::v1::{Contact, DisclosurePurpose, RevealContactRequest};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;

use super::super::{DESK, word};
use crate::{
    gateway::Gateway,
    pages::html,
    problem::{FieldErrors, Problem},
    session::StaffSession,
    shell::Shell,
};

const PURPOSES: [DisclosurePurpose; 5] = [
    DisclosurePurpose::CallBack,
    DisclosurePurpose::Visit,
    DisclosurePurpose::Emergency,
    DisclosurePurpose::PersonsRequest,
    DisclosurePurpose::LegalDuty,
];

/// What for it may be asked: as forms carry it, and in words.
pub(super) fn purposes(shell: &Shell) -> Vec<(String, String)> {
    let words = PURPOSES.map(|purpose| word(purpose.as_str_name(), "DISCLOSURE_PURPOSE_"));
    words.map(|word| (word.clone(), shell.word("console-purpose", word))).to_vec()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    request_id: String,
    purpose: String,
    note: String,
}

#[derive(Template)]
#[template(path = "console/contact.html")]
struct Page {
    shell: Shell,
    id: String,
    contact: Contact,
    purpose: String,
    errors: FieldErrors,
}

pub(super) async fn reveal(
    State(gateway): State<Gateway>,
    session: StaffSession,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    session.only(&DESK)?;
    let asked = PURPOSES
        .into_iter()
        .find(|purpose| word(purpose.as_str_name(), "DISCLOSURE_PURPOSE_") == sent.purpose);
    let request = RevealContactRequest {
        request_id: sent.request_id,
        case_id: id.clone(),
        purpose: asked.unwrap_or_default().into(),
        note: sent.note,
    };
    let answer = gateway.clients.intake(session.token()).reveal_contact(request).await;
    let shell = session.shell();
    let (contact, errors) = match answer {
        Ok(answer) => (answer.into_inner().contact.unwrap_or_default(), FieldErrors::none()),
        Err(status) => (Contact::default(), FieldErrors::of(status, session.visit.locale)?),
    };
    let purpose = asked.map(|_| shell.word("console-purpose", sent.purpose)).unwrap_or_default();
    let mut page = html(&Page { shell, id, contact, purpose, errors });
    // Nobody finds it in a browser's store afterwards.
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(page)
}
