//! Who serves which grid, in which duty.

use contracts::grid::{GridEvent, MemberDuty};
use kernel::{DecodeError, Division, GridCode, id::PersonId};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A member; the key is `<grid>/<person>`.
    pub struct MemberRow in "routing_members" version 1 {
        /// The 15 digits of the grid.
        pub grid: String,
        /// The person's id.
        pub person: String,
        /// A word of `MemberDuty`.
        pub duty: String,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct RoutingMembers;

impl Projection for RoutingMembers {
    type Row = MemberRow;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        super::read(GridEvent::CATEGORY, event)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::MemberAssigned(assigned) => vec![key(assigned.grid, &assigned.person)],
            GridEvent::MemberRelieved(relieved) => vec![key(relieved.grid, &relieved.person)],
            GridEvent::GridCreated(_) | GridEvent::GridBoundaryRevised(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<MemberRow>,
        event: &GridEvent,
        _recorded: &Recorded,
    ) -> Option<MemberRow> {
        match event {
            GridEvent::MemberAssigned(assigned) => Some(MemberRow {
                grid: assigned.grid.to_string(),
                person: assigned.person.to_string(),
                duty: assigned.duty.to_string(),
            }),
            GridEvent::MemberRelieved(_) => None,
            GridEvent::GridCreated(_) | GridEvent::GridBoundaryRevised(_) => row,
        }
    }
}

/// The members of a grid with their duties, in no order.
pub fn of_grid(view: &View<MemberRow>, grid: GridCode) -> Vec<(PersonId, MemberDuty)> {
    let grid = grid.to_string();
    view.cached(|rows| {
        rows.values()
            .filter(|row| row.grid == grid)
            .filter_map(|row| Some((row.person.parse().ok()?, row.duty.parse().ok()?)))
            .collect()
    })
}

/// The members of all grids of a division with their grids and duties, in no order.
pub fn within(view: &View<MemberRow>, division: Division) -> Vec<(GridCode, PersonId, MemberDuty)> {
    let prefix = division.to_string();
    view.cached(|rows| {
        rows.values()
            .filter(|row| row.grid.starts_with(&prefix))
            .filter_map(|row| {
                Some((row.grid.parse().ok()?, row.person.parse().ok()?, row.duty.parse().ok()?))
            })
            .collect()
    })
}

/// In which duty a person serves a grid, if at all.
pub fn duty(view: &View<MemberRow>, grid: GridCode, person: &PersonId) -> Option<MemberDuty> {
    view.cached(|rows| rows.get(&key(grid, person)).and_then(|row| row.duty.parse().ok()))
}

fn key(grid: GridCode, person: &PersonId) -> String {
    format!("{grid}/{person}")
}
