//! One history of a case: what intake and dispatch recorded, in the order of the log.

use api::common::v1::TimelineEntry;
use kernel::id::PersonId;
use serde_json::Value;

use super::{super::choices::person_name, details};
use crate::shell::Shell;

/// An entry as the page shows it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The event's name with hyphens: `console-event-<name>` says it.
    pub(super) event: String,
    /// When.
    pub(super) at: i64,
    /// Who, in words.
    pub(super) who: String,
    /// What the event says of itself.
    pub(super) details: Vec<String>,
    /// What was typed with it.
    pub(super) text: String,
    /// What it looked like before, and what it looks like.
    pub(super) before: Vec<String>,
    pub(super) photos: Vec<String>,
    /// How long after the one before.
    pub(super) after: String,
    /// Where in the log.
    pub(super) sequence: u64,
    /// The event itself, written out.
    pub(super) data: String,
    /// How it is marked: `is-bad`, `is-good` or nothing.
    pub(super) mark: &'static str,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn data_of(entry: &TimelineEntry) -> Value {
    serde_json::from_str(&entry.data).unwrap_or_default()
}

/// The persons whom these entries name.
pub(super) fn persons(timeline: &[TimelineEntry]) -> Vec<String> {
    let named = |entry: &TimelineEntry| {
        let mut persons = details::persons(&data_of(entry));
        persons.push(entry.actor.clone());
        persons
    };
    let persons = timeline.iter().flat_map(named);
    persons.filter(|id| id.parse::<PersonId>().is_ok()).collect()
}

/// The entries in the order of the log.
pub(super) fn of(shell: &Shell, mut timeline: Vec<TimelineEntry>) -> Vec<Entry> {
    timeline.sort_by_key(|entry| entry.sequence);
    let reporter = timeline.iter().find(|entry| entry.event == "case_reported");
    let reporter = reporter.map(|entry| entry.actor.clone()).unwrap_or_default();
    let mut before = None;
    let mut entries = Vec::with_capacity(timeline.len());
    for entry in timeline {
        let data = data_of(&entry);
        let since = before.map(|before| entry.occurred_at - before).unwrap_or_default();
        before = Some(entry.occurred_at);
        entries.push(Entry {
            details: details::of(shell, &entry.event, &data),
            who: who(shell, &entry.actor, &reporter),
            at: entry.occurred_at,
            after: span(shell, since),
            sequence: entry.sequence,
            data: if data.is_null() {
                String::new()
            } else {
                serde_json::to_string_pretty(&data).unwrap_or_default()
            },
            mark: mark(&entry.event),
            event: entry.event.replace('_', "-"),
            text: entry.text,
            before: entry.photos_before,
            photos: entry.photos,
        });
    }
    entries
}

/// Who did it: a member of staff by name, the reporter as such, a process as the system.
fn who(shell: &Shell, actor: &str, reporter: &str) -> String {
    if actor.is_empty() {
        return String::new();
    }
    if actor.parse::<PersonId>().is_err() {
        return shell.say("console-system");
    }
    let unnamed = shell.person(actor) == actor;
    if actor == reporter && unnamed {
        return shell.say("console-reporter");
    }
    person_name(shell, actor)
}

fn mark(event: &str) -> &'static str {
    match event {
        "case_refused"
        | "work_order_overdue"
        | "work_order_returned"
        | "work_order_sent_back"
        | "case_reopened" => "is-bad",
        "case_resolved"
        | "case_archived"
        | "work_order_closed"
        | "work_order_verified"
        | "case_rated" => "is-good",
        _ => "",
    }
}

/// A span in words; less than a minute is none.
fn span(shell: &Shell, ms: i64) -> String {
    let (unit, n) = match ms {
        ..MINUTE => return String::new(),
        MINUTE..HOUR => ("minutes", ms / MINUTE),
        HOUR..DAY => ("hours", ms / HOUR),
        DAY.. => ("days", ms / DAY),
    };
    shell.with(&format!("console-after-{unit}"), "n", n)
}
