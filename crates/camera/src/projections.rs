//! The tables: the cameras, and where divisions and grids are.

pub mod cameras;
pub mod place_divisions;
pub mod place_grids;
