//! The grids. Names stand in the imported documents, boundaries in a table of their own.

use contracts::grid::GridEvent;
use kernel::{DecodeError, Division, GridCode, StoredEvent as _};
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
    /// A grid; the key is its code.
    pub struct GridRow in "grids" version 1 {
        /// The word of its kind.
        pub kind: String,
        /// How many events its history has.
        pub version: i64,
        /// The record of the document with its name.
        pub document: String,
        /// The feature in it, from 1.
        pub document_row: i64,
        /// Its county.
        pub county: String,
        /// Its township.
        pub township: String,
        /// Its village.
        pub village: String,
        /// The grid itself.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "village, id"]
}

/// Fills the table.
pub struct Grids;

impl Projection for Grids {
    type Row = GridRow;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        if event.category() != GridEvent::CATEGORY {
            return Ok(None);
        }
        GridEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        vec![grid_of(event).to_string()]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<GridRow>,
        event: &GridEvent,
        recorded: &Recorded,
    ) -> Option<GridRow> {
        let version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        let GridEvent::GridCreated(created) = event else {
            return row.map(|row| GridRow { version, ..row });
        };
        let placement = placement(created.grid);
        let column = |column| placement.column(column);
        Some(GridRow {
            kind: created.kind.to_string(),
            version,
            document: created.document.to_string(),
            document_row: i64::from(created.row),
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

/// The grid that an event is of.
pub(crate) const fn grid_of(event: &GridEvent) -> GridCode {
    match event {
        GridEvent::GridCreated(event) => event.grid,
        GridEvent::GridBoundaryRevised(event) => event.grid,
        GridEvent::MemberAssigned(event) => event.grid,
        GridEvent::MemberRelieved(event) => event.grid,
    }
}

/// Where a grid stands.
pub(crate) fn placement(grid: GridCode) -> Placement {
    Placement { grid: Some(grid), ..Placement::of_division(grid.village()) }
}

/// The grids in scope, and in a division where one is given.
pub(crate) async fn list(
    view: &View<GridRow>,
    scope: &ScopePredicate,
    division: Option<Division>,
    page: &Page,
) -> Result<Listed<GridRow>, SqlError> {
    let within = |column: ScopeColumn, part: Option<Division>| {
        (column.name(), part.map(|part| part.to_string()).unwrap_or_default())
    };
    let filters = [
        within(ScopeColumn::County, division.and_then(Division::county)),
        within(ScopeColumn::Township, division.and_then(Division::township)),
        within(ScopeColumn::Village, division.and_then(Division::village)),
    ];
    listing::list(view, scope, &filters, page).await
}
