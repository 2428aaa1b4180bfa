//! What the tables of working together have in common: a page of what a caller's scope covers, the
//! newest first, and what a clock rings next.

use kernel::{Division, Level};
use platform::{
    auth::ScopePredicate,
    database::{
        SqlError,
        statement::Value,
        table::{self, Row},
    },
    projection::View,
};

/// A condition of a list: this program's words with one `?`, and the caller's value.
pub type Condition = (&'static str, Value);

/// The rows that a scope covers and that meet the conditions, by a column from the largest down, after
/// an item's value and id.
pub async fn page<R: Row>(
    view: &View<R>,
    predicate: &ScopePredicate,
    conditions: Vec<Condition>,
    column: &'static str,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, R)>, SqlError> {
    let mut statement = table::select::<R>().and(" WHERE 1 = 1");
    match predicate {
        ScopePredicate::All => {}
        ScopePredicate::Nothing => return Ok(Vec::new()),
        ScopePredicate::Where(all) => {
            for equality in all {
                let words = format!(" AND {} = ?", equality.column.name());
                statement = statement.with(&words, equality.value.as_str());
            }
        }
    }
    for (words, value) in conditions {
        statement = statement.with(&format!(" AND {words}"), value);
    }
    if let Some((value, id)) = after {
        statement = statement.with(&format!(" AND ({column}, id) < (?"), value).with(", ?)", id);
    }
    view.fetch(statement.and(&format!(" ORDER BY {column} DESC, id DESC LIMIT {rows}"))).await
}

/// The condition that a row lies in a division; none where every row does.
pub fn inside(division: Division) -> Option<Condition> {
    let words = match division.level() {
        Level::Province | Level::Prefecture => return None,
        Level::County => "county = ?",
        Level::Township => "township = ?",
        Level::Village => "village = ?",
    };
    Some((words, division.to_string().into()))
}

/// The rows of these ids that there are.
pub async fn some<R: Row>(view: &View<R>, ids: &[String]) -> Result<Vec<(String, R)>, SqlError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(200) {
        let values = ids.iter().map(|id| Value::from(id.as_str()));
        found.extend(view.fetch(table::select::<R>().and(" WHERE id IN ").list(values)).await?);
    }
    Ok(found)
}

/// The rows of which this column has this value, in the order of their ids.
pub async fn of<R: Row>(
    view: &View<R>,
    column: &'static str,
    value: &str,
) -> Result<Vec<(String, R)>, SqlError> {
    let words = format!(" WHERE {column} = ?");
    view.fetch(table::select::<R>().with(&words, value).and(" ORDER BY id")).await
}

/// The rows with a clock that is due, the most pressing first.
pub async fn due<R: Row>(
    view: &View<R>,
    now: i64,
    rows: u32,
) -> Result<Vec<(String, R)>, SqlError> {
    let statement = table::select::<R>().with(" WHERE next_due <= ?", now);
    view.fetch(statement.and(&format!(" ORDER BY next_due LIMIT {rows}"))).await
}

/// A value as text; empty where there is none.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The codes of the county, township and village around a place; empty where it is wider.
pub(super) fn place(division: Division) -> [String; 3] {
    [shown(division.county()), shown(division.township()), shown(division.village())]
}

/// A version as a column holds it.
pub(super) fn version(recorded: &platform::log::Recorded) -> i64 {
    i64::try_from(recorded.meta.version).unwrap_or(i64::MAX)
}
