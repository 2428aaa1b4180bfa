//! The county's own rules of notification: one row for each version, of which the last is in force.
//! A text that was sent under an older version is still shown by that version's templates.

use contracts::dispatch::notification::{NotificationRulesEvent, Route};
use kernel::{DecodeError, id::RecordId};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A version; the key is its number, with leading zeros.
    pub struct NotificationRulesRow in "notification_rules" version 1 {
        /// The number.
        pub rule_version: i64,
        /// Who is told of what, as JSON of codes.
        pub routes: String,
        /// The record with the templates.
        pub templates: String,
        /// When it was put, UTC milliseconds.
        pub put_at: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct NotificationRuleVersions;

/// The rules of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// The number.
    pub rule_version: u32,
    /// Who is told of what.
    pub routes: Vec<Route>,
    /// The record with the templates.
    pub templates: Option<RecordId>,
}

impl Projection for NotificationRuleVersions {
    type Row = NotificationRulesRow;
    type Event = NotificationRulesEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<NotificationRulesEvent>, DecodeError> {
        super::read(NotificationRulesEvent::CATEGORY, event)
    }

    fn keys(&self, event: &NotificationRulesEvent) -> Vec<String> {
        let NotificationRulesEvent::NotificationRulesPut(put) = event;
        vec![key(put.rule_version)]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<NotificationRulesRow>,
        event: &NotificationRulesEvent,
        _recorded: &Recorded,
    ) -> Option<NotificationRulesRow> {
        let NotificationRulesEvent::NotificationRulesPut(put) = event;
        Some(NotificationRulesRow {
            rule_version: put.rule_version.into(),
            routes: serde_json::to_string(&put.routes).unwrap_or_default(),
            templates: put.templates.to_string(),
            put_at: put.occurred_at.0,
        })
    }
}

fn key(version: u32) -> String {
    format!("{version:010}")
}

/// The rules of this version, or the last where none is named; none where it is not the county's own.
pub fn find(view: &View<NotificationRulesRow>, version: Option<u32>) -> Option<InForce> {
    let row = view.cached(|rows| match version {
        Some(version) => rows.get(&key(version)).cloned(),
        None => rows.values().max_by_key(|row| row.rule_version).cloned(),
    })?;
    Some(InForce {
        rule_version: u32::try_from(row.rule_version).ok()?,
        routes: serde_json::from_str(&row.routes).ok()?,
        templates: row.templates.parse().ok(),
    })
}
