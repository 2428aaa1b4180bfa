//! From a place to its grid: an index in memory that follows the table of boundaries.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use kernel::{
    GridCode,
    geo::{Polygon, Position},
    grid_index::{GridIndex, Location},
};
use platform::{database::Dialect, projection::View};

use crate::projections::grid_boundaries::BoundaryRow;

/// The index and how far it is.
#[derive(Default)]
struct Indexed {
    grids: GridIndex,
    /// The version of each boundary that is in it.
    versions: HashMap<String, i64>,
    /// The position at which the table was looked at last.
    position: Option<u64>,
}

/// Answers in which grid a place lies.
pub(crate) struct Locator {
    boundaries: View<BoundaryRow>,
    /// The last event that changed a boundary, as far as this process applies them itself.
    seen: Arc<AtomicU64>,
    indexed: RwLock<Indexed>,
}

impl Locator {
    pub(crate) fn new(boundaries: View<BoundaryRow>, seen: Arc<AtomicU64>) -> Self {
        Self { boundaries, seen, indexed: RwLock::default() }
    }

    /// Where a place lies among the boundaries that the table has now.
    pub(crate) fn locate(&self, position: Position) -> Location {
        self.catch_up();
        self.indexed.read().unwrap_or_else(PoisonError::into_inner).grids.locate(position)
    }

    /// Takes over what changed. The position is read before the rows are, so that what comes
    /// between is looked at again.
    fn catch_up(&self) {
        let position = self.boundaries.position();
        if !self.is_behind(&self.indexed.read().unwrap_or_else(PoisonError::into_inner), position) {
            return;
        }
        let mut indexed = self.indexed.write().unwrap_or_else(PoisonError::into_inner);
        if !self.is_behind(&indexed, position) {
            return;
        }
        self.boundaries.cached(|rows| {
            for (code, row) in rows {
                if indexed.versions.get(code) != Some(&row.version) {
                    indexed.take_over(code, row);
                }
            }
        });
        indexed.position = Some(position);
    }

    /// A process that applies the events itself knows when a boundary changed. One that follows
    /// another's table over PostgreSQL knows only that something did.
    fn is_behind(&self, indexed: &Indexed, position: u64) -> bool {
        let Some(looked) = indexed.position else { return true };
        let may_follow = self.boundaries.database().dialect() == Dialect::Postgres;
        looked != position && (may_follow || looked < self.seen.load(Ordering::Acquire))
    }
}

impl Indexed {
    fn take_over(&mut self, code: &str, row: &BoundaryRow) {
        self.versions.insert(code.to_owned(), row.version);
        let grid: Option<GridCode> = code.parse().ok();
        let polygon: Option<Polygon> = serde_json::from_str(&row.boundary).ok();
        if let Some((grid, polygon)) = grid.zip(polygon) {
            self.grids.insert(grid, polygon);
        } else {
            tracing::error!(
                grid = code,
                "this boundary cannot be read and is left out: run 'weft rebuild grid.grid_boundaries'"
            );
        }
    }
}
