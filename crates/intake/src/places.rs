//! Where a report lies: from a position, a grid's code or a division's code to the place under which
//! its case is filed. A position is never refused: what lies in no grid goes to the township or the
//! county.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use contracts::intake::{Place, PlaceSource};
use kernel::{
    Division, GridCode,
    geo::{DeltaPolygon, Polygon, Position},
    grid_index::{GridIndex, Location},
};
use platform::projection::View;

use crate::projections::{place_divisions::PlaceDivision, place_grids::PlaceGrid};

/// The places of a county.
#[derive(Clone)]
pub struct Places {
    county: Division,
    grids: View<PlaceGrid>,
    divisions: View<PlaceDivision>,
    index: Arc<RwLock<Index>>,
}

struct Index {
    grids: GridIndex,
    /// Which drawing of each grid is in the index.
    drawn_at: HashMap<String, i64>,
}

/// How much is drawn: the number of grids and the newest drawing.
type Extent = (usize, i64);

impl Index {
    fn extent(&self) -> Extent {
        (self.drawn_at.len(), self.drawn_at.values().copied().max().unwrap_or_default())
    }

    fn bring_up_to(&mut self, rows: &HashMap<String, PlaceGrid>) {
        let drawn_at = &self.drawn_at;
        let gone: Vec<String> =
            drawn_at.keys().filter(|code| !rows.contains_key(*code)).cloned().collect();
        for code in gone {
            if let Ok(grid) = code.parse() {
                self.grids.remove(grid);
            }
            self.drawn_at.remove(&code);
        }
        for (code, row) in rows {
            if self.drawn_at.get(code) == Some(&row.drawn_at) {
                continue;
            }
            self.drawn_at.insert(code.clone(), row.drawn_at);
            if let (Ok(grid), Some(polygon)) = (code.parse(), polygon(row)) {
                self.grids.insert(grid, polygon);
            } else {
                // The grid's code still leads to it; positions in it count as a gap.
                tracing::warn!(code, "this boundary encloses nothing; draw the grid anew");
            }
        }
    }
}

fn polygon(row: &PlaceGrid) -> Option<Polygon> {
    let delta: DeltaPolygon = serde_json::from_str(&row.boundary).ok()?;
    Polygon::try_from(&delta).ok()
}

impl Places {
    /// The places that these tables know. `gap_limit_m`: how far from the nearest grid, in metres, a
    /// position still belongs to its township.
    pub fn new(
        county: Division,
        grids: View<PlaceGrid>,
        divisions: View<PlaceDivision>,
        gap_limit_m: u32,
    ) -> Self {
        let index = Index { grids: GridIndex::new(gap_limit_m), drawn_at: HashMap::new() };
        Self { county, grids, divisions, index: Arc::new(RwLock::new(index)) }
    }

    /// The place of a position, wherever it lies.
    pub fn at(&self, position: Position) -> Place {
        let filed =
            |source, division, grid| Place { source, division, grid, position: Some(position) };
        match self.locate(position) {
            Location::InGrid { grid, .. } => {
                filed(PlaceSource::PositionInGrid, grid.village(), Some(grid))
            }
            Location::InGap { nearest, .. } => {
                let township = nearest.village().township().unwrap_or(self.county);
                filed(PlaceSource::PositionInGap, township, None)
            }
            Location::Outside => filed(PlaceSource::PositionOutside, self.county, None),
        }
    }

    /// The place of a grid; none if this county has no such grid.
    pub fn of_grid(&self, grid: GridCode) -> Option<Place> {
        let known = self.grids.cached(|rows| rows.contains_key(&grid.to_string()));
        (known && self.county.contains(grid.village())).then(|| Place {
            source: PlaceSource::Grid,
            division: grid.village(),
            grid: Some(grid),
            position: None,
        })
    }

    /// The place of a division; none if it is not this county and no known part of it.
    pub fn of_division(&self, division: Division) -> Option<Place> {
        let registered = || self.divisions.cached(|rows| rows.contains_key(&division.to_string()));
        let known = division == self.county || (self.county.contains(division) && registered());
        known.then_some(Place {
            source: PlaceSource::Division,
            division,
            grid: None,
            position: None,
        })
    }

    fn locate(&self, position: Position) -> Location {
        let extent: Extent = self.grids.cached(|rows| {
            (rows.len(), rows.values().map(|row| row.drawn_at).max().unwrap_or_default())
        });
        {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            if index.extent() == extent {
                return index.grids.locate(position);
            }
        }
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        self.grids.cached(|rows| index.bring_up_to(rows));
        index.grids.locate(position)
    }
}
