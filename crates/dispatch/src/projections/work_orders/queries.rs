//! The statements over the table of orders.

use std::collections::HashMap;

use kernel::{
    Division, GridCode, Level,
    id::{CategoryCode, OrganisationId, PersonId},
};
use platform::{
    auth::{Principal, Scope, ScopeColumn, ScopePredicate},
    database::{
        SqlError,
        statement::{Cell, Statement, Value},
        table,
    },
    projection::View,
};

use super::WorkOrderRow;
use crate::domain::work_order::Status;

/// What tells the database that the indexes of open orders hold all that is asked for.
pub(super) const OPEN: &str = " AND open = 1";

/// The table.
#[derive(Debug)]
pub struct WorkOrders;

/// Which orders a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Those of a grid, and what is assigned to its member.
    Member(GridCode, PersonId),
    /// Those that the scope says.
    Scope(ScopePredicate),
    /// Those of an organisation, and one by one those within a division with which it helps.
    Clerk(OrganisationId, Division, ScopePredicate),
}

/// Which of them are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each narrows by itself")]
pub struct Filter {
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only those in this division.
    pub division: Option<Division>,
    /// Only those of this case.
    pub case_id: Option<String>,
    /// Only those with a clock that rang.
    pub overdue: bool,
    /// Only those assigned to this person, or to the organisation beside.
    pub assignee: Option<(PersonId, Option<OrganisationId>)>,
    /// Only those that are not closed.
    pub open: bool,
    /// Only those of this category.
    pub category: Option<CategoryCode>,
    /// Only those that nobody has.
    pub unassigned: bool,
    /// Only the parts of this order.
    pub parent: Option<String>,
    /// Only open ones with which the organisation helps for which the caller acts.
    pub assisting: bool,
}

/// In which order they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    /// The most pressing first.
    Due,
    /// The newest first.
    NewestFirst,
}

impl OrderBy {
    /// The value of a row by which it is sorted.
    pub const fn value(self, row: &WorkOrderRow) -> i64 {
        match self {
            Self::Due => row.due,
            Self::NewestFirst => row.created_at,
        }
    }
}

impl Sight {
    /// What the caller sees of the orders of a county.
    pub fn of(principal: &Principal, county: Division) -> Self {
        match &principal.scope {
            Scope::Grid(grid) => Self::Member(*grid, principal.person.clone()),
            Scope::Organisation { org, division } => {
                Self::Clerk(org.clone(), *division, principal.predicate(county))
            }
            Scope::Division(_) | Scope::Own | Scope::Assigned => {
                Self::Scope(principal.predicate(county))
            }
        }
    }

    /// What a predicate says of it; none for a member of a grid.
    const fn predicate(&self) -> Option<&ScopePredicate> {
        match self {
            Self::Member(..) => None,
            Self::Scope(predicate) | Self::Clerk(_, _, predicate) => Some(predicate),
        }
    }

    /// Whether nothing can be seen, so that the database need not be asked.
    pub const fn is_blind(&self) -> bool {
        matches!(self.predicate(), Some(ScopePredicate::Nothing))
    }

    /// Whether it is a division's part of the orders, or all.
    fn is_of_division(&self) -> bool {
        match self.predicate() {
            None | Some(ScopePredicate::Nothing) => false,
            Some(ScopePredicate::All) => true,
            Some(ScopePredicate::Where(all)) => all.iter().all(|equality| {
                matches!(
                    equality.column,
                    ScopeColumn::County | ScopeColumn::Township | ScopeColumn::Village
                )
            }),
        }
    }

    /// Whether an order is seen.
    pub fn sees(&self, row: &WorkOrderRow) -> bool {
        match self {
            Self::Member(grid, person) => {
                row.grid == grid.to_string() || row.assignee == person.to_string()
            }
            Self::Scope(predicate) => predicate.holds(|column| row.column(column).to_owned()),
            Self::Clerk(organisation, division, predicate) => {
                predicate.holds(|column| row.column(column).to_owned())
                    || (row.is_assisted_by(organisation) && row.lies_in(*division))
            }
        }
    }

    fn narrow(&self, statement: Statement) -> Statement {
        let predicate = match self {
            Self::Member(grid, person) => {
                return statement
                    .with(" AND (grid = ?", grid.to_string())
                    .with(" OR assignee = ?)", person.to_string());
            }
            Self::Scope(predicate) | Self::Clerk(_, _, predicate) => predicate,
        };
        match predicate {
            ScopePredicate::All => statement,
            ScopePredicate::Nothing => statement.and(" AND 1 = 0"),
            ScopePredicate::Where(all) => all.iter().fold(statement, |statement, equality| {
                let words = format!(" AND {} = ?", equality.column.name());
                statement.with(&words, equality.value.as_str())
            }),
        }
    }
}

impl WorkOrderRow {
    fn is_assisted_by(&self, organisation: &OrganisationId) -> bool {
        self.assistants.contains(&format!(",{organisation},"))
    }

    fn lies_in(&self, division: Division) -> bool {
        self.division.parse().is_ok_and(|own| division.contains(own))
    }

    fn column(&self, column: ScopeColumn) -> &str {
        match column {
            ScopeColumn::County => &self.county,
            ScopeColumn::Township => &self.township,
            ScopeColumn::Village => &self.village,
            ScopeColumn::Grid => &self.grid,
            ScopeColumn::Org => &self.org,
            ScopeColumn::Assignee => &self.assignee,
            ScopeColumn::Reporter => &self.reporter,
        }
    }
}

/// A page of orders with their ids, after an item's sort value and id.
pub async fn page(
    view: &View<WorkOrderRow>,
    sight: &Sight,
    filter: &Filter,
    order_by: OrderBy,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    if sight.is_blind() {
        return Ok(Vec::new());
    }
    let mut statement = table::select::<WorkOrderRow>().and(" WHERE 1 = 1");
    // A division that is asked for lies in the caller's: naming both would only mislead the database in
    // its choice of an index.
    if filter.assisting {
        let Sight::Clerk(organisation, division, _) = sight else { return Ok(Vec::new()) };
        let words = " AND assistants <> '' AND open = 1 AND assistants LIKE ?";
        statement = inside(statement.with(words, format!("%,{organisation},%")), *division);
    } else if filter.division.is_none() || !sight.is_of_division() {
        statement = sight.narrow(statement);
    }
    if let Some(status) = filter.status {
        statement = statement.with(" AND status = ?", status.as_str());
    }
    if filter.unassigned {
        statement = statement
            .with(" AND (status = ?", Status::Returned.as_str())
            .with(" OR (status = ?", Status::Routed.as_str())
            .and(" AND org = '' AND assignee = ''))");
    }
    if filter.open || filter.unassigned || filter.status.is_some_and(Status::is_open) {
        statement = statement.and(OPEN);
    }
    if let Some(category) = &filter.category {
        statement = statement.with(" AND category = ?", category.to_string());
    }
    if let Some((person, organisation)) = &filter.assignee {
        let person = person.to_string();
        statement = match organisation {
            Some(organisation) => statement
                .with(" AND (assignee = ?", person)
                .with(" OR org = ?)", organisation.to_string()),
            None => statement.with(" AND assignee = ?", person),
        };
    }
    if let Some(division) = filter.division {
        statement = inside(statement, division);
    }
    if let Some(case) = &filter.case_id {
        statement = statement.with(" AND case_id = ?", case.as_str());
    }
    if let Some(parent) = &filter.parent {
        statement = statement.with(" AND parent = ?", parent.as_str());
    }
    if filter.overdue {
        statement = statement.and(" AND overdue = 1");
    }
    let (column, beyond, direction) = match order_by {
        OrderBy::Due => ("due", ">", "ASC"),
        OrderBy::NewestFirst => ("created_at", "<", "DESC"),
    };
    if let Some((value, id)) = after {
        statement =
            statement.with(&format!(" AND ({column}, id) {beyond} (?"), value).with(", ?)", id);
    }
    let words = format!(" ORDER BY {column} {direction}, id {direction} LIMIT {rows}");
    view.fetch(statement.and(&words)).await
}

/// Rows have columns for the county and below; what is wider holds every row.
fn inside(statement: Statement, division: Division) -> Statement {
    let column = match division.level() {
        Level::Province | Level::Prefecture => return statement,
        Level::County => "county",
        Level::Township => "township",
        Level::Village => "village",
    };
    statement.with(&format!(" AND {column} = ?"), division.to_string())
}

/// The orders of these ids that there are.
pub async fn some(
    view: &View<WorkOrderRow>,
    ids: &[String],
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(200) {
        let values = ids.iter().map(|id| Value::from(id.as_str()));
        let statement = table::select::<WorkOrderRow>().and(" WHERE id IN ").list(values);
        found.extend(view.fetch(statement).await?);
    }
    Ok(found)
}

/// How many orders are open with each of these persons and organisations.
pub async fn open_orders(
    view: &View<WorkOrderRow>,
    persons: &[String],
    organisations: &[String],
) -> Result<HashMap<String, u32>, SqlError> {
    let mut loads = HashMap::new();
    for (column, ids) in [("assignee", persons), ("org", organisations)] {
        for some in ids.chunks(200) {
            let table = table::name::<WorkOrderRow>();
            let statement = Statement::new(&format!(
                "SELECT {column}, COUNT(*) FROM {table} WHERE open = 1 AND {column} IN "
            ))
            .list(some.iter().map(|id| Value::from(id.as_str())))
            .and(&format!(" GROUP BY {column}"));
            for row in &view.database().fetch(statement).await? {
                let load: i64 = Cell::from_row(row, 1)?;
                loads.insert(Cell::from_row(row, 0)?, u32::try_from(load).unwrap_or(u32::MAX));
            }
        }
    }
    Ok(loads)
}
