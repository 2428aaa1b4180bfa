//! A row that a batch touches: as it was, and as it becomes.

use crate::database::table::Row;

pub(super) struct Touched<R> {
    pub(super) before: Option<R>,
    pub(super) now: Option<R>,
}

impl<R> Default for Touched<R> {
    fn default() -> Self {
        Self { before: None, now: None }
    }
}

impl<R: Row> Touched<R> {
    pub(super) fn found(row: Option<R>) -> Self {
        Self { before: row.clone(), now: row }
    }

    /// The places of the columns that differ from before; all of a new row.
    pub(super) fn changed_columns(&self, now: &R) -> Vec<usize> {
        let Some(before) = &self.before else { return (0..R::COLUMNS.len()).collect() };
        let (before, now) = (before.values(), now.values());
        (0..now.len()).filter(|place| before[*place] != now[*place]).collect()
    }
}
