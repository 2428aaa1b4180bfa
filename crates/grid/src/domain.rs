//! What grid decides.

pub mod division;
pub mod grid;
pub mod import;
pub mod leave;
pub mod roster;
