//! The tables of access, each named in its own file only.

pub mod assignments;
pub mod data_requests;
pub mod organisations;
pub mod people;
pub mod personal_records;
pub mod service_tokens;
pub mod sessions;
pub mod substitutions;
