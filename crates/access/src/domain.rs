//! What access decides.

pub mod data_request;
pub mod organisation;
pub mod person;
pub mod retention;
pub mod sign_in_link;
