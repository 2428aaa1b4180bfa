//! What access decides.

pub mod account;
pub mod data_request;
pub mod organisation;
pub mod person;
pub mod retention;
pub mod service_token;
pub mod session;
pub mod sign_in_link;
pub mod substitution;
