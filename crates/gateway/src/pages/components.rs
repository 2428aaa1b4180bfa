//! The design system on one page a skin: every component in every state, with made-up values.

use askama::Template;
use axum::{Router, extract::Query, response::Response, routing::get};
use serde::Deserialize;

use super::{html, see};
use crate::{
    gateway::Gateway, problem::FieldErrors, session::StaffSession, shell::Shell, visit::Visit,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/components", get(show).post(send))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    skin: String,
}

/// The templates of the skins, which all show the same made-up values.
macro_rules! skins {
    ($($(#[$note:meta])* $skin:ident $path:literal)*) => {$(
        $(#[$note])*
        #[derive(Template)]
        #[template(path = $path)]
        struct $skin {
            shell: Shell,
            errors: FieldErrors,
            options: Vec<(String, String)>,
            /// UTC milliseconds: in 3 days, in 3 hours, 2 days ago, now.
            later: i64,
            soon: i64,
            late: i64,
            now: i64,
        }

        impl $skin {
            fn of(visit: &Visit) -> Self {
                const HOUR: i64 = 3_600_000;
                let shell = visit.shell();
                let errors = FieldErrors::none().and(visit.locale, "wrong", "common-sample-error");
                let options = ["a", "b", "c"].map(|one| {
                    (one.to_owned(), shell.say(&format!("common-sample-option-{one}")))
                });
                let now = visit.now.0;
                Self {
                    shell,
                    errors,
                    options: options.to_vec(),
                    later: now + 73 * HOUR,
                    soon: now + 3 * HOUR + 1,
                    late: now - 49 * HOUR,
                    now,
                }
            }
        }
    )*};
}

skins! {
    Console "entry/components_console.html"
    Resident "entry/components_resident.html"
    Work "entry/components_work.html"
    #[expect(dead_code, reason = "the wall has no forms, whose values the other skins show")]
    Screen "entry/components_screen.html"
}

/// The sample form does nothing; without a session it shows how a form is kept.
async fn send(_session: StaffSession) -> Response {
    see("/components")
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    match asked.skin.as_str() {
        "resident" => html(&Resident::of(&visit)),
        "work" => html(&Work::of(&visit)),
        "screen" => html(&Screen::of(&visit)),
        _console => html(&Console::of(&visit)),
    }
}
