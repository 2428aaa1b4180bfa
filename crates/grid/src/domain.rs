//! What grid decides.

pub mod division;
pub mod grid;
pub mod import;
