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

/// Nobody needs to know how many more wait; counting a county's whole backlog would hold up each page.
pub(crate) const COUNTED: i64 = 1_000;

/// How many things wait for whom, of those that are open; [`COUNTED`] stands for that many or more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Cases that are neither accepted nor refused.
    pub(crate) reported: i64,
    /// Orders that their assignee has not accepted.
    pub(crate) routed: i64,
    /// Orders in work.
    pub(crate) accepted: i64,
    /// Orders to verify.
    pub(crate) handled: i64,
    /// Orders to close.
    pub(crate) verified: i64,
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

    /// How many things wait in a person's scope, each counted up to [`COUNTED`].
    pub(crate) async fn counts(
        &self,
        principal: &Principal,
        home: Division,
        within: &Within,
    ) -> Result<Counts, SqlError> {
        let audience = Audience::of(principal, home);
        let case = |which| up_to::<LiveCaseRow>(&audience, within, false, which);
        let order = |which| up_to::<LiveOrderRow>(&audience, within, true, which);
        let one = |statement| self.one(statement);
        let (reported, returned, free, overdue) = tokio::try_join!(
            one(case(" AND status = 'reported'")),
            one(order(" AND status = 'returned'")),
            one(order(" AND org = '' AND assignee = '' AND status = 'routed'")),
            one(order(" AND overdue = 1")),
        )?;
        let (routed, accepted, handled, verified) = tokio::try_join!(
            one(order(" AND status = 'routed'")),
            one(order(" AND status = 'accepted'")),
            one(order(" AND status = 'handled'")),
            one(order(" AND status = 'verified'")),
        )?;
        let unassigned = (returned + free).min(COUNTED);
        Ok(Counts { reported, routed, accepted, handled, verified, unassigned, overdue })
    }

    async fn one(&self, statement: Statement) -> Result<i64, SqlError> {
        let rows = self.shared.cases.database().fetch(statement).await?;
        rows.first().map_or(Ok(0), |row| Cell::from_row(row, 0))
    }
}

/// Counts the open rows of a table that somebody sees, up to [`COUNTED`].
fn up_to<R: table::Row>(
    audience: &Audience,
    within: &Within,
    assigned: bool,
    which: &str,
) -> Statement {
    let begin =
        format!("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE open = 1{which}", table::name::<R>());
    inside(Statement::new(&begin), audience, within, assigned)
        .and(&format!(" LIMIT {COUNTED}) AS counted"))
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
