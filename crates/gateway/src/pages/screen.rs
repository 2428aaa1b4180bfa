//! The pages of the room `screen`.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use super::html;
use crate::{gateway::Gateway, session::StaffSession, shell::Shell};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/screen", get(home))
}

#[derive(Template)]
#[template(path = "screen/home.html")]
struct Home {
    shell: Shell,
}

async fn home(session: StaffSession) -> Response {
    html(&Home { shell: session.shell() })
}
