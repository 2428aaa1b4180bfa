//! The pages. Each room has its routes, its handlers and its templates; a further room is one line of
//! [`router`].

use askama::Template;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{assets, gateway::Gateway, layers, problem::Problem, renewal, visit};

mod account;
mod components;
mod console;
mod enrol;
mod entry;
mod events;
pub(crate) mod problem;
pub(crate) mod resident;
mod screen;
mod settings;
mod single_sign_on;
mod work;

/// Every page, with what each request passes.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .merge(entry::routes())
        .merge(enrol::routes())
        .merge(single_sign_on::routes())
        .merge(account::routes())
        .merge(events::routes())
        .merge(settings::routes())
        .merge(components::routes())
        .merge(resident::routes())
        .merge(work::routes())
        .merge(console::routes())
        .merge(screen::routes())
        .route("/assets/{hash}/{*name}", get(assets::serve))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::from(StatusCode::METHOD_NOT_ALLOWED))
        .layer(DefaultBodyLimit::max(layers::MAX_FORM))
        .layer(from_fn_with_state(gateway.clone(), renewal::renew))
        .layer(from_fn(layers::same_site))
        .layer(from_fn_with_state(gateway.clone(), layers::problems))
        .layer(from_fn(layers::headers))
        .with_state(gateway)
}

/// A template as an answer.
pub(crate) fn html(template: &impl Template) -> Response {
    html_with(StatusCode::OK, template)
}

/// A template as an answer with another status, such as a form with errors (422).
pub(crate) fn html_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => {
            (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
        }
        Err(error) => Problem::defect(error).into_response(),
    }
}

/// The page to see after a form was sent: by GET, so that loading it again sends nothing again.
pub(crate) fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

/// The page to see after a command, which is to show what the command did.
pub(crate) fn see_at(path: &str, position: Option<&api::common::v1::Position>) -> Response {
    see(&visit::path_at(path, position))
}
