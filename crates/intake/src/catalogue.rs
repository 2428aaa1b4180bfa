//! The catalogue as people write it: a table of which each row is a leaf with its group. It is kept
//! as one document; the events name its rows, and the names are read from it.

pub mod document;
pub mod table;
