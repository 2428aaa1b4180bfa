//! A page of a table in the order of its keys, within what the caller may see.

use super::View;
use crate::{
    auth::ScopePredicate,
    database::{
        SqlError,
        table::{self, Row},
    },
    grpc::{Page, SortValue},
};

/// The rows of a page with their keys, and the key after which the next page begins.
#[derive(Debug)]
pub struct Listed<R> {
    /// The rows with their keys.
    pub rows: Vec<(String, R)>,
    /// The key after which the next page begins; none on the last page.
    pub next: Option<String>,
}

/// The rows in scope whose columns hold these values; an empty value asks for nothing.
pub async fn list<R: Row>(
    view: &View<R>,
    scope: &ScopePredicate,
    filters: &[(&'static str, String)],
    page: &Page,
) -> Result<Listed<R>, SqlError> {
    let scope = match scope {
        ScopePredicate::Nothing => return Ok(Listed { rows: Vec::new(), next: None }),
        ScopePredicate::All => &[],
        ScopePredicate::Where(equalities) => equalities.as_slice(),
    };
    let after = match page.after.as_deref() {
        Some([SortValue::Text(key)]) => key.as_str(),
        Some(_) | None => "",
    };
    let filters = filters.iter().filter(|(_, value)| !value.is_empty()).cloned();
    let scope = scope.iter().map(|equality| (equality.column.name(), equality.value.clone()));
    let statement = scope
        .chain(filters)
        .fold(table::select::<R>().with(" WHERE id > ?", after), |statement, (column, value)| {
            statement.with(&format!(" AND {column} = ?"), value)
        })
        .with(" ORDER BY id LIMIT ?", i64::from(page.size) + 1);
    let mut rows = view.fetch(statement).await?;
    let size = page.size as usize;
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|(key, _)| key.clone());
    Ok(Listed { rows, next })
}
