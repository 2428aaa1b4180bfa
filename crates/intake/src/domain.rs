//! What intake decides: what becomes a case and how it ends, and what categories there are.

pub mod case;
pub mod category;
pub mod disclosure;
