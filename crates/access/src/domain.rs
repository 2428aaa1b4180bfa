//! What access decides.

pub mod organisation;
pub mod person;
