//! The disposable side: a service's database, SQLite by default and PostgreSQL by setting, both
//! through sqlx's `Any` driver and with the same statements. Delete it, and it is rebuilt from the
//! log.

use std::{path::PathBuf, time::Duration};

use sqlx::{AnyPool, Executor as _, any::AnyPoolOptions};

pub use sqlx::{Error as SqlError, any::AnyRow};

pub mod statement;
pub mod table;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded, one file a service.
    Sqlite,
    /// One schema a service.
    Postgres,
}

/// Where a service's read models are kept.
#[derive(Clone, Debug)]
pub enum DatabaseSettings {
    /// A folder for files.
    Sqlite(PathBuf),
    /// A connection string.
    Postgres(String),
}

/// A service's database: one connection that writes, several that read.
#[derive(Clone)]
pub struct Database {
    dialect: Dialect,
    writer: AnyPool,
    readers: AnyPool,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The folder cannot be made.
    #[error("the database folder {path} cannot be made")]
    Folder {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database answered with an error, or not at all.
    #[error("the database of {service} failed")]
    Sql {
        /// Whose.
        service: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

impl Database {
    /// Opens the database of a service and makes what is missing.
    pub async fn open(settings: &DatabaseSettings, service: &str) -> Result<Self, DatabaseError> {
        sqlx::any::install_default_drivers();
        let failed = |source| DatabaseError::Sql { service: service.to_owned(), source };
        match settings {
            DatabaseSettings::Sqlite(folder) => {
                std::fs::create_dir_all(folder).map_err(|source| DatabaseError::Folder {
                    path: folder.display().to_string(),
                    source,
                })?;
                let url = format!("sqlite://{}/{service}.sqlite?mode=rwc", folder.display());
                let pool = |connections| {
                    AnyPoolOptions::new()
                        .max_connections(connections)
                        .after_connect(|connection, _| {
                            Box::pin(async move {
                                // The log is what lasts: the file may lose its last moments.
                                connection
                                    .execute(
                                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                                         PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4000; \
                                         PRAGMA journal_size_limit = 8388608; \
                                         PRAGMA temp_store = MEMORY;",
                                    )
                                    .await?;
                                Ok(())
                            })
                        })
                        .connect_lazy(&url)
                        .map_err(failed)
                };
                let database =
                    Self { dialect: Dialect::Sqlite, writer: pool(1)?, readers: pool(4)? };
                database.writer.acquire().await.map_err(failed)?;
                Ok(database)
            }
            DatabaseSettings::Postgres(url) => {
                let schema = format!("weft_{service}");
                let pool = |connections| {
                    let schema = schema.clone();
                    AnyPoolOptions::new()
                        .max_connections(connections)
                        .acquire_timeout(Duration::from_secs(10))
                        .after_connect(move |connection, _| {
                            let path = format!("SET search_path TO {schema}");
                            Box::pin(async move {
                                connection.execute(sqlx::AssertSqlSafe(path)).await?;
                                Ok(())
                            })
                        })
                        .connect_lazy(url)
                        .map_err(failed)
                };
                let database =
                    Self { dialect: Dialect::Postgres, writer: pool(4)?, readers: pool(6)? };
                database
                    .execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))
                    .await
                    .map_err(failed)?;
                Ok(database)
            }
        }
    }

    /// The version of a database that answers. Makes nothing and changes nothing in PostgreSQL.
    pub async fn probe(settings: &DatabaseSettings) -> Result<String, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let (url, dialect) = match settings {
            DatabaseSettings::Sqlite(_) => ("sqlite::memory:", Dialect::Sqlite),
            DatabaseSettings::Postgres(url) => (url.as_str(), Dialect::Postgres),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy(url)?;
        let database = Self { dialect, writer: pool.clone(), readers: pool };
        let version = database.version().await;
        database.close().await;
        version
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The connections that read.
    pub fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// The connections that write.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Runs a statement without parameters.
    pub async fn execute(&self, sql: &str) -> Result<(), sqlx::Error> {
        self.writer.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.map(|_| ())
    }

    /// The rows of a statement that was built from this program's own words, with its values bound.
    pub async fn fetch(&self, statement: statement::Statement) -> Result<Vec<AnyRow>, sqlx::Error> {
        let (sql, values) = statement.render(self.dialect);
        statement::bind(sqlx::query(sqlx::AssertSqlSafe(sql)), values)
            .fetch_all(&self.readers)
            .await
    }

    /// What the database says of itself, such as `17.6`; with SQLite the version of the library.
    pub async fn version(&self) -> Result<String, sqlx::Error> {
        use sqlx::Row as _;
        let statement = statement::Statement::new(match self.dialect {
            Dialect::Sqlite => "SELECT sqlite_version()",
            Dialect::Postgres => "SELECT current_setting('server_version')",
        });
        self.fetch(statement).await?.first().map_or(Ok(String::new()), |row| row.try_get(0))
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}
