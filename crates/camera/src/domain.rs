//! What camera decides.

pub mod camera;
pub mod import;
