//! Which grids there are: where a campaign goes.

use contracts::grid::GridEvent;
use kernel::{DecodeError, Division, GridCode};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A grid; the key is its code.
    pub struct GridRow in "campaign_grids" version 1 {
        /// A word of `GridKind`.
        pub kind: String,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct CampaignGrids;

impl Projection for CampaignGrids {
    type Row = GridRow;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        super::read(GridEvent::CATEGORY, event)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::GridCreated(created) => vec![created.grid.to_string()],
            GridEvent::GridBoundaryRevised(_)
            | GridEvent::MemberAssigned(_)
            | GridEvent::MemberRelieved(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<GridRow>,
        event: &GridEvent,
        _recorded: &Recorded,
    ) -> Option<GridRow> {
        match event {
            GridEvent::GridCreated(created) => Some(GridRow { kind: created.kind.to_string() }),
            GridEvent::GridBoundaryRevised(_)
            | GridEvent::MemberAssigned(_)
            | GridEvent::MemberRelieved(_) => row,
        }
    }
}

/// The grids of a division, in the order of their codes.
pub fn of_division(view: &View<GridRow>, division: Division) -> Vec<GridCode> {
    let prefix = division.to_string();
    let mut grids: Vec<GridCode> = view.cached(|rows| {
        let codes = rows.keys().filter(|code| code.starts_with(&prefix));
        codes.filter_map(|code| code.parse().ok()).collect()
    });
    grids.sort_unstable();
    grids
}

/// Whether there is such a grid.
pub fn exists(view: &View<GridRow>, grid: GridCode) -> bool {
    view.cached(|rows| rows.contains_key(&grid.to_string()))
}
