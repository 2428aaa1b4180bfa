//! Who serves which grid, in which duty.

use std::collections::BTreeMap;

use contracts::grid::GridEvent;
use kernel::{DecodeError, GridCode, StoredEvent as _, id::PersonId};
use platform::{
    auth::ScopeColumn,
    database::{SqlError, statement::Value, table},
    log::Recorded,
    projection::{Projection, View},
};

use super::grids;

platform::row! {
    /// A member; the key is `<grid>/<person>`.
    pub struct MemberRow in "members" version 1 {
        /// The person.
        pub person: String,
        /// The word of the duty.
        pub duty: String,
        /// The grid's county.
        pub county: String,
        /// The grid's township.
        pub township: String,
        /// The grid's village.
        pub village: String,
        /// The grid.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// The person, as scopes ask for it.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["grid, id", "person, id"]
}

/// Fills the table.
pub struct Members;

impl Projection for Members {
    type Row = MemberRow;
    type Event = GridEvent;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        if event.category() != GridEvent::CATEGORY {
            return Ok(None);
        }
        GridEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::GridCreated(_) | GridEvent::GridBoundaryRevised(_) => vec![],
            GridEvent::MemberAssigned(event) => vec![format!("{}/{}", event.grid, event.person)],
            GridEvent::MemberRelieved(event) => vec![format!("{}/{}", event.grid, event.person)],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<MemberRow>,
        event: &GridEvent,
        _: &Recorded,
    ) -> Option<MemberRow> {
        match event {
            GridEvent::GridCreated(_) | GridEvent::GridBoundaryRevised(_) => row,
            GridEvent::MemberRelieved(_) => None,
            GridEvent::MemberAssigned(event) => {
                let placement = platform::auth::Placement {
                    assignee: Some(event.person.clone()),
                    ..grids::placement(event.grid)
                };
                let column = |column| placement.column(column);
                Some(MemberRow {
                    person: event.person.to_string(),
                    duty: event.duty.to_string(),
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
    }
}

/// The members of these grids, by grid and in the order of their ids.
pub(crate) async fn of_grids(
    view: &View<MemberRow>,
    grids: &[&str],
) -> Result<BTreeMap<String, Vec<MemberRow>>, SqlError> {
    let mut members: BTreeMap<String, Vec<MemberRow>> = BTreeMap::new();
    if grids.is_empty() {
        return Ok(members);
    }
    let statement = table::select::<MemberRow>()
        .and(" WHERE grid IN ")
        .list(grids.iter().map(|grid| Value::from(*grid)))
        .and(" ORDER BY id");
    for (_, row) in view.fetch(statement).await? {
        members.entry(row.grid.clone()).or_default().push(row);
    }
    Ok(members)
}

/// The grids that a person serves.
pub(crate) async fn served_by(
    view: &View<MemberRow>,
    person: &PersonId,
) -> Result<Vec<GridCode>, SqlError> {
    let statement = table::select::<MemberRow>().with(" WHERE person = ?", person.to_string());
    let rows = view.fetch(statement).await?;
    Ok(rows.into_iter().filter_map(|(_, row)| row.grid.parse().ok()).collect())
}
