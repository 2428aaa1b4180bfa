//! The statements of the clocks, of re-planning and of routing over the table of orders.

use std::collections::HashMap;

use contracts::{dispatch::DeadlineKind, intake::Urgency};
use kernel::id::CategoryCode;
use platform::{
    database::{
        SqlError,
        statement::{Cell, Statement, Value},
        table,
    },
    projection::View,
};

use super::{WorkOrderRow, queries::OPEN};

/// Orders with a clock that is due, the most pressing first.
pub async fn due(
    view: &View<WorkOrderRow>,
    now: i64,
    rows: u32,
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    let statement = table::select::<WorkOrderRow>()
        .with(" WHERE next_due <= ?", now)
        .and(OPEN)
        .and(&format!(" ORDER BY next_due LIMIT {rows}"));
    view.fetch(statement).await
}

/// Open orders on this rung of the ladder whose clock `stage` has been late since `since` at least,
/// the latest first.
pub async fn late(
    view: &View<WorkOrderRow>,
    urgency: Urgency,
    stage: DeadlineKind,
    rung: i64,
    since: i64,
    rows: u32,
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    let statement = table::select::<WorkOrderRow>()
        .with(" WHERE urgency = ?", urgency.to_string())
        .with(" AND late_stage = ?", stage.to_string())
        .with(" AND tier = ?", rung)
        .with(" AND late_since <= ?", since)
        .and(OPEN)
        .and(&format!(" ORDER BY late_since LIMIT {rows}"));
    view.fetch(statement).await
}

/// Open orders whose ids come after this one, in the order of their ids; of a category, or of all.
pub async fn open_after(
    view: &View<WorkOrderRow>,
    after: &str,
    category: Option<&CategoryCode>,
    rows: u32,
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    let mut statement = table::select::<WorkOrderRow>().with(" WHERE id > ?", after).and(OPEN);
    if let Some(category) = category {
        statement = statement.with(" AND category = ?", category.to_string());
    }
    view.fetch(statement.and(&format!(" ORDER BY id LIMIT {rows}"))).await
}

/// The newest orders of a division's part of the county that were created since a moment. `column` is
/// the one that holds the division.
pub async fn routed_since(
    view: &View<WorkOrderRow>,
    (column, division): (&str, &str),
    since: i64,
    rows: u32,
) -> Result<Vec<(String, WorkOrderRow)>, SqlError> {
    let statement = table::select::<WorkOrderRow>()
        .with(&format!(" WHERE {column} = ?"), division)
        .with(" AND created_at >= ?", since)
        .and(&format!(" ORDER BY created_at DESC LIMIT {rows}"));
    view.fetch(statement).await
}

/// Which of these persons got an emergency since a moment, and when they got the last: UTC
/// milliseconds.
pub async fn emergencies(
    view: &View<WorkOrderRow>,
    persons: &[String],
    since: i64,
) -> Result<HashMap<String, i64>, SqlError> {
    let mut last = HashMap::new();
    for some in persons.chunks(200) {
        let table = table::name::<WorkOrderRow>();
        let words = format!(
            "SELECT assignee, MAX(created_at) FROM {table} WHERE urgency = 'emergency' AND assignee IN "
        );
        let statement = Statement::new(&words)
            .list(some.iter().map(|id| Value::from(id.as_str())))
            .with(" AND created_at >= ?", since)
            .and(" GROUP BY assignee");
        for row in &view.database().fetch(statement).await? {
            last.insert(Cell::from_row(row, 0)?, Cell::from_row(row, 1)?);
        }
    }
    Ok(last)
}
