//! x
pub mod clean;
