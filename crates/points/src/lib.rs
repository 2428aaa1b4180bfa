//! temporary
pub mod domain;
