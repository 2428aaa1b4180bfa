//! The pages of the room `resident`.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use super::html;
use crate::{gateway::Gateway, session::ResidentSession, shell::Shell, visit::Visit};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "resident/home.html")]
struct Home {
    shell: Shell,
}

async fn home(visit: Visit, session: Option<ResidentSession>) -> Response {
    let shell = session.map_or_else(|| visit.shell(), |session| session.shell());
    html(&Home { shell })
}
