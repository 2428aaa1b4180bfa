//! What access decides.

pub mod organisation;
pub mod person;
pub mod service_token;
pub mod sign_in_link;
