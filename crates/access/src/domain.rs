//! What access decides.

pub mod account;
pub mod organisation;
pub mod person;
pub mod service_token;
pub mod session;
pub mod sign_in_link;
pub mod substitution;
