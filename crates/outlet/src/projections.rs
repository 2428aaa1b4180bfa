//! The tables: the webhooks, and what was delivered to whom.

pub mod deliveries;
pub mod webhooks;
