//! Tables of read models. A table has a version in code; its name in the database carries it, so that
//! a new version is built beside the old one and takes over when it has caught up.

use sqlx::any::AnyRow;

use super::{
    Dialect,
    statement::{Statement, Value},
};

/// A row of a read model: a text key and columns.
pub trait Row: Clone + Send + Sync + 'static {
    /// The table's name, without version.
    const TABLE: &'static str;
    /// The version of its form and of how it is folded.
    const VERSION: u32;
    /// Name, SQL type and whether it is text, of each column after the key.
    const COLUMNS: &'static [(&'static str, &'static str, bool)];
    /// The columns of each index; after `WHERE` which rows it holds, where not all.
    const INDEXES: &'static [&'static str];

    /// The row's values, in the order of the columns.
    fn values(&self) -> Vec<Value>;

    /// Reads a row whose columns start at `from`.
    fn read(row: &AnyRow, from: usize) -> Result<Self, sqlx::Error>;
}

/// Declares a row and its table:
///
/// ```text
/// row! {
///     /// What it is.
///     pub struct OrderRow in "orders" version 1 {
///         /// When it is due.
///         pub due: i64,
///     }
///     indexes ["township, due"]
/// }
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:literal version $version:literal {
            $($(#[$field_doc:meta])* pub $field:ident: $ty:ty,)*
        }
        indexes [$($index:literal),* $(,)?]
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }

        impl $crate::database::table::Row for $name {
            const TABLE: &'static str = $table;
            const VERSION: u32 = $version;
            const COLUMNS: &'static [(&'static str, &'static str, bool)] = &[$((
                stringify!($field),
                <$ty as $crate::database::statement::Cell>::SQL,
                <$ty as $crate::database::statement::Cell>::TEXT,
            )),*];
            const INDEXES: &'static [&'static str] = &[$($index),*];

            fn values(&self) -> Vec<$crate::database::statement::Value> {
                vec![$($crate::database::statement::Cell::to_value(&self.$field)),*]
            }

            fn read(
                row: &$crate::database::AnyRow,
                from: usize,
            ) -> Result<Self, $crate::database::SqlError> {
                let mut column = from;
                $(
                    let $field = $crate::database::statement::Cell::from_row(row, column)?;
                    column += 1;
                )*
                let _ = column;
                Ok(Self { $($field),* })
            }
        }
    };
}

/// The name of a row's table in the database.
pub fn name<R: Row>() -> String {
    format!("{}__v{}", R::TABLE, R::VERSION)
}

/// `id, a, b, …` in the order in which [`Row::read`] at 1 expects them.
pub fn columns<R: Row>() -> String {
    R::COLUMNS.iter().fold("id".to_owned(), |list, (column, ..)| list + ", " + column)
}

/// A statement that begins with the selection of whole rows.
pub fn select<R: Row>() -> Statement {
    select_from::<R>(&name::<R>())
}

/// The same from a table that has another name while it is being built.
pub(crate) fn select_from<R: Row>(table: &str) -> Statement {
    Statement::new(&format!("SELECT {} FROM {table}", columns::<R>()))
}

/// What makes the table.
pub(crate) fn create<R: Row>(table: &str, dialect: Dialect) -> String {
    let collate = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " COLLATE \"C\"",
    };
    let columns = R::COLUMNS.iter().fold(String::new(), |list, (column, sql, text)| {
        let (ty, null) = sql.split_once(' ').unwrap_or((sql, ""));
        let collate = if *text { collate } else { "" };
        format!("{list}, {column} {ty}{collate} {null}")
    });
    // WITHOUT ROWID keeps a table with a text key in one tree instead of two.
    let tail = match dialect {
        Dialect::Sqlite => " WITHOUT ROWID",
        Dialect::Postgres => "",
    };
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (id TEXT{collate} NOT NULL PRIMARY KEY{columns}){tail}"
    )
}

/// What makes the table's indexes.
pub(crate) fn indexes<R: Row>(table: &str) -> Vec<String> {
    R::INDEXES.iter().enumerate().map(|(number, of)| index(table, number, of)).collect()
}

/// What makes an index: of its columns, and after `WHERE` which rows it holds.
fn index(table: &str, number: usize, of: &str) -> String {
    let (columns, rows) = of.split_once(" WHERE ").map_or((of, None), |(c, r)| (c, Some(r)));
    let rows = rows.map(|rows| format!(" WHERE {rows}")).unwrap_or_default();
    format!("CREATE INDEX IF NOT EXISTS {table}_{number} ON {table} ({columns}){rows}")
}

/// Writes rows over what is there; of a row that is there only these columns, by their places.
pub(crate) fn upsert<R: Row>(table: &str, rows: &[(&str, &R)], changed: &[usize]) -> Statement {
    let mut statement =
        Statement::new(&format!("INSERT INTO {table} ({}) VALUES ", columns::<R>()));
    for (place, (id, row)) in rows.iter().enumerate() {
        if place > 0 {
            statement = statement.and(", ");
        }
        statement = statement.list(std::iter::once(Value::from(*id)).chain(row.values()));
    }
    let set: Vec<String> = changed
        .iter()
        .map(|place| R::COLUMNS[*place].0)
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    statement.and(&format!(" ON CONFLICT (id) DO UPDATE SET {}", set.join(", ")))
}

/// The most rows that one statement writes or reads.
const MAX_PORTION: usize = 128;

/// Items in portions whose sizes are powers of two, at most 128: the texts of statements repeat, so
/// that a connection has them prepared.
pub(crate) fn portions<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let size = rest.len().min(MAX_PORTION).checked_ilog2().map(|power| 1 << power)?;
        let (portion, others) = rest.split_at(size);
        rest = others;
        Some(portion)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_powers_of_two_and_lose_nothing() {
        for length in [0, 1, 2, 3, 37, 128, 129, 300] {
            let items: Vec<usize> = (0..length).collect();
            let portions: Vec<&[usize]> = portions(&items).collect();
            assert!(portions.iter().all(|portion| portion.len().is_power_of_two()));
            assert!(portions.iter().all(|portion| portion.len() <= MAX_PORTION));
            assert_eq!(portions.concat(), items);
        }
    }

    #[test]
    fn an_index_may_hold_a_part_of_the_rows() {
        assert_eq!(
            index("orders__v1", 2, "township, due WHERE open = 1"),
            "CREATE INDEX IF NOT EXISTS orders__v1_2 ON orders__v1 (township, due) WHERE open = 1"
        );
        assert_eq!(
            index("orders__v1", 0, "case_id"),
            "CREATE INDEX IF NOT EXISTS orders__v1_0 ON orders__v1 (case_id)"
        );
    }
}
