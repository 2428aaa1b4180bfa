//! What queues show of cases and orders beside what the services list, and how many there are: from
//! the live tables, so that a page asks each service once.

use std::{collections::HashMap, time::Duration};

use kernel::{Division, Level};
use platform::{
    auth::{Principal, ScopePredicate},
    database::{
        SqlError,
        statement::{Cell, Statement, Value},
        table,
    },
    projection::View,
};

use super::{Live, audience::Audience};
use crate::projections::{live_cases::LiveCaseRow, live_orders::LiveOrderRow};

/// How long a page waits for the tables to show what the visitor just did.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many things wait for whom, of those that are open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Cases that are neither accepted nor refused.
    pub(crate) reported: i64,
    /// Orders by status.
    pub(crate) orders: HashMap<String, i64>,
    /// Orders that nobody has.
    pub(crate) unassigned: i64,
    /// Orders with a deadline that passed.
    pub(crate) overdue: i64,
}

/// Which of what is in scope is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Within {
    /// Only in this division.
    pub(crate) division: Option<Division>,
    /// Only of this category; all where empty.
    pub(crate) category: String,
}

impl Live {
    /// Waits a while until the tables have reached a sequence; then they are shown as they are.
    pub(crate) async fn reach(&self, sequence: u64) {
        let cases = self.shared.cases.wait(sequence, PATIENCE);
        let orders = self.shared.orders.wait(sequence, PATIENCE);
        let _as_they_are = tokio::join!(cases, orders);
    }

    /// The cases of these ids that there are.
    pub(crate) async fn cases_of(
        &self,
        ids: &[String],
    ) -> Result<HashMap<String, LiveCaseRow>, SqlError> {
        Ok(some(&self.shared.cases, "id", ids).await?.into_iter().collect())
    }

    /// The last order of each of these cases, by case, with its id.
    pub(crate) async fn last_orders_of(
        &self,
        cases: &[String],
    ) -> Result<HashMap<String, (String, LiveOrderRow)>, SqlError> {
        let mut rows = some(&self.shared.orders, "case_id", cases).await?;
        rows.sort_by_key(|(_, row)| row.created_at);
        Ok(rows.into_iter().map(|(id, row)| (row.case_id.clone(), (id, row))).collect())
    }

    /// How many things wait in a person's scope.
    pub(crate) async fn counts(
        &self,
        principal: &Principal,
        home: Division,
        within: &Within,
    ) -> Result<Counts, SqlError> {
        let audience = Audience::of(principal, home);
        let mut counts = Counts::default();
        let cases = Statement::new(&format!(
            "SELECT COUNT(*) FROM {} WHERE open = 1 AND status = 'reported'",
            table::name::<LiveCaseRow>()
        ));
        let cases = inside(cases, &audience, within, false);
        if let Some(row) = self.shared.cases.database().fetch(cases).await?.first() {
            counts.reported = Cell::from_row(row, 0)?;
        }
        let free = "CASE WHEN org = '' AND assignee = '' THEN 1 ELSE 0 END";
        let orders = Statement::new(&format!(
            "SELECT status, overdue, {free}, COUNT(*) FROM {} WHERE open = 1",
            table::name::<LiveOrderRow>()
        ));
        let orders = inside(orders, &audience, within, true);
        let orders = orders.and(&format!(" GROUP BY status, overdue, {free}"));
        for row in &self.shared.orders.database().fetch(orders).await? {
            let status: String = Cell::from_row(row, 0)?;
            let overdue: i64 = Cell::from_row(row, 1)?;
            let free: i64 = Cell::from_row(row, 2)?;
            let n: i64 = Cell::from_row(row, 3)?;
            counts.overdue += n * overdue;
            if status == "returned" || (status == "routed" && free == 1) {
                counts.unassigned += n;
            }
            *counts.orders.entry(status).or_default() += n;
        }
        Ok(counts)
    }
}

/// The rows whose column holds one of these.
async fn some<R: platform::database::table::Row>(
    view: &View<R>,
    column: &str,
    ids: &[String],
) -> Result<Vec<(String, R)>, SqlError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(200) {
        let values = ids.iter().map(|id| Value::from(id.as_str()));
        let statement = table::select::<R>().and(&format!(" WHERE {column} IN ")).list(values);
        found.extend(view.fetch(statement).await?);
    }
    Ok(found)
}

fn inside(
    mut statement: Statement,
    audience: &Audience,
    within: &Within,
    assigned: bool,
) -> Statement {
    statement = match audience {
        Audience::Member(grid, person) if assigned => statement
            .with(" AND (grid = ?", grid.to_string())
            .with(" OR assignee = ?)", person.to_string()),
        Audience::Member(grid, _) => statement.with(" AND grid = ?", grid.to_string()),
        Audience::Scope(ScopePredicate::All) => statement,
        Audience::Scope(ScopePredicate::Where(all))
            if assigned
                || all.iter().all(|one| !matches!(one.column.name(), "org" | "assignee")) =>
        {
            all.iter().fold(statement, |statement, one| {
                statement.with(&format!(" AND {} = ?", one.column.name()), one.value.as_str())
            })
        }
        // Organisations have orders, not cases.
        Audience::Scope(_) | Audience::Case(_) => statement.and(" AND 1 = 0"),
    };
    if let Some(division) = within.division {
        let column = match division.level() {
            Level::Province | Level::Prefecture | Level::County => "county",
            Level::Township => "township",
            Level::Village => "village",
        };
        statement = statement.with(&format!(" AND {column} = ?"), division.to_string());
    }
    if within.category.is_empty() {
        statement
    } else {
        statement.with(" AND category = ?", within.category.as_str())
    }
}
