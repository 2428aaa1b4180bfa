//! What intake knows from the log: its cases and categories, and the places that grid registers.

pub mod case_joins;
pub mod case_orders;
pub mod cases;
pub mod categories;
pub mod place_divisions;
pub mod place_grids;
