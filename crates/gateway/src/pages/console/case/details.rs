//! What an event says of itself, as short lines: the reason, to whom, what came out. The codes and
//! words come from the event's own data; their names from the catalogues.

use api::dispatch::v1::Assignee;
use serde_json::Value;

use super::super::choices::assignee_name;
use crate::shell::Shell;

/// The lines of an event.
pub(super) fn of(shell: &Shell, event: &str, data: &Value) -> Vec<String> {
    let text = |field: &str| data[field].as_str().unwrap_or_default().replace('_', "-");
    let told = |key: &str, set: &str, field: &str| {
        let word = text(field);
        (!word.is_empty()).then(|| shell.with(key, "value", shell.word(set, word)))
    };
    let place = || {
        let grid = text("grid");
        let code = if grid.is_empty() { text("division") } else { grid };
        (!code.is_empty()).then(|| shell.with("console-at", "value", shell.place_path(&code)))
    };
    let category = || {
        let code = data["category"].as_str().unwrap_or_default();
        shell.with("console-as-category", "value", shell.category(code))
    };
    let found_true = || {
        let found = data["found_true"].as_bool()?;
        Some(shell.say(if found { "console-found-true" } else { "console-found-untrue" }))
    };
    let lines: Vec<Option<String>> = match event {
        "case_reported" => {
            vec![told("console-by-channel", "console-channel", "channel"), Some(category())]
        }
        "case_accepted" => vec![
            told("console-accepted", "console-accepted-by", "accepted_by"),
            Some(category()),
            place(),
        ],
        "case_refused" => vec![told("console-reason", "console-refusal", "reason")],
        "case_resolved" => vec![found_true()],
        "case_rated" => {
            let solved = data["solved"].as_bool().unwrap_or_default();
            let key = if solved { "console-rated-solved" } else { "console-rated-unsolved" };
            let level = told("console-rated", "console-satisfaction", "satisfaction");
            vec![level, Some(shell.say(key))]
        }
        "case_reopened" => {
            let round = data["round"].as_i64().unwrap_or_default();
            vec![Some(shell.with("console-round", "n", round))]
        }
        "case_archived" => vec![told("console-reason", "console-archive", "reason")],
        "work_order_created" => {
            let due = data["due"].as_i64();
            vec![due.map(|due| shell.with("console-due-at", "time", shell.minute(&due)))]
        }
        "work_order_routed" => vec![
            Some(assignee(shell, &data["assignee"])),
            told("console-by-rule", "console-rule", "rule"),
            told("console-reason", "console-shortfall", "shortfall"),
        ],
        "work_order_returned" => vec![told("console-reason", "console-return", "reason")],
        "feedback_submitted" => vec![told("console-result", "console-handling", "result")],
        "work_order_verified" => vec![found_true()],
        "work_order_closed" => {
            vec![told("console-result", "console-handling", "result"), found_true()]
        }
        "work_order_overdue" => {
            let due = data["due"].as_i64();
            vec![
                told("console-overdue-of", "console-deadline", "deadline"),
                due.map(|due| shell.with("console-due-at", "time", shell.minute(&due))),
            ]
        }
        _ => Vec::new(),
    };
    if data.is_null() { Vec::new() } else { lines.into_iter().flatten().collect() }
}

fn assignee(shell: &Shell, data: &Value) -> String {
    let id = |field: &str| data[field].as_str().unwrap_or_default().to_owned();
    let assignee = Assignee { organisation_id: id("organisation"), person_id: id("person") };
    let name = assignee_name(shell, &assignee);
    let name = if name.is_empty() { shell.say("console-nobody") } else { name };
    shell.with("console-routed-to", "name", name)
}

/// The persons whom an event names, so that their names can be asked for.
pub(super) fn persons(data: &Value) -> Vec<String> {
    let person = data["assignee"]["person"].as_str();
    person.into_iter().map(str::to_owned).collect()
}
