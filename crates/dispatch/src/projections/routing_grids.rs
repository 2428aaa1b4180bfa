//! What each grid is for, and where its middle is.

use contracts::grid::{GridEvent, GridKind};
use kernel::{
    DecodeError, GridCode,
    geo::{Bounds, Crs, DeltaPolygon, Polygon, Position},
};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A grid; the key is its 15 digits.
    pub struct GridRow in "routing_grids" version 1 {
        /// A word of `GridKind`.
        pub kind: String,
        /// The middle of its boundary in CGCS2000, in 1e-7 degrees.
        pub lon_e7: i64,
        /// The same, north.
        pub lat_e7: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct RoutingGrids;

/// A grid as routing needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// What it is for.
    pub kind: GridKind,
    /// Where its middle is.
    pub middle: Position,
}

impl Projection for RoutingGrids {
    type Row = GridRow;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        super::read(GridEvent::CATEGORY, event)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::GridCreated(created) => vec![created.grid.to_string()],
            GridEvent::GridBoundaryRevised(revised) => vec![revised.grid.to_string()],
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => Vec::new(),
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
            GridEvent::GridCreated(created) => {
                let (lon_e7, lat_e7) = middle(&created.boundary);
                Some(GridRow { kind: created.kind.to_string(), lon_e7, lat_e7 })
            }
            GridEvent::GridBoundaryRevised(revised) => {
                let (lon_e7, lat_e7) = middle(&revised.boundary);
                row.map(|row| GridRow { lon_e7, lat_e7, ..row })
            }
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => row,
        }
    }
}

/// What is known of a grid.
pub fn find(view: &View<GridRow>, grid: GridCode) -> Option<Grid> {
    let row = view.cached(|rows| rows.get(&grid.to_string()).cloned())?;
    Some(Grid {
        kind: row.kind.parse().ok()?,
        middle: Position::new(row.lon_e7, row.lat_e7, Crs::Cgcs2000).ok()?,
    })
}

/// The middle of the box around a boundary, in 1e-7 degrees: near enough to say who is nearer.
fn middle(boundary: &DeltaPolygon) -> (i64, i64) {
    Polygon::try_from(boundary).map_or((0, 0), |polygon| {
        let Bounds { min, max } = polygon.bounds();
        (min.lon_e7.midpoint(max.lon_e7), min.lat_e7.midpoint(max.lat_e7))
    })
}
