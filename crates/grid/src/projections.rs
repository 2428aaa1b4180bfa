//! The tables of grid, each named in its own file only.

pub mod divisions;
pub mod grid_boundaries;
pub mod grids;
pub mod members;
pub mod rosters;
