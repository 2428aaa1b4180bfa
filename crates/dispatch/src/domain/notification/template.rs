//! A template with its places filled in. A template says ids, codes and times, and nothing of anybody:
//! there is no place for a name, a telephone or what somebody wrote.

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

/// The most characters of a template.
pub const MAX_CHARS: usize = 300;

/// The places that a template may have.
pub const PLACES: [&str; 4] = ["case", "work_order", "category", "due"];

/// A template in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The word of the transition.
    pub transition: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What stands in the places; empty where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// The case's id.
    pub case: String,
    /// The order's id.
    pub work_order: String,
    /// The category's code.
    pub category: String,
    /// UTC milliseconds; 0 where there is no such time.
    pub due: i64,
}

/// The place that a template has and may not have, or a brace that is left open.
pub fn unknown_place(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let after = &rest[start..];
        let Some(end) = after.find('}').filter(|_| after.starts_with('{')) else {
            return Some(after);
        };
        if !PLACES.contains(&&after[1..end]) {
            return Some(&after[..=end]);
        }
        rest = &after[end + 1..];
    }
    None
}

/// The text with its places filled in. What is no place stays as it is.
pub fn fill(text: &str, values: &Values) -> String {
    let due = if values.due == 0 { "-".to_owned() } else { shown(values.due) };
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    text.replace("{case}", &or_dash(&values.case))
        .replace("{work_order}", &or_dash(&values.work_order))
        .replace("{category}", &or_dash(&values.category))
        .replace("{due}", &due)
}

/// The minute of a moment, as clocks show it in all of China.
fn shown(millis: i64) -> String {
    let Ok(moment) = Timestamp::from_millisecond(millis) else { return "-".to_owned() };
    let local = Offset::constant(8).to_datetime(moment);
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in() {
        let values = Values {
            case: "620821101203-c".to_owned(),
            work_order: String::new(),
            category: "0101".to_owned(),
            due: 1_773_799_200_000,
        };
        let text = "{case} {work_order} {category} {due}";
        assert_eq!(fill(text, &values), "620821101203-c - 0101 2026-03-18 10:00");
        assert_eq!(fill("{due}", &Values::default()), "-");
    }

    #[test]
    fn a_place_for_what_names_somebody_is_found() {
        for (text, found) in [
            ("", None),
            ("{case}{due}", None),
            ("{name}", Some("{name}")),
            ("{case} {phone} {due}", Some("{phone}")),
            ("{case", Some("{case")),
            ("case}", Some("}")),
            ("{{case}}", Some("{{case}")),
            ("{}", Some("{}")),
        ] {
            assert_eq!(unknown_place(text), found, "{text}");
        }
    }
}
