//! The table `place_divisions`: which divisions there are. Keyed by the division's code.

use contracts::grid::DivisionEvent;
use kernel::{DecodeError, StoredEvent as _};
use platform::{log::Recorded, projection::Projection, row};

row! {
    /// A division in force.
    pub struct PlaceDivision in "place_divisions" version 1 {
        /// The level, such as `township`.
        pub level: String,
    }
    indexes []
}

/// Folds the divisions that grid registers.
pub struct PlaceDivisions;

impl Projection for PlaceDivisions {
    type Row = PlaceDivision;
    type Event = DivisionEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<DivisionEvent>, DecodeError> {
        (event.category() == DivisionEvent::CATEGORY)
            .then(|| DivisionEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &DivisionEvent) -> Vec<String> {
        let DivisionEvent::DivisionRegistered(event) = event;
        vec![event.division.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<PlaceDivision>,
        event: &DivisionEvent,
        _recorded: &Recorded,
    ) -> Option<PlaceDivision> {
        let DivisionEvent::DivisionRegistered(event) = event;
        Some(PlaceDivision { level: format!("{:?}", event.division.level()).to_lowercase() })
    }
}
