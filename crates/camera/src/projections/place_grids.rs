//! The table `place_grids`: where the grids are. Keyed by the grid's code.

use contracts::grid::GridEvent;
use kernel::{DecodeError, StoredEvent as _, geo::DeltaPolygon};
use platform::{log::Recorded, projection::Projection, row};

row! {
    /// A grid's boundary.
    pub struct PlaceGrid in "place_grids" version 1 {
        /// The boundary in CGCS2000: the JSON of a `kernel::geo::DeltaPolygon`.
        pub boundary: String,
        /// The sequence of the event that drew it.
        pub drawn_at: i64,
    }
    indexes []
}

/// Folds the boundaries that grid publishes.
pub struct PlaceGrids;

impl Projection for PlaceGrids {
    type Row = PlaceGrid;
    type Event = GridEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<GridEvent>, DecodeError> {
        (event.category() == GridEvent::CATEGORY)
            .then(|| GridEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &GridEvent) -> Vec<String> {
        match event {
            GridEvent::GridCreated(event) => vec![event.grid.to_string()],
            GridEvent::GridBoundaryRevised(event) => vec![event.grid.to_string()],
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => vec![],
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<PlaceGrid>,
        event: &GridEvent,
        recorded: &Recorded,
    ) -> Option<PlaceGrid> {
        match event {
            GridEvent::GridCreated(event) => Some(drawn(&event.boundary, recorded)),
            GridEvent::GridBoundaryRevised(event) => Some(drawn(&event.boundary, recorded)),
            GridEvent::MemberAssigned(_) | GridEvent::MemberRelieved(_) => row,
        }
    }
}

fn drawn(boundary: &DeltaPolygon, recorded: &Recorded) -> PlaceGrid {
    let boundary = serde_json::to_string(boundary).expect("a boundary is integers in lists");
    let drawn_at = i64::try_from(recorded.meta.sequence).unwrap_or(i64::MAX);
    PlaceGrid { boundary, drawn_at }
}
