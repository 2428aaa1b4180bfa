//! What a QR code leads to, and the poster that carries it. A code names a grid (15 digits) or a
//! division (12, 9 or 6): the same codes that everything else uses.

use api::grid::v1::DescribePlacesRequest;
use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use platform::http::Peer;

use super::qr::{Qr, base};
use crate::{
    gateway::Gateway,
    pages::{html, html_with},
    problem::Problem,
    shell::Shell,
    visit::Visit,
};

/// Stickers on one sheet.
const STICKERS: usize = 12;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/q/{code}", get(land)).route("/qr/{code}", get(poster))
}

/// What a code names.
pub(super) enum Found {
    /// A place of the county.
    Known {
        /// Its own name, as people say it.
        name: String,
        /// What it lies in and its name, from the county down.
        path: String,
    },
    /// No place that is registered here.
    Unknown,
}

/// What this code names. A problem if nobody can say now.
pub(super) async fn find(gateway: &Gateway, code: &str) -> Result<Found, Problem> {
    let county = gateway.context.county.to_string();
    let good = code.starts_with(&county)
        && matches!(code.len(), 6 | 9 | 12 | 15)
        && code.bytes().all(|byte| byte.is_ascii_digit());
    if !good {
        return Ok(Found::Unknown);
    }
    let request = DescribePlacesRequest { codes: vec![code.to_owned()], min_position: None };
    let answer = gateway.clients.grid(None).describe_places(request).await?.into_inner();
    let Some(place) = answer.places.into_iter().next().filter(|place| place.found) else {
        return Ok(Found::Unknown);
    };
    let name = place.full_name.split(' ').next_back().unwrap_or_default().to_owned();
    let path = place.full_name.split(' ').skip(1).collect::<Vec<_>>().join(" › ");
    Ok(Found::Known { name, path })
}

#[derive(Template)]
#[template(path = "resident/landing.html")]
struct Landing {
    shell: Shell,
    code: String,
    /// Empty for a code that names no place here.
    name: String,
    path: String,
}

impl Landing {
    /// Where a report from here begins.
    fn report(&self) -> String {
        report_from(&self.code)
    }
}

/// The form of a report with this place in it.
pub(super) fn report_from(code: &str) -> String {
    let kind = if code.len() == 15 { "grid" } else { "division" };
    format!("/report?{kind}={code}")
}

async fn land(visit: Visit, Path(code): Path<String>) -> Response {
    let shell = visit.shell();
    match find(&visit.gateway, &code).await {
        Ok(Found::Known { name, path }) => html(&Landing { shell, code, name, path }),
        Ok(Found::Unknown) => {
            let page = Landing { shell, code: String::new(), name: String::new(), path: code };
            html_with(StatusCode::NOT_FOUND, &page)
        }
        // Who can not be asked now does not keep anybody from reporting.
        Err(_away) => {
            let name = shell.place_of(&code);
            html(&Landing { shell, path: name.clone(), name, code })
        }
    }
}

#[derive(Template)]
#[template(path = "resident/poster.html")]
struct Poster {
    shell: Shell,
    name: String,
    path: String,
    link: String,
    qr: Qr,
    stickers: usize,
}

async fn poster(
    visit: Visit,
    peer: Peer,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let (code, file) = match code.strip_suffix(".svg") {
        Some(code) => (code.to_owned(), true),
        None => (code, false),
    };
    let Found::Known { name, path } = find(&visit.gateway, &code).await? else {
        return Err(Problem::not_found());
    };
    let link = format!("{}/q/{code}", base(&visit.gateway, &headers, peer));
    let qr = Qr::of(&link).ok_or_else(Problem::not_found)?;
    if file {
        let kind = [(header::CONTENT_TYPE, "image/svg+xml")];
        return Ok((kind, qr.file()).into_response());
    }
    Ok(html(&Poster { shell: visit.shell(), name, path, link, qr, stickers: STICKERS }))
}
