//! Statements that both databases run: written with `?`, which becomes `$n` for PostgreSQL. (`$n`
//! works on SQLite too, but a statement of 500 rows ran ten times slower with it.)

use sqlx::{Any, any::AnyArguments, query::Query};

use super::Dialect;

/// A value of a column. Read models know no others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
}

/// A statement under construction: this program's words and the caller's values, never mixed.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    /// Begins with these words.
    pub fn new(words: &str) -> Self {
        Self { sql: words.to_owned(), values: Vec::new() }
    }

    /// Adds words.
    #[must_use]
    pub fn and(mut self, words: &str) -> Self {
        self.sql.push_str(words);
        self
    }

    /// Adds words with one `?` for this value.
    #[must_use]
    pub fn with(mut self, words: &str, value: impl Into<Value>) -> Self {
        debug_assert_eq!(words.matches('?').count(), 1, "{words}");
        self.sql.push_str(words);
        self.values.push(value.into());
        self
    }

    /// Adds `(?, ?, …)` for these values.
    #[must_use]
    pub fn list(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        let before = self.values.len();
        self.values.extend(values);
        let marks = vec!["?"; self.values.len() - before];
        self.sql.push('(');
        self.sql.push_str(&marks.join(","));
        self.sql.push(')');
        self
    }

    /// The text for a database, and the values.
    pub fn render(self, dialect: Dialect) -> (String, Vec<Value>) {
        let sql = match dialect {
            Dialect::Sqlite => self.sql,
            Dialect::Postgres => numbered(&self.sql),
        };
        (sql, self.values)
    }
}

/// `?` to `$1`, `$2`, … The words of statements are ours and hold no `?` of another meaning.
pub(super) fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + sql.len() / 4);
    let mut number = 0;
    for c in sql.chars() {
        if c == '?' {
            number += 1;
            out.push('$');
            out.push_str(&number.to_string());
        } else {
            out.push(c);
        }
    }
    out
}

/// Binds values in order.
pub fn bind(
    query: Query<'_, Any, AnyArguments>,
    values: Vec<Value>,
) -> Query<'_, Any, AnyArguments> {
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
    })
}

/// A Rust type that a column holds.
pub trait Cell: Sized {
    /// The column's SQL type, with `NOT NULL` where it cannot be empty.
    const SQL: &'static str;
    /// Whether it is text, which PostgreSQL must compare byte by byte.
    const TEXT: bool;

    /// To the column.
    fn to_value(&self) -> Value;

    /// From the column.
    fn from_row(row: &sqlx::any::AnyRow, column: usize) -> Result<Self, sqlx::Error>;
}

macro_rules! cells {
    ($($ty:ty, $sql:literal, $text:literal, $variant:ident, $to:expr;)*) => {$(
        impl Cell for $ty {
            const SQL: &'static str = $sql;
            const TEXT: bool = $text;

            fn to_value(&self) -> Value {
                let to: fn(&$ty) -> _ = $to;
                Value::$variant(to(self))
            }

            fn from_row(row: &sqlx::any::AnyRow, column: usize) -> Result<Self, sqlx::Error> {
                sqlx::Row::try_get(row, column)
            }
        }
    )*};
}

cells! {
    i64, "BIGINT NOT NULL", false, Int, |v| Some(*v);
    Option<i64>, "BIGINT", false, Int, |v| *v;
    String, "TEXT NOT NULL", true, Text, |v| Some(v.clone());
    Option<String>, "TEXT", true, Text, Clone::clone;
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_statement_serves_both_databases() {
        let statement = || {
            Statement::new("SELECT id FROM t WHERE level = ")
                .with("?", "620821")
                .and(" AND id IN ")
                .list(["a", "b"].map(Value::from))
        };
        assert_eq!(
            statement().render(Dialect::Sqlite).0,
            "SELECT id FROM t WHERE level = ? AND id IN (?,?)"
        );
        assert_eq!(
            statement().render(Dialect::Postgres).0,
            "SELECT id FROM t WHERE level = $1 AND id IN ($2,$3)"
        );
        assert_eq!(statement().render(Dialect::Postgres).1.len(), 3);
    }
}
