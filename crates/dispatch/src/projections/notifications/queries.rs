//! The statements over the table of letters.

use platform::{
    auth::ScopePredicate,
    database::{
        SqlError,
        statement::{Cell, Statement, Value},
        table,
    },
    projection::View,
};

use super::NotificationRow;

/// The words that let the database take the index of a status.
const IN_THE_HOUSE: &str = " AND status = 'inbox'";

fn of(recipients: &[String], statement: Statement) -> Statement {
    let recipients = recipients.iter().map(|recipient| Value::from(recipient.as_str()));
    statement.and(" WHERE recipient IN ").list(recipients).and(IN_THE_HOUSE)
}

/// A page of what these recipients were told, the newest first, after an item's place in the log and
/// key; only what came after a place where one is named.
pub async fn inbox(
    view: &View<NotificationRow>,
    recipients: &[String],
    unread_after: Option<i64>,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, NotificationRow)>, SqlError> {
    let mut statement = of(recipients, table::select::<NotificationRow>());
    if let Some(read_up_to) = unread_after {
        statement = statement.with(" AND position > ?", read_up_to);
    }
    if let Some((position, id)) = after {
        statement = statement.with(" AND (position, id) < (?", position).with(", ?)", id);
    }
    view.fetch(statement.and(&format!(" ORDER BY position DESC, id DESC LIMIT {rows}"))).await
}

/// How many of these recipients' letters came after a place in the log.
pub async fn unread(
    view: &View<NotificationRow>,
    recipients: &[String],
    read_up_to: i64,
) -> Result<i64, SqlError> {
    let name = table::name::<NotificationRow>();
    let counted = Statement::new(&format!("SELECT COUNT(*) FROM {name}"));
    let statement = of(recipients, counted).with(" AND position > ?", read_up_to);
    let rows = view.database().fetch(statement).await?;
    rows.first().map_or(Ok(0), |row| i64::from_row(row, 0))
}

/// What waits to leave the house, the oldest first.
pub async fn waiting(
    view: &View<NotificationRow>,
    rows: u32,
) -> Result<Vec<(String, NotificationRow)>, SqlError> {
    let statement = table::select::<NotificationRow>()
        .and(" WHERE status = 'waiting'")
        .and(&format!(" ORDER BY since LIMIT {rows}"));
    view.fetch(statement).await
}

/// A page of what was given up in a part of the county, the newest first.
pub async fn failed(
    view: &View<NotificationRow>,
    scope: &ScopePredicate,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, NotificationRow)>, SqlError> {
    let mut statement = table::select::<NotificationRow>().and(" WHERE status = 'failed'");
    statement = match scope {
        ScopePredicate::All => statement,
        ScopePredicate::Nothing => statement.and(" AND 1 = 0"),
        ScopePredicate::Where(all) => all.iter().fold(statement, |statement, equality| {
            let words = format!(" AND {} = ?", equality.column.name());
            statement.with(&words, equality.value.as_str())
        }),
    };
    if let Some((position, id)) = after {
        statement = statement.with(" AND (position, id) < (?", position).with(", ?)", id);
    }
    view.fetch(statement.and(&format!(" ORDER BY position DESC, id DESC LIMIT {rows}"))).await
}
