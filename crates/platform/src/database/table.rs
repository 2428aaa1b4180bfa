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
    /// The columns of each index.
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
    Statement::new(&format!("SELECT {} FROM {}", columns::<R>(), name::<R>()))
}

/// What makes the table and its indexes.
pub(crate) fn create<R: Row>(dialect: Dialect) -> Vec<String> {
    let collate = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " COLLATE \"C\"",
    };
    let table = name::<R>();
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
    let mut statements = vec![format!(
        "CREATE TABLE IF NOT EXISTS {table} (id TEXT{collate} NOT NULL PRIMARY KEY{columns}){tail}"
    )];
    for (number, index) in R::INDEXES.iter().enumerate() {
        statements
            .push(format!("CREATE INDEX IF NOT EXISTS {table}_{number} ON {table} ({index})"));
    }
    statements
}

/// Writes rows over what is there.
pub(crate) fn upsert<R: Row>(rows: &[(&str, &R)]) -> Statement {
    let mut statement =
        Statement::new(&format!("INSERT INTO {} ({}) VALUES ", name::<R>(), columns::<R>()));
    for (place, (id, row)) in rows.iter().enumerate() {
        if place > 0 {
            statement = statement.and(", ");
        }
        statement = statement.list(std::iter::once(Value::from(*id)).chain(row.values()));
    }
    let set: Vec<String> =
        R::COLUMNS.iter().map(|(column, ..)| format!("{column} = excluded.{column}")).collect();
    statement.and(&format!(" ON CONFLICT (id) DO UPDATE SET {}", set.join(", ")))
}
