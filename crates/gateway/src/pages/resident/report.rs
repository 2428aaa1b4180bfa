//! The form of a report: photos, what it is about, words, where, and how to reach the reporter.

mod draft;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, Request},
    http::{StatusCode, header},
    response::Response,
    routing::get,
};
use platform::http::Peer;
use serde::Deserialize;

use super::{
    choices::{Choices, choices},
    known::Sender,
    limits::TooOften,
    places::{self, Found},
    sent::{MAX_WITH_PHOTOS, Sent},
};
use crate::{
    gateway::{Gateway, request_id},
    pages::{html_with, see_at},
    problem::{FieldErrors, Part, Problem},
    session::ResidentSession,
    shell::Shell,
    visit::Visit,
    words::Locale,
};
use draft::Draft;

/// Photos of a report, at the most.
pub(super) const MOST_PHOTOS: usize = 5;

pub(super) fn routes() -> Router<Gateway> {
    let form = get(show).post(send).layer(DefaultBodyLimit::max(MAX_WITH_PHOTOS));
    Router::new().route("/report", form)
}

#[derive(Template)]
#[template(path = "resident/report.html")]
struct Page {
    shell: Shell,
    choices: Part<Arc<Choices>>,
    draft: Draft,
    errors: FieldErrors,
    /// The name of the place that the code named; empty where one is to be chosen.
    place: String,
    /// A code came along that names no place here.
    unknown_place: bool,
}

impl Page {
    /// What is wrong with the place, however it was given.
    fn place_error(&self) -> &str {
        let fields = ["place", "position", "grid", "division"];
        fields.iter().map(|field| self.errors.on(field)).find(|text| !text.is_empty()).unwrap_or("")
    }

    /// The language, for the names of categories.
    fn locale(&self) -> Locale {
        self.shell.locale()
    }

    /// What is wrong with the category.
    fn category_error(&self) -> &str {
        self.errors.on("category")
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    grid: String,
    #[serde(default)]
    division: String,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let place = if asked.grid.is_empty() { asked.division } else { asked.grid };
    let draft = Draft { request_id: request_id(), place, ..Draft::default() };
    page(&visit, StatusCode::OK, draft, FieldErrors::none()).await
}

/// The form with this in it.
async fn page(
    visit: &Visit,
    status: StatusCode,
    mut draft: Draft,
    errors: FieldErrors,
) -> Response {
    let gateway = &visit.gateway;
    // Who can not be asked now leaves a form that can still be filled in where the place is known.
    let choices = choices(gateway).await.map_or(Part::Away, Part::Here);
    let (mut place, mut unknown_place) = (String::new(), false);
    if !draft.place.is_empty() {
        match places::find(gateway, &draft.place).await {
            Ok(Found::Known { path, .. }) => place = path,
            Ok(Found::Unknown) => {
                draft.place.clear();
                unknown_place = true;
            }
            Err(_away) => place.clone_from(&draft.place),
        }
    }
    let page = Page { shell: visit.shell(), choices, draft, errors, place, unknown_place };
    html_with(status, &page)
}

async fn send(
    visit: Visit,
    peer: Peer,
    session: Option<ResidentSession>,
    request: Request,
) -> Result<Response, Problem> {
    let gateway = &visit.gateway;
    let sent = Sent::in_turn(gateway, request).await?;
    let mut draft = Draft::of(&sent);
    if let Err(TooOften { seconds }) = gateway.residents.reports.take(peer.address, visit.now) {
        let words = visit.locale.with("resident-too-often", "n", seconds);
        let errors = FieldErrors::whole(words);
        let mut response = page(&visit, StatusCode::TOO_MANY_REQUESTS, draft, errors).await;
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        return Ok(response);
    }
    let sender = match Sender::of(gateway, session, peer.address, &draft.request_id).await {
        Ok(sender) => sender,
        Err(problem) => return Ok(kept(&visit, draft, problem).await),
    };
    let token = sender.who.token.as_str();
    let (photos, refused) = sent.photos(gateway, token, MOST_PHOTOS).await;
    draft.photos = photos;
    let refused = match refused {
        Some(refused) => refused,
        None => match gateway.clients.intake(token).report_case(draft.request()).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let path = format!("/t/{}?sent=1", answer.tracking_code);
                return Ok(sender.known(&visit, see_at(&path, answer.position.as_ref())));
            }
            Err(refused) => refused,
        },
    };
    let response = match FieldErrors::of(refused, visit.locale) {
        Ok(errors) => page(&visit, StatusCode::UNPROCESSABLE_ENTITY, draft, errors).await,
        Err(problem) => kept(&visit, draft, problem).await,
    };
    Ok(sender.known(&visit, response))
}

/// The form as it was, with a problem that no other input would mend.
async fn kept(visit: &Visit, draft: Draft, problem: Problem) -> Response {
    let errors = FieldErrors::whole(told(visit, &problem));
    page(visit, problem.status, draft, errors).await
}

/// A problem in the words that stand above a form.
pub(super) fn told(visit: &Visit, problem: &Problem) -> String {
    let own = problem.words(visit.locale);
    let key = problem.key();
    let what = if own.is_empty() { visit.locale.say(key) } else { own.to_owned() };
    let help = visit.locale.say(&format!("{key}-help"));
    visit.locale.with2("resident-problem", ("what", what), ("help", help))
}
