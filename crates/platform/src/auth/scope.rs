//! What part of the county an assignment covers, for one thing and for a table of things.

use kernel::{
    Division, GridCode, Level,
    id::{OrganisationId, PersonId},
};

use super::role::Role;

/// What part an assignment covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that lies in a division.
    Division(Division),
    /// All that lies in a grid.
    Grid(GridCode),
    /// What an organisation has to do within a division.
    Organisation {
        /// The organisation.
        org: OrganisationId,
        /// The division within which.
        division: Division,
    },
    /// A resident's own cases.
    Own,
    /// What is assigned to the person.
    Assigned,
}

/// Where a thing stands, as far as a scope asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Its division.
    pub division: Division,
    /// Its grid, if it has one.
    pub grid: Option<GridCode>,
    /// The organisation that has to act.
    pub org: Option<OrganisationId>,
    /// The person to whom it is assigned.
    pub assignee: Option<PersonId>,
    /// The person who reported it.
    pub reporter: Option<PersonId>,
}

/// A column by which rows that are listed can be restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeColumn {
    /// The 6 digits of the county.
    County,
    /// The 9 digits of the township.
    Township,
    /// The 12 digits of the village.
    Village,
    /// The 15 digits of the grid.
    Grid,
    /// The organisation's id.
    Org,
    /// The assignee's person id.
    Assignee,
    /// The reporter's person id.
    Reporter,
}

impl ScopeColumn {
    /// The column's name in every table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
            Self::Grid => "grid",
            Self::Org => "org",
            Self::Assignee => "assignee",
            Self::Reporter => "reporter",
        }
    }
}

/// A column that must equal a value; the value is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equality {
    /// The column.
    pub column: ScopeColumn,
    /// What it must hold.
    pub value: String,
}

/// Which rows of a table a scope covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopePredicate {
    /// Every row: no condition.
    All,
    /// No row: do not ask the database.
    Nothing,
    /// The rows for which all of these hold (one, or two for an organisation).
    Where(Vec<Equality>),
}

impl ScopePredicate {
    /// Whether a row with these column values is covered.
    pub fn holds(&self, value_of: impl Fn(ScopeColumn) -> String) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Where(equalities) => {
                equalities.iter().all(|equality| value_of(equality.column) == equality.value)
            }
        }
    }
}

impl Placement {
    /// A thing of a division that has no grid, organisation or person yet.
    pub const fn of_division(division: Division) -> Self {
        Self { division, grid: None, org: None, assignee: None, reporter: None }
    }

    /// What a row of this thing holds in a column; empty where there is nothing.
    pub fn column(&self, column: ScopeColumn) -> String {
        fn shown<T: ToString>(value: Option<&T>) -> String {
            value.map(T::to_string).unwrap_or_default()
        }
        match column {
            ScopeColumn::County => shown(self.division.county().as_ref()),
            ScopeColumn::Township => shown(self.division.township().as_ref()),
            ScopeColumn::Village => shown(self.division.village().as_ref()),
            ScopeColumn::Grid => shown(self.grid.as_ref()),
            ScopeColumn::Org => shown(self.org.as_ref()),
            ScopeColumn::Assignee => shown(self.assignee.as_ref()),
            ScopeColumn::Reporter => shown(self.reporter.as_ref()),
        }
    }
}

/// Why a role does not go with a division, grid and organisation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeMisfit {
    /// A part is missing.
    #[error("the role {role} needs a {part}: name one")]
    Missing {
        /// The role.
        role: Role,
        /// `division`, `grid` or `org`.
        part: &'static str,
    },
    /// A part is there that the role has no use for.
    #[error("the role {role} takes no {part}: leave it out")]
    Unwanted {
        /// The role.
        role: Role,
        /// `division`, `grid` or `org`.
        part: &'static str,
    },
    /// The grid lies elsewhere.
    #[error(
        "the grid {grid} is not in the division {division}: leave the division out or name the grid's"
    )]
    GridElsewhere {
        /// The grid.
        grid: GridCode,
        /// The division.
        division: Division,
    },
}

/// The three parts in which tokens and the command line write a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeParts {
    /// The division's code.
    pub division: Option<Division>,
    /// The grid's code.
    pub grid: Option<GridCode>,
    /// The organisation's id.
    pub org: Option<OrganisationId>,
}

impl Scope {
    /// The scope that these parts mean for a role; refused where they do not fit it.
    pub fn for_role(role: Role, parts: ScopeParts) -> Result<Self, ScopeMisfit> {
        let missing = |part| ScopeMisfit::Missing { role, part };
        let none = |there: bool, part| {
            if there { Err(ScopeMisfit::Unwanted { role, part }) } else { Ok(()) }
        };
        let ScopeParts { division, grid, org } = parts;
        if role != Role::GridMember {
            none(grid.is_some(), "grid")?;
        }
        if role != Role::DepartmentClerk {
            none(org.is_some(), "org")?;
        }
        match role {
            Role::Resident => {
                none(division.is_some(), "division")?;
                Ok(Self::Own)
            }
            Role::GridMember => {
                let grid = grid.ok_or_else(|| missing("grid"))?;
                match division {
                    Some(division) if !division.contains(grid.village()) => {
                        Err(ScopeMisfit::GridElsewhere { grid, division })
                    }
                    Some(_) | None => Ok(Self::Grid(grid)),
                }
            }
            Role::DepartmentClerk => Ok(Self::Organisation {
                org: org.ok_or_else(|| missing("org"))?,
                division: division.ok_or_else(|| missing("division"))?,
            }),
            Role::Verifier => Ok(division.map_or(Self::Assigned, Self::Division)),
            Role::Operator
            | Role::Supervisor
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => division.map(Self::Division).ok_or_else(|| missing("division")),
        }
    }

    /// The parts in which it is written; [`Scope::for_role`] reads them back.
    pub fn parts(&self) -> ScopeParts {
        match self {
            Self::Division(division) => {
                ScopeParts { division: Some(*division), ..ScopeParts::default() }
            }
            Self::Grid(grid) => ScopeParts { grid: Some(*grid), ..ScopeParts::default() },
            Self::Organisation { org, division } => {
                ScopeParts { division: Some(*division), grid: None, org: Some(org.clone()) }
            }
            Self::Own | Self::Assigned => ScopeParts::default(),
        }
    }

    /// Whether a thing is covered, for the person who holds the scope.
    pub fn covers(&self, person: &PersonId, thing: &Placement) -> bool {
        match self {
            Self::Division(division) => division.contains(thing.division),
            Self::Grid(grid) => thing.grid == Some(*grid),
            Self::Organisation { org, division } => {
                thing.org.as_ref() == Some(org) && division.contains(thing.division)
            }
            Self::Own => thing.reporter.as_ref() == Some(person),
            Self::Assigned => thing.assignee.as_ref() == Some(person),
        }
    }

    /// The same as a condition on the rows of a table that holds things of `home` only.
    ///
    /// `home` is the division whose log the table is made of, as a rule a county. A scope wider
    /// than a county covers all of it or nothing; a prefecture's scope over a province's table
    /// has no column, and covers nothing.
    pub fn predicate(&self, person: &PersonId, home: Division) -> ScopePredicate {
        let one = |column, value: String| ScopePredicate::Where(vec![Equality { column, value }]);
        match self {
            Self::Division(division) => within(*division, home),
            Self::Grid(grid) => one(ScopeColumn::Grid, grid.to_string()),
            Self::Organisation { org, division } => {
                let org = Equality { column: ScopeColumn::Org, value: org.to_string() };
                match within(*division, home) {
                    ScopePredicate::Nothing => ScopePredicate::Nothing,
                    ScopePredicate::All => ScopePredicate::Where(vec![org]),
                    ScopePredicate::Where(mut all) => {
                        all.insert(0, org);
                        ScopePredicate::Where(all)
                    }
                }
            }
            Self::Own => one(ScopeColumn::Reporter, person.to_string()),
            Self::Assigned => one(ScopeColumn::Assignee, person.to_string()),
        }
    }
}

fn within(division: Division, home: Division) -> ScopePredicate {
    let column = match division.level() {
        Level::Province | Level::Prefecture => {
            return if division.contains(home) {
                ScopePredicate::All
            } else {
                ScopePredicate::Nothing
            };
        }
        Level::County => ScopeColumn::County,
        Level::Township => ScopeColumn::Township,
        Level::Village => ScopeColumn::Village,
    };
    ScopePredicate::Where(vec![Equality { column, value: division.to_string() }])
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
