//! What intake knows from the log: its cases and categories, what may enter the grids, what comes up
//! often, and the places that grid registers.

pub mod admissions;
pub mod case_joins;
pub mod case_orders;
pub mod cases;
pub mod categories;
pub mod category_versions;
pub mod hotspot_reports;
pub mod hotspots;
pub mod place_divisions;
pub mod place_grids;
