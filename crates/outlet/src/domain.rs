//! What outlet decides.

pub mod deliveries;
pub mod integrator;
pub mod webhook;
