//! How pages are shown to this browser: the language, and large type. Both are cookies.

use axum::{Form, Router, http::header, response::Response, routing::post};
use serde::Deserialize;

use super::see;
use crate::{
    gateway::Gateway,
    session::plain_cookie,
    visit::{ELDER, LANGUAGE, Visit, own_path},
    words::Locale,
};

const YEAR: i64 = 365 * 24 * 3600;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/language", post(language)).route("/elder", post(elder))
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    back: String,
}

async fn language(visit: Visit, Form(choice): Form<Choice>) -> Response {
    let locale = Locale::of_tag(&choice.lang).unwrap_or_default();
    remember(&visit, LANGUAGE, locale.tag(), &choice.back)
}

async fn elder(visit: Visit, Form(choice): Form<Choice>) -> Response {
    let value = if choice.on == "1" { "1" } else { "0" };
    remember(&visit, ELDER, value, &choice.back)
}

fn remember(visit: &Visit, name: &str, value: &str, back: &str) -> Response {
    let mut response = see(own_path(back));
    let cookie = plain_cookie(name, value, YEAR, visit.secure, "");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
