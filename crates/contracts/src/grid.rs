//! What grid publishes: divisions, grids, boundaries and members.

pub mod roster;

use kernel::{
    Division, GridCode,
    geo::{Crs, DeltaPolygon},
    hash::Sha256,
    id::{ImportId, PersonId, RecordId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// What a grid is for.
    pub enum GridKind {
        /// A general grid in a town.
        Urban,
        /// A general grid in the country: a natural village or group.
        Rural,
        /// A dedicated grid: a firm, a school, a market.
        Dedicated,
        /// A service area.
        Service,
    }

    /// In which duty a person serves a grid.
    pub enum MemberDuty {
        /// 专职网格员.
        FullTime,
        /// 兼职网格员.
        PartTime,
        /// 辅助网格员.
        Auxiliary,
        /// 网格长.
        Chief,
    }

    /// Which register an import filled.
    pub enum ImportKind {
        /// Divisions, from CSV.
        Divisions,
        /// Grids, from GeoJSON.
        Grids,
        /// Categories, from CSV.
        Categories,
    }
}

payloads! {
    /// A division is in force. Its name stands in a row of the imported document.
    pub struct DivisionRegistered {
        /// The division.
        pub division: Division,
        /// The record that holds the document.
        pub document: RecordId,
        /// The row in it, from 1, the header not counted.
        pub row: u32,
    }

    /// A grid exists, with its boundary. Its name stands in a row of the imported document.
    pub struct GridCreated {
        /// The grid.
        pub grid: GridCode,
        /// What it is for.
        pub kind: GridKind,
        /// The boundary in CGCS2000.
        pub boundary: DeltaPolygon,
        /// The system that the boundary was given in.
        pub source_crs: Crs,
        /// The record that holds the document.
        pub document: RecordId,
        /// The feature in it, from 1.
        pub row: u32,
    }

    /// A grid's boundary was drawn anew.
    pub struct GridBoundaryRevised {
        /// The grid.
        pub grid: GridCode,
        /// The boundary in CGCS2000.
        pub boundary: DeltaPolygon,
        /// The system that the boundary was given in.
        pub source_crs: Crs,
    }

    /// A person serves a grid.
    pub struct MemberAssigned {
        /// The grid.
        pub grid: GridCode,
        /// The person.
        pub person: PersonId,
        /// In which duty.
        pub duty: MemberDuty,
    }

    /// A person no longer serves a grid.
    pub struct MemberRelieved {
        /// The grid.
        pub grid: GridCode,
        /// The person.
        pub person: PersonId,
    }

    /// A whole file is in the register.
    pub struct ImportCompleted {
        /// The import, whose id follows from the file's digest.
        pub import: ImportId,
        /// Which register.
        pub kind: ImportKind,
        /// The digest of the file.
        pub digest: Sha256,
        /// How many rows it had.
        pub rows: u32,
    }
}

event_set! {
    /// What may happen to a division.
    "grid" "division"
    pub enum DivisionEvent {
        /// Registered.
        DivisionRegistered "division_registered" 1 [];
    }
}

event_set! {
    /// What may happen to a grid.
    "grid" "grid"
    pub enum GridEvent {
        /// Created.
        GridCreated "grid_created" 1 [];
        /// Its boundary drawn anew.
        GridBoundaryRevised "grid_boundary_revised" 1 [];
        /// A member assigned.
        MemberAssigned "member_assigned" 1 [];
        /// A member relieved.
        MemberRelieved "member_relieved" 1 [];
    }
}

event_set! {
    /// What may happen to an import.
    "grid" "import"
    pub enum ImportEvent {
        /// Complete.
        ImportCompleted "import_completed" 1 [];
    }
}
