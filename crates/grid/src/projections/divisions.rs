//! The divisions in force. Names stand in the imported documents.

use contracts::grid::DivisionEvent;
use kernel::{DecodeError, Division, Level, StoredEvent as _};
use platform::{
    auth::{Placement, ScopeColumn, ScopePredicate},
    database::SqlError,
    grpc::Page,
    log::Recorded,
    projection::{
        Projection, View,
        listing::{self, Listed},
    },
};

platform::row! {
    /// A division; the key is its code.
    pub struct DivisionRow in "divisions" version 1 {
        /// The level's word.
        pub level: String,
        /// The code of the division above.
        pub parent: String,
        /// The record of the document with its name.
        pub document: String,
        /// The row in it, from 1.
        pub document_row: i64,
        /// The county that it is or lies in.
        pub county: String,
        /// The township that it is or lies in.
        pub township: String,
        /// The village that it is.
        pub village: String,
        /// Always empty.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "parent, id"]
}

/// Fills the table.
pub struct Divisions;

impl Projection for Divisions {
    type Row = DivisionRow;
    type Event = DivisionEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<DivisionEvent>, DecodeError> {
        if event.category() != DivisionEvent::CATEGORY {
            return Ok(None);
        }
        DivisionEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &DivisionEvent) -> Vec<String> {
        match event {
            DivisionEvent::DivisionRegistered(event) => vec![event.division.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        _: Option<DivisionRow>,
        event: &DivisionEvent,
        _: &Recorded,
    ) -> Option<DivisionRow> {
        let DivisionEvent::DivisionRegistered(event) = event;
        let placement = Placement::of_division(event.division);
        let column = |column| placement.column(column);
        let parent = event.division.parent();
        Some(DivisionRow {
            level: word(event.division.level()).to_owned(),
            parent: parent.map(|parent| parent.to_string()).unwrap_or_default(),
            document: event.document.to_string(),
            document_row: i64::from(event.row),
            county: column(ScopeColumn::County),
            township: column(ScopeColumn::Township),
            village: column(ScopeColumn::Village),
            grid: column(ScopeColumn::Grid),
            org: column(ScopeColumn::Org),
            assignee: column(ScopeColumn::Assignee),
            reporter: column(ScopeColumn::Reporter),
        })
    }
}

/// A level as tables and answers write it.
pub(crate) const fn word(level: Level) -> &'static str {
    match level {
        Level::Province => "province",
        Level::Prefecture => "prefecture",
        Level::County => "county",
        Level::Township => "township",
        Level::Village => "village",
    }
}

/// Whether a division is in force.
pub(crate) fn registered(view: &View<DivisionRow>, division: Division) -> bool {
    view.cached(|rows| rows.contains_key(&division.to_string()))
}

/// The divisions in scope, directly below `parent` where it is not empty.
pub(crate) async fn list(
    view: &View<DivisionRow>,
    scope: &ScopePredicate,
    parent: String,
    page: &Page,
) -> Result<Listed<DivisionRow>, SqlError> {
    listing::list(view, scope, &[("parent", parent)], page).await
}
