//! What points decides. No sum here may overflow unseen.

#![deny(clippy::arithmetic_side_effects)]

pub mod ledger;
