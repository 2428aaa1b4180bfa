//! The boundaries, kept in memory too: from them the index of places is made.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use contracts::grid::{GridEvent, GridKind};
use kernel::{DecodeError, GridCode, StoredEvent as _, geo::DeltaPolygon};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

use super::grids;

platform::row! {
    /// A grid's boundary; the key is the grid's code.
    pub struct BoundaryRow in "grid_boundaries" version 1 {
        /// The grid's version when it was drawn.
        pub version: i64,
        /// The word of the grid's kind.
        pub kind: String,
        /// The delta-coded polygon as JSON.
        pub boundary: String,
    }
    indexes []
}

/// Fills the table, and notes the last event that it has seen: the index need not look before.
#[derive(Default)]
pub struct GridBoundaries {
    seen: Arc<AtomicU64>,
}

impl GridBoundaries {
    /// The sequence of the last event that changed a boundary, as far as this process applies them.
    pub(crate) fn seen(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.seen)
    }
}

impl Projection for GridBoundaries {
    type Row = BoundaryRow;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        if event.category() != GridEvent::CATEGORY {
            return Ok(None);
        }
        GridEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::GridCreated(_) | GridEvent::GridBoundaryRevised(_) => {
                vec![grids::grid_of(event).to_string()]
            }
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => vec![],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<BoundaryRow>,
        event: &GridEvent,
        recorded: &Recorded,
    ) -> Option<BoundaryRow> {
        self.seen.fetch_max(recorded.meta.sequence, Ordering::AcqRel);
        let version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        match event {
            GridEvent::GridCreated(event) => {
                let kind = event.kind.to_string();
                Some(BoundaryRow { version, kind, boundary: json(&event.boundary) })
            }
            GridEvent::GridBoundaryRevised(event) => {
                row.map(|row| BoundaryRow { version, boundary: json(&event.boundary), ..row })
            }
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => row,
        }
    }
}

fn json(boundary: &DeltaPolygon) -> String {
    serde_json::to_string(boundary).expect("integers have a JSON")
}

/// The kind and the boundary of a grid that exists.
pub(crate) fn existing(
    view: &View<BoundaryRow>,
    grid: GridCode,
) -> Option<(GridKind, DeltaPolygon)> {
    view.cached(|rows| {
        let row = rows.get(&grid.to_string())?;
        Some((row.kind.parse().ok()?, serde_json::from_str(&row.boundary).ok()?))
    })
}
