//! What grid decides.

pub mod division;
pub mod grid;
pub mod import;

#[cfg(test)]
mod rules_table;
