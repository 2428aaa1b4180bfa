//! The catalogue as people write it: a table of which each row is a category, or a leaf with its group.
//! It is kept as one document; the events name its rows, and the names are read from it.

pub mod days;
pub mod document;
pub mod form;
pub(crate) mod nearest;
pub mod table;
