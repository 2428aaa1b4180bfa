//! What access decides.

pub mod organisation;
pub mod person;

#[cfg(test)]
mod rules_table;
