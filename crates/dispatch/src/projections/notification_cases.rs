//! Who reported which case, and into which it was merged: everybody whose report is behind a matter is
//! told of it, also after a merge.
//!
//! Of the events of cases only what is asked here is read, by their names: a case's other events, and
//! those that come, change nothing of it.

use kernel::{
    DecodeError, Division,
    id::{CaseId, CategoryCode, PersonId},
};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
};
use serde::Deserialize;

platform::row! {
    /// A case; the key is its id.
    pub struct NotificationCaseRow in "notification_cases" version 1 {
        /// Who reported it.
        pub reporter: String,
        /// The division where it is handled.
        pub division: String,
        /// The category's code.
        pub category: String,
        /// The case into which it was merged; empty where it stands for itself.
        pub merged_into: String,
        /// The ids of those who joined it, with spaces between.
        pub joiners: String,
        /// Whether it was made confidential, 0 or 1; its category may make it so besides.
        pub confidential: i64,
    }
    indexes ["merged_into WHERE merged_into <> ''"]
}

/// The table.
#[derive(Debug)]
pub struct NotificationCases;

/// What is read of an event of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    #[serde(skip)]
    name: String,
    case: CaseId,
    reporter: Option<PersonId>,
    category: Option<CategoryCode>,
    division: Option<Division>,
    place: Option<Place>,
    into: Option<CaseId>,
    joiner: Option<PersonId>,
    confidential: Option<bool>,
}

/// The place of a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Place {
    division: Division,
}

/// The events that are read, by their names.
const READ: [&str; 6] = [
    "case_reported",
    "case_accepted",
    "case_joined",
    "case_merged",
    "case_unmerged",
    "confidentiality_set",
];

impl Projection for NotificationCases {
    type Row = NotificationCaseRow;
    type Event = Event;

    fn read(&self, event: &Recorded) -> Result<Option<Event>, DecodeError> {
        let name =
            event.ce_type.strip_prefix("weft.intake.").and_then(|rest| rest.split('.').next());
        let Some(name) = name.filter(|name| READ.contains(name)) else { return Ok(None) };
        let read: Event = serde_json::from_slice(&event.payload).map_err(|error| {
            DecodeError::Payload { ce_type: event.ce_type.clone(), reason: error.to_string() }
        })?;
        Ok(Some(Event { name: name.to_owned(), ..read }))
    }

    fn keys(&self, event: &Event) -> Vec<String> {
        vec![event.case.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<NotificationCaseRow>,
        event: &Event,
        _recorded: &Recorded,
    ) -> Option<NotificationCaseRow> {
        let shown = |division: &Division| division.to_string();
        let row = row.unwrap_or_else(|| NotificationCaseRow {
            reporter: String::new(),
            division: String::new(),
            category: String::new(),
            merged_into: String::new(),
            joiners: String::new(),
            confidential: 0,
        });
        Some(match event.name.as_str() {
            "case_merged" => NotificationCaseRow {
                merged_into: event.into.as_ref().map(ToString::to_string).unwrap_or_default(),
                ..row
            },
            "case_unmerged" => NotificationCaseRow { merged_into: String::new(), ..row },
            _ => NotificationCaseRow {
                reporter: event.reporter.as_ref().map_or(row.reporter, ToString::to_string),
                division: event
                    .division
                    .as_ref()
                    .or(event.place.as_ref().map(|place| &place.division))
                    .map_or(row.division, shown),
                category: event.category.as_ref().map_or(row.category, ToString::to_string),
                merged_into: row.merged_into,
                joiners: joined(row.joiners, event.joiner.as_ref()),
                confidential: event.confidential.map_or(row.confidential, i64::from),
            },
        })
    }
}

fn joined(joiners: String, joiner: Option<&PersonId>) -> String {
    let Some(joiner) = joiner.map(ToString::to_string) else { return joiners };
    if joiners.split_whitespace().any(|known| known == joiner) {
        return joiners;
    }
    format!("{joiners} {joiner}").trim_start().to_owned()
}

impl NotificationCaseRow {
    fn persons(&self) -> Vec<PersonId> {
        let joiners = self.joiners.split_whitespace();
        std::iter::once(&*self.reporter).chain(joiners).filter_map(|id| id.parse().ok()).collect()
    }
}

/// Everybody who reported or joined a case, its own reporter first; with those whose case was merged
/// into it where `with_merged`.
pub async fn reporters(
    view: &View<NotificationCaseRow>,
    case: &CaseId,
    with_merged: bool,
) -> Result<Vec<PersonId>, SqlError> {
    let merged = table::select::<NotificationCaseRow>()
        .with(" WHERE merged_into = ?", case.to_string())
        .and(" AND merged_into <> '' ORDER BY id");
    let own = view.get(&case.to_string()).await?;
    let merged = if with_merged { view.fetch(merged).await? } else { Vec::new() };
    let rows = own.into_iter().chain(merged.into_iter().map(|(_, row)| row));
    Ok(rows.flat_map(|row| row.persons()).collect())
}
