//! The page of a problem, and the one that keeps a form whose session is over.

use askama::Template;
use axum::response::Response;

use super::{html_with, see};
use crate::{problem::Problem, shell::Shell, visit::Visit};

#[derive(Template)]
#[template(path = "entry/problem.html")]
struct Page<'a> {
    shell: Shell,
    problem: &'a Problem,
    title: String,
    words: String,
    help: String,
}

#[derive(Template)]
#[template(path = "parts/problem.html")]
struct Fragment<'a> {
    problem: &'a Problem,
    title: String,
    words: String,
    help: String,
}

#[derive(Template)]
#[template(path = "entry/sign_in_again.html")]
struct Again<'a> {
    shell: Shell,
    fields: &'a [(String, String)],
}

/// The page, or the part of one, that tells a problem. `fields` are those of a form that is kept.
pub(crate) fn page(visit: &Visit, problem: &Problem, fields: &[(String, String)]) -> Response {
    let shell = visit.shell();
    if !fields.is_empty() {
        return html_with(problem.status, &Again { shell, fields });
    }
    let key = problem.key();
    let own = problem.words(visit.locale);
    let title = shell.say(key);
    let words = own.to_owned();
    let help = shell.say(&format!("{key}-help"));
    if visit.part {
        html_with(problem.status, &Fragment { problem, title, words, help })
    } else {
        html_with(problem.status, &Page { shell, problem, title, words, help })
    }
}

/// To the sign-in, and back from there.
pub(crate) fn to_sign_in(visit: &Visit) -> Response {
    see(&format!("/sign-in?back={}", encode(&visit.path)))
}

/// A text as a value of a query.
pub(crate) fn encode(text: &str) -> String {
    askama::filters::urlencode_strict(text).map(|safe| safe.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_one_value() {
        assert_eq!(encode("/console?tab=open&x=1"), "%2Fconsole%3Ftab%3Dopen%26x%3D1");
    }
}
