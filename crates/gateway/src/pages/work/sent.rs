//! What a form sent, and what a refusal becomes: the form again, with all that was typed.

use axum::http::StatusCode;
use serde::Deserialize;
use tonic::{Code, Status};

use crate::{
    problem::{FieldErrors, Problem},
    visit::Visit,
};

/// The fields of a form; a name may come more than once.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Sent(Vec<(String, String)>);

impl Sent {
    /// A field; empty where it was not sent.
    pub(super) fn text(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_default()
    }

    /// Every value of a name that is not empty.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let named = self.0.iter().filter(|(found, value)| found == name && !value.is_empty());
        named.map(|(_, value)| value.clone()).collect()
    }
}

/// What is said above and beside the fields of a form that was refused, with the answer's status.
/// Only who is no longer signed in is sent away, and that page keeps the form as well.
pub(super) fn refused(status: Status, visit: &Visit) -> Result<(StatusCode, FieldErrors), Problem> {
    if status.code() == Code::Unauthenticated {
        return Err(status.into());
    }
    match FieldErrors::of(status, visit.locale) {
        Ok(errors) => Ok((StatusCode::UNPROCESSABLE_ENTITY, errors)),
        Err(problem) => {
            let own = problem.words(visit.locale);
            let mut errors = FieldErrors::none();
            errors.all =
                if own.is_empty() { visit.locale.say(problem.key()) } else { own.to_owned() };
            Ok((problem.status, errors))
        }
    }
}

/// The lower-case word of a proto enum's value: `WORK_ORDER_STATUS_ROUTED` is `routed`.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_come_twice_and_what_is_empty_did_not_come() {
        let pairs = [("photos", "a"), ("text", "x"), ("photos", "b"), ("photos", "")];
        let sent = Sent(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        assert_eq!(sent.all("photos"), ["a", "b"]);
        assert_eq!((sent.text("text"), sent.text("none")), ("x".to_owned(), String::new()));
    }

    #[test]
    fn a_word_is_told_by_its_set() {
        assert_eq!(word("CASE_STATUS_REPORTED", "CASE_STATUS_"), "reported");
        assert_eq!(word("RETURN_REASON_NOT_OUR_AREA", "RETURN_REASON_"), "not-our-area");
    }
}
