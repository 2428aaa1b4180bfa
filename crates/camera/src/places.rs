//! Where a camera stands: from its position, and the division and grid that may be stated beside it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use kernel::{
    Division, GridCode,
    geo::{DeltaPolygon, Point, Polygon, Position},
    grid_index::{GridIndex, Location},
};
use platform::projection::View;

use crate::projections::{place_divisions::PlaceDivision, place_grids::PlaceGrid};

/// What is stated of a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated {
    pub(crate) position: Position,
    pub(crate) division: Option<Division>,
    pub(crate) grid: Option<GridCode>,
}

/// Where a camera stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) division: Division,
    pub(crate) grid: Option<GridCode>,
    /// Whether it stands in none of the grids, although its division was named.
    pub(crate) outside: bool,
}

/// Why what is stated is no place of this county.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPlace {
    #[error("the division {0} is not registered in this county: import the divisions first")]
    UnknownDivision(Division),
    #[error("the grid {0} is not registered in this county: import the grids first")]
    UnknownGrid(GridCode),
    #[error("the grid {0} does not lie in the division {1}: mend one of them")]
    GridElsewhere(GridCode, Division),
    #[error("the position lies far from every grid: mend it, or name the division")]
    Outside,
}

impl NoPlace {
    /// The field that is to blame.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::UnknownDivision(_) => "division",
            Self::UnknownGrid(_) | Self::GridElsewhere(..) => "grid",
            Self::Outside => "position",
        }
    }

    /// The same in Chinese.
    pub(crate) fn message_zh(&self) -> String {
        match self {
            Self::UnknownDivision(division) => {
                format!("区划 {division} 未在本县登记, 请先导入区划")
            }
            Self::UnknownGrid(grid) => format!("网格 {grid} 未在本县登记, 请先导入网格"),
            Self::GridElsewhere(grid, division) => {
                format!("网格 {grid} 不在区划 {division} 内, 请核对")
            }
            Self::Outside => "位置远离所有网格, 请核对经纬度或填写区划".to_owned(),
        }
    }
}

/// The places of a county.
pub(crate) struct Places {
    county: Division,
    grids: View<PlaceGrid>,
    divisions: View<PlaceDivision>,
    index: RwLock<Arc<Index>>,
    gap_limit_m: u32,
}

/// The boundaries as they were at one moment.
struct Index {
    grids: GridIndex,
    extent: Extent,
}

/// How much is drawn: the number of grids and the newest drawing.
type Extent = (usize, i64);

fn extent_of(rows: &HashMap<String, PlaceGrid>) -> Extent {
    (rows.len(), rows.values().map(|row| row.drawn_at).max().unwrap_or_default())
}

fn polygon(row: &PlaceGrid) -> Option<Polygon> {
    let delta: DeltaPolygon = serde_json::from_str(&row.boundary).ok()?;
    Polygon::try_from(&delta).ok()
}

impl Places {
    /// The places that these tables know; see the configuration for the limit in metres.
    pub(crate) fn new(
        county: Division,
        grids: View<PlaceGrid>,
        divisions: View<PlaceDivision>,
        gap_limit_m: u32,
    ) -> Self {
        let index = Index { grids: GridIndex::new(gap_limit_m), extent: (0, 0) };
        Self { county, grids, divisions, index: RwLock::new(Arc::new(index)), gap_limit_m }
    }

    /// Where a camera stands of which this is stated. A stated division stands, even where the
    /// position lies in another's grid: boundaries are not that sure.
    pub(crate) fn find(&self, stated: Stated) -> Result<Standing, NoPlace> {
        if let Some(division) = stated.division.filter(|division| !self.knows(*division)) {
            return Err(NoPlace::UnknownDivision(division));
        }
        if let Some(grid) = stated.grid {
            return self.in_grid(grid, stated.division);
        }
        let standing = |division, grid, outside| Ok(Standing { division, grid, outside });
        match (self.index().grids.locate(stated.position), stated.division) {
            (Location::InGrid { grid, .. }, None) => standing(grid.village(), Some(grid), false),
            (Location::InGrid { grid, .. }, Some(division))
                if division.contains(grid.village()) =>
            {
                standing(grid.village(), Some(grid), false)
            }
            (Location::InGap { nearest, .. }, None) => {
                standing(nearest.village().township().unwrap_or(self.county), None, true)
            }
            (
                Location::InGrid { .. } | Location::InGap { .. } | Location::Outside,
                Some(division),
            ) => standing(division, None, true),
            (Location::Outside, None) => Err(NoPlace::Outside),
        }
    }

    /// The middle of a grid; none if this county has no such grid.
    pub(crate) fn middle_of(&self, grid: GridCode) -> Option<Point> {
        let index = self.index();
        let bounds = index.grids.get(grid)?.bounds();
        Some(Point {
            lon_e7: bounds.min.lon_e7.midpoint(bounds.max.lon_e7),
            lat_e7: bounds.min.lat_e7.midpoint(bounds.max.lat_e7),
        })
    }

    fn in_grid(&self, grid: GridCode, division: Option<Division>) -> Result<Standing, NoPlace> {
        let village = grid.village();
        let drawn = self.grids.cached(|rows| rows.contains_key(&grid.to_string()));
        if !drawn || !self.county.contains(village) {
            return Err(NoPlace::UnknownGrid(grid));
        }
        match division {
            Some(division) if !division.contains(village) => {
                Err(NoPlace::GridElsewhere(grid, division))
            }
            Some(_) | None => Ok(Standing { division: village, grid: Some(grid), outside: false }),
        }
    }

    fn knows(&self, division: Division) -> bool {
        let registered = || self.divisions.cached(|rows| rows.contains_key(&division.to_string()));
        division == self.county || (self.county.contains(division) && registered())
    }

    /// The boundaries as the table has them now; made anew when one was drawn, which is rare.
    fn index(&self) -> Arc<Index> {
        let extent = self.grids.cached(extent_of);
        let index = Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner));
        if index.extent == extent {
            return index;
        }
        let index = self.grids.cached(|rows| {
            let drawn = rows.iter().filter_map(|(code, row)| {
                // A grid whose boundary encloses nothing is still found by its code.
                Some((code.parse().ok()?, polygon(row)?))
            });
            Index { grids: GridIndex::of(drawn, self.gap_limit_m), extent: extent_of(rows) }
        });
        let index = Arc::new(index);
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&index);
        index
    }
}
