//! Who asks for something to be done with an order, and for which part of the county.

use contracts::dispatch::{Assignee, Tier};
use kernel::{
    Division, GridCode, Level,
    id::{OrganisationId, PersonId},
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// What the person's role covers.
    pub within: Within,
}

/// What a role covers, as far as orders are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// The orders of a division.
    Division(Division),
    /// The orders of a grid, and what is assigned to the person.
    Grid(GridCode),
    /// An organisation's orders within a division.
    Organisation {
        /// The organisation.
        organisation: OrganisationId,
        /// The division within which.
        division: Division,
    },
    /// What is assigned to the person.
    Assigned,
}

impl Caller {
    /// Whether an order at this place with this assignee is covered.
    pub fn covers(&self, division: Division, grid: Option<GridCode>, assignee: &Assignee) -> bool {
        match &self.within {
            Within::Division(own) => own.contains(division),
            Within::Grid(own) => grid == Some(*own) || self.is_person_of(assignee),
            Within::Organisation { organisation, division: own } => {
                assignee.organisation.as_ref() == Some(organisation) && own.contains(division)
            }
            Within::Assigned => self.is_person_of(assignee),
        }
    }

    /// Whether the caller may know what is not there: an id alone says the division.
    pub fn knows(&self, division: Division) -> bool {
        match &self.within {
            Within::Division(own) | Within::Organisation { division: own, .. } => {
                own.contains(division)
            }
            Within::Grid(own) => own.village() == division,
            Within::Assigned => false,
        }
    }

    /// The tier of an office; none for those who have no office over a division.
    pub const fn tier(&self) -> Option<Tier> {
        match &self.within {
            Within::Division(division) => Some(match division.level() {
                Level::Village => Tier::Village,
                Level::Township => Tier::Township,
                Level::County | Level::Prefecture | Level::Province => Tier::County,
            }),
            Within::Grid(_) | Within::Organisation { .. } | Within::Assigned => None,
        }
    }

    /// Whether the order is the caller's to handle: as the person, or as a clerk of the organisation.
    pub fn is(&self, assignee: &Assignee) -> bool {
        self.is_person_of(assignee)
            || matches!(
                &self.within,
                Within::Organisation { organisation, .. }
                    if assignee.organisation.as_ref() == Some(organisation)
            )
    }

    /// The organisation for which the caller acts, where it is one's clerk.
    pub const fn organisation(&self) -> Option<&OrganisationId> {
        match &self.within {
            Within::Organisation { organisation, .. } => Some(organisation),
            Within::Division(_) | Within::Grid(_) | Within::Assigned => None,
        }
    }

    fn is_person_of(&self, assignee: &Assignee) -> bool {
        assignee.person.as_ref() == Some(&self.person)
    }
}

/// In which capacity somebody verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// By office: a verifier, an operator or a supervisor.
    Office,
    /// As the chief of the grids that are named in the caller's scope (网格长).
    GridChief,
    /// As a member of a grid, who may verify what he reported himself.
    GridMember,
}
