//! What points reads: its ledgers, and of others' events what the rule looks at.

pub mod accounts;
pub mod earning_categories;
pub mod entries;
pub mod programmes;
pub mod reports;
