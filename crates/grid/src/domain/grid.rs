//! A grid: created with its boundary, redrawn, served by members.

use std::collections::BTreeMap;

use contracts::grid::{
    GridBoundaryRevised, GridCreated, GridEvent, GridKind, MemberAssigned, MemberDuty,
    MemberRelieved,
};
use kernel::{
    Aggregate, Division, GridCode, Timestamp,
    geo::{Crs, DeltaPolygon},
    id::{PersonId, RecordId},
};

/// The aggregate.
pub struct Grid;

/// What is known of a grid.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nobody has created it.
    #[default]
    Unknown,
    /// It exists.
    Existing(Existing),
}

/// A grid that exists.
#[derive(Clone, Debug)]
pub struct Existing {
    kind: GridKind,
    boundary: DeltaPolygon,
    /// Who serves it; none for who once did.
    members: BTreeMap<PersonId, Option<MemberDuty>>,
}

/// What may be asked of a grid.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter it into the register.
    CreateGrid {
        /// The grid.
        grid: GridCode,
        /// Whether its village is a registered division.
        village_registered: bool,
        /// What it is for.
        kind: GridKind,
        /// The boundary in CGCS2000.
        boundary: DeltaPolygon,
        /// The system that the boundary was given in.
        source_crs: Crs,
        /// The record that holds the document with its name.
        document: RecordId,
        /// The feature in it, from 1.
        row: u32,
        /// Now.
        at: Timestamp,
    },
    /// Draw its boundary anew.
    ReviseBoundary {
        /// The grid.
        grid: GridCode,
        /// The boundary in CGCS2000.
        boundary: DeltaPolygon,
        /// The system that the boundary was given in.
        source_crs: Crs,
        /// Now.
        at: Timestamp,
    },
    /// Put a person into its service, or into another duty.
    AssignMember {
        /// The grid.
        grid: GridCode,
        /// The person.
        person: PersonId,
        /// In which duty.
        duty: MemberDuty,
        /// Now.
        at: Timestamp,
    },
    /// Take a person out of its service.
    RelieveMember {
        /// The grid.
        grid: GridCode,
        /// The person.
        person: PersonId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The village is no registered division.
    #[error("the village {0} is not registered: import the divisions first")]
    UnknownVillage(Division),
    /// The grid exists, and is another.
    #[error("the grid {0} exists with another boundary or kind: choose another serial")]
    GridAlreadyExists(GridCode),
    /// The grid was never created.
    #[error("no grid {0} exists: create it first")]
    UnknownGrid(GridCode),
    /// The person never served the grid.
    #[error("{0} does not serve this grid: look at its members")]
    NotAMember(PersonId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownVillage(_) => "UNKNOWN_VILLAGE",
            Self::GridAlreadyExists(_) => "GRID_ALREADY_EXISTS",
            Self::UnknownGrid(_) => "UNKNOWN_GRID",
            Self::NotAMember(_) => "NOT_A_MEMBER",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::UnknownVillage(village) => format!("村 {village} 未登记, 请先导入区划"),
            Self::GridAlreadyExists(grid) => {
                format!("网格 {grid} 已存在且边界或类型不同, 请改用其他序号")
            }
            Self::UnknownGrid(grid) => format!("网格 {grid} 不存在, 请先建立"),
            Self::NotAMember(person) => format!("{person} 不是该网格的成员, 请核对成员名单"),
        }
    }
}

impl Aggregate for Grid {
    const CATEGORY: &'static str = GridEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = GridEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<GridEvent>, Rejection> {
        use Command::{AssignMember, CreateGrid, RelieveMember, ReviseBoundary};
        use State::{Existing, Unknown};
        match (state, command) {
            (Unknown, CreateGrid { grid, village_registered: false, .. }) => {
                Err(Rejection::UnknownVillage(grid.village()))
            }
            (
                Unknown,
                CreateGrid {
                    grid,
                    village_registered: true,
                    kind,
                    boundary,
                    source_crs,
                    document,
                    row,
                    at,
                },
            ) => {
                let occurred_at = at;
                Ok(vec![
                    GridCreated { occurred_at, grid, kind, boundary, source_crs, document, row }
                        .into(),
                ])
            }
            (Existing(known), CreateGrid { kind, boundary, .. })
                if known.kind == kind && known.boundary == boundary =>
            {
                Ok(vec![])
            }
            (Existing(_), CreateGrid { grid, .. }) => Err(Rejection::GridAlreadyExists(grid)),
            (Existing(known), ReviseBoundary { boundary, .. }) if known.boundary == boundary => {
                Ok(vec![])
            }
            (Existing(_), ReviseBoundary { grid, boundary, source_crs, at }) => {
                let occurred_at = at;
                Ok(vec![GridBoundaryRevised { occurred_at, grid, boundary, source_crs }.into()])
            }
            (Existing(known), AssignMember { person, duty, .. })
                if known.members.get(&person) == Some(&Some(duty)) =>
            {
                Ok(vec![])
            }
            (Existing(_), AssignMember { grid, person, duty, at }) => {
                Ok(vec![MemberAssigned { occurred_at: at, grid, person, duty }.into()])
            }
            (Existing(known), RelieveMember { grid, person, at }) => {
                match known.members.get(&person) {
                    Some(Some(_)) => {
                        Ok(vec![MemberRelieved { occurred_at: at, grid, person }.into()])
                    }
                    Some(None) => Ok(vec![]),
                    None => Err(Rejection::NotAMember(person)),
                }
            }

            (
                Unknown,
                ReviseBoundary { grid, .. }
                | AssignMember { grid, .. }
                | RelieveMember { grid, .. },
            ) => Err(Rejection::UnknownGrid(grid)),
        }
    }

    fn evolve(state: State, event: &GridEvent) -> State {
        match (state, event) {
            (_, GridEvent::GridCreated(event)) => State::Existing(Existing {
                kind: event.kind,
                boundary: event.boundary.clone(),
                members: BTreeMap::new(),
            }),
            (State::Existing(mut known), GridEvent::GridBoundaryRevised(event)) => {
                known.boundary = event.boundary.clone();
                State::Existing(known)
            }
            (State::Existing(mut known), GridEvent::MemberAssigned(event)) => {
                known.members.insert(event.person.clone(), Some(event.duty));
                State::Existing(known)
            }
            (State::Existing(mut known), GridEvent::MemberRelieved(event)) => {
                known.members.insert(event.person.clone(), None);
                State::Existing(known)
            }
            (
                State::Unknown,
                GridEvent::GridBoundaryRevised(_)
                | GridEvent::MemberAssigned(_)
                | GridEvent::MemberRelieved(_),
            ) => State::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
