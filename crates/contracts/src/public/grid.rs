//! What the world is told of the registers of divisions and grids. Who serves a grid is not told, and
//! boundaries are asked for over gRPC.

use kernel::{Division, GridCode};

use crate::{
    codec::{event_set, payloads},
    grid::{self, GridKind},
};

payloads! {
    /// A division is in force.
    pub struct DivisionRegistered {
        /// The division.
        pub division: Division,
    }

    /// A grid exists.
    pub struct GridCreated {
        /// The grid.
        pub grid: GridCode,
        /// What it is for.
        pub kind: GridKind,
    }

    /// A grid's boundary was drawn anew.
    pub struct GridBoundaryRevised {
        /// The grid.
        pub grid: GridCode,
    }
}

event_set! {
    /// What the world is told of a division.
    "public.grid" "division"
    pub enum DivisionEvent {
        /// Registered.
        DivisionRegistered "division_registered" 1 [];
    }
}

event_set! {
    /// What the world is told of a grid.
    "public.grid" "grid"
    pub enum GridEvent {
        /// Created.
        GridCreated "grid_created" 1 [];
        /// Its boundary drawn anew.
        GridBoundaryRevised "grid_boundary_revised" 1 [];
    }
}

/// What is public of what happened to a division.
pub fn of_division(event: &grid::DivisionEvent) -> Option<DivisionEvent> {
    match event {
        grid::DivisionEvent::DivisionRegistered(event) => Some(
            DivisionRegistered { occurred_at: event.occurred_at, division: event.division }.into(),
        ),
    }
}

/// What is public of what happened to a grid.
pub fn of_grid(event: &grid::GridEvent) -> Option<GridEvent> {
    match event {
        grid::GridEvent::GridCreated(event) => Some(
            GridCreated { occurred_at: event.occurred_at, grid: event.grid, kind: event.kind }
                .into(),
        ),
        grid::GridEvent::GridBoundaryRevised(event) => {
            Some(GridBoundaryRevised { occurred_at: event.occurred_at, grid: event.grid }.into())
        }
        // Who serves a grid is a person.
        grid::GridEvent::MemberAssigned(_) | grid::GridEvent::MemberRelieved(_) => None,
    }
}
