//! Who is told of what: the same scopes as in lists.

use kernel::{
    Division, GridCode,
    id::{CaseId, PersonId},
};
use platform::auth::{Principal, Scope, ScopeColumn, ScopePredicate};

use crate::projections::{live_cases::LiveCaseRow, live_orders::LiveOrderRow};

/// Whom a stream is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A grid's member: the cases of the grid, its orders, and what is assigned to the member.
    Member(GridCode, PersonId),
    /// Whoever's scope is these rows.
    Scope(ScopePredicate),
    /// Whoever follows one case by its tracking link.
    Case(CaseId),
}

impl Audience {
    /// The audience that a signed-in person is, in a county.
    pub fn of(principal: &Principal, county: Division) -> Self {
        match &principal.scope {
            Scope::Grid(grid) => Self::Member(*grid, principal.person.clone()),
            Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
                Self::Scope(principal.predicate(county))
            }
        }
    }

    /// Whether it is told of a case.
    pub fn hears_case(&self, id: &str, row: &LiveCaseRow) -> bool {
        self.covers_case(id, &|column| row.column(column))
    }

    /// Whether a case that it is not told of was its, and left after a sequence.
    pub fn lost_case(&self, id: &str, row: &LiveCaseRow, after: u64) -> bool {
        row.was_lost_after(after, |value_of| self.covers_case(id, value_of))
    }

    fn covers_case(&self, id: &str, value_of: &dyn Fn(ScopeColumn) -> String) -> bool {
        match self {
            Self::Member(grid, _) => value_of(ScopeColumn::Grid) == grid.to_string(),
            Self::Scope(scope) => scope.holds(value_of),
            Self::Case(case) => id == case.to_string(),
        }
    }

    /// Whether it is told of an order.
    pub fn hears_order(&self, row: &LiveOrderRow) -> bool {
        self.covers_order(row, |column| row.column(column))
    }

    /// Whether an order that it is not told of was its, and left after a sequence.
    pub fn lost_order(&self, row: &LiveOrderRow, after: u64) -> bool {
        row.lost_after(after)
            .any(|holder| self.covers_order(row, |column| row.column_with(holder, column)))
    }

    fn covers_order(&self, row: &LiveOrderRow, value_of: impl Fn(ScopeColumn) -> String) -> bool {
        match self {
            Self::Member(grid, person) => {
                row.grid == grid.to_string()
                    || value_of(ScopeColumn::Assignee) == person.to_string()
            }
            Self::Scope(scope) => scope.holds(value_of),
            Self::Case(case) => row.case_id == case.to_string(),
        }
    }
}
