//! How queries reach a projection: wait for a position, fetch rows, hear of changes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sqlx::Row as _;
use tokio::sync::{broadcast, watch};

use crate::database::{
    Database,
    statement::Statement,
    table::{self, Row},
};

/// The rows of a small table, kept in memory.
pub type Cache<R> = Arc<RwLock<HashMap<String, R>>>;

/// The reading side of a projection.
pub struct View<R: Row> {
    pub(super) database: Database,
    pub(super) position: watch::Receiver<u64>,
    pub(super) changes: broadcast::Sender<Arc<Changes<R>>>,
    pub(super) cache: Option<Cache<R>>,
}

impl<R: Row> Clone for View<R> {
    fn clone(&self) -> Self {
        Self {
            database: self.database.clone(),
            position: self.position.clone(),
            changes: self.changes.clone(),
            cache: self.cache.clone(),
        }
    }
}

/// Rows that changed together.
#[derive(Clone, Debug)]
pub struct Changes<R> {
    /// The rows that there are, with their keys; none if another process has changed them.
    pub rows: Vec<(String, R)>,
    /// What was there before, of those and of rows that are gone: as it was before any of the changes,
    /// so that whoever saw it then can be told that it left, however often it went on since.
    pub before: Vec<(String, R)>,
    /// The position that the table has with them.
    pub position: u64,
}

/// What somebody is told of a change who sees a part of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<R> {
    /// The row of this key, as it is now.
    Is(String, R),
    /// The key of a row that was in their part, and is no more.
    Left(String),
}

impl<R: Clone> Changes<R> {
    /// What somebody is told who sees the rows for which `sees` holds.
    pub fn news(&self, sees: impl Fn(&R) -> bool) -> Vec<News<R>> {
        let now: HashSet<&str> =
            self.rows.iter().filter(|(_, row)| sees(row)).map(|(key, _)| &**key).collect();
        let left = self.before.iter().filter(|(key, row)| !now.contains(&**key) && sees(row));
        let left = left.map(|(key, _)| News::Left(key.clone()));
        let is = self.rows.iter().filter(|(key, _)| now.contains(&**key));
        is.map(|(key, row)| News::Is(key.clone(), row.clone())).chain(left).collect()
    }
}

/// A projection did not reach a position in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table} has reached {reached}, not yet {wanted}; try again in a moment")]
pub struct Behind {
    /// The table.
    pub table: &'static str,
    /// How far it is.
    pub reached: u64,
    /// How far it should be.
    pub wanted: u64,
}

impl<R: Row> View<R> {
    /// The last sequence that is applied.
    pub fn position(&self) -> u64 {
        *self.position.borrow()
    }

    /// Waits until the event at `wanted` is applied.
    pub async fn wait(&self, wanted: u64, limit: Duration) -> Result<(), Behind> {
        let mut position = self.position.clone();
        let reached = tokio::time::timeout(limit, position.wait_for(|at| *at >= wanted)).await;
        if matches!(reached, Ok(Ok(_))) {
            return Ok(());
        }
        Err(Behind { table: R::TABLE, reached: self.position(), wanted })
    }

    /// Rows as they change, a batch at a time, from now on. Where another process fills the table, an
    /// empty batch says that something has changed.
    pub fn changes(&self) -> broadcast::Receiver<Arc<Changes<R>>> {
        self.changes.subscribe()
    }

    /// The row of a key.
    pub async fn get(&self, id: &str) -> Result<Option<R>, sqlx::Error> {
        if let Some(cache) = &self.cache {
            return Ok(cache.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned());
        }
        let statement = table::select::<R>().with(" WHERE id = ?", id);
        Ok(self.fetch(statement).await?.pop().map(|(_, row)| row))
    }

    /// The rows of a statement that selects whole rows, with their keys.
    pub async fn fetch(&self, statement: Statement) -> Result<Vec<(String, R)>, sqlx::Error> {
        let rows = self.database.fetch(statement).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, R::read(row, 1)?))).collect()
    }

    /// The database, for statements that count.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Looks at a small table as it is in memory.
    pub fn cached<T>(&self, look: impl FnOnce(&HashMap<String, R>) -> T) -> T {
        match &self.cache {
            Some(cache) => look(&cache.read().unwrap_or_else(PoisonError::into_inner)),
            None => look(&HashMap::new()),
        }
    }
}
