//! A projection folded in memory: what its table must be.

use std::{collections::HashMap, sync::Arc};

use kernel::DecodeError;

use super::{Projection, tally::Sums};
use crate::log::Recorded;

/// The rows and the sums of a projection, without a database.
#[derive(Debug)]
pub struct InMemory<P: Projection> {
    projection: Arc<P>,
    rows: HashMap<String, P::Row>,
    sums: Sums,
}

/// The keys of the rows that an event touches, where its guide is this row.
pub(super) fn keys<P: Projection>(
    projection: &P,
    event: &P::Event,
    guide: Option<&P::Row>,
) -> Vec<String> {
    let mut keys = projection.keys(event);
    if let Some(guide) = guide {
        for key in projection.guided(event, guide) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// What a row becomes by an event; the sums are told of it.
pub(super) fn step<P: Projection>(
    projection: &P,
    key: &str,
    row: Option<P::Row>,
    (event, recorded): (&P::Event, &Recorded),
    sums: &mut Sums,
) -> Option<P::Row> {
    let Some(tallies) = P::TALLIES else { return projection.fold(key, row, event, recorded) };
    let before = row.clone();
    let now = projection.fold(key, row, event, recorded);
    for tally in projection.tallies(before.as_ref(), now.as_ref(), event) {
        sums.add(tallies.counters.len(), tally);
    }
    now
}

impl<P: Projection> InMemory<P> {
    /// Nothing yet.
    pub fn new(projection: Arc<P>) -> Self {
        Self { projection, rows: HashMap::new(), sums: Sums::default() }
    }

    /// Reads and folds an event of the log.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), DecodeError> {
        if let Some(event) = self.projection.read(recorded)? {
            self.fold(&event, recorded);
        }
        Ok(())
    }

    /// Folds an event.
    pub fn fold(&mut self, event: &P::Event, recorded: &Recorded) {
        let guide = self.projection.guide(event).and_then(|key| self.rows.get(&key));
        for key in keys(self.projection.as_ref(), event, guide) {
            let row = self.rows.remove(&key);
            let by = (event, recorded);
            if let Some(row) = step(self.projection.as_ref(), &key, row, by, &mut self.sums) {
                self.rows.insert(key, row);
            }
        }
    }

    /// The rows by their keys.
    pub const fn rows(&self) -> &HashMap<String, P::Row> {
        &self.rows
    }

    /// The sums.
    pub const fn sums(&self) -> &Sums {
        &self.sums
    }
}
