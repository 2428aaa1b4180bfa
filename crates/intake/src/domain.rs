//! The rules: of cases, of the catalogue with its neighbours, and of what staff are shown of persons.

pub mod admission;
pub mod case;
pub mod category;
pub mod disclosure;
pub mod hotspot;
