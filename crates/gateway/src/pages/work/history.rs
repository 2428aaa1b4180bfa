//! One history of a case and its order: what happened, who did it, what was written.

use api::common::v1::TimelineEntry;

use crate::shell::Shell;

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// `case-reported`, `work-order-routed`, …
    pub(super) event: String,
    pub(super) at: i64,
    /// Who did it, in words; empty where that is not told.
    pub(super) who: String,
    pub(super) text: String,
    pub(super) photos: Vec<String>,
    pub(super) photos_before: Vec<String>,
}

/// What only says again what the next entry says.
const SILENT: [&str; 1] = ["work_order_created"];

/// What a reporter does, whose id tells nobody anything.
const BY_REPORTER: [&str; 3] = ["case_reported", "information_added", "case_rated"];

impl Entry {
    /// As a service answers it.
    pub(super) fn of(shell: &Shell, entry: &TimelineEntry) -> Self {
        Self {
            event: entry.event.replace('_', "-"),
            at: entry.occurred_at,
            who: who(shell, entry),
            text: entry.text.clone(),
            photos: entry.photos.clone(),
            photos_before: entry.photos_before.clone(),
        }
    }
}

/// Who did it: the name of a member of staff, the reporter, or the rules themselves.
fn who(shell: &Shell, entry: &TimelineEntry) -> String {
    let (actor, event) = (entry.actor.as_str(), entry.event.as_str());
    if actor.is_empty() {
        return String::new();
    }
    let name = shell.person(actor);
    if name != actor {
        name
    } else if BY_REPORTER.contains(&event) {
        shell.say("work-by-reporter")
    } else if actor.starts_with(|c: char| c.is_ascii_digit()) {
        shell.say("work-by-staff")
    } else {
        shell.say("work-by-rules")
    }
}

/// One history of two, the oldest first. What stands in the report already is not said twice.
pub(super) fn merged(shell: &Shell, case: &[TimelineEntry], order: &[TimelineEntry]) -> Vec<Entry> {
    let mut all: Vec<_> = case.iter().chain(order).collect();
    all.sort_by_key(|entry| (entry.occurred_at, entry.sequence));
    all.into_iter()
        .filter(|entry| !SILENT.contains(&entry.event.as_str()))
        .map(|entry| {
            let mut shown = Entry::of(shell, entry);
            if matches!(entry.event.as_str(), "case_reported" | "information_added") {
                (shown.text, shown.photos) = (String::new(), Vec::new());
            }
            shown
        })
        .collect()
}
