//! Projections: the log folded into rows. A batch of events is folded over the rows that it touches,
//! and rows and checkpoint are written in one transaction: twice is once, and a crash loses nothing.

mod differences;
mod error;
pub mod listing;
mod memory;
mod rebuild;
mod runner;
mod store;
pub mod tally;
mod touched;
mod view;

use kernel::DecodeError;

use crate::{database::table::Row, log::Recorded};
use tally::{Tallies, Tally};

pub use error::ProjectionError;
pub use memory::InMemory;
pub(crate) use rebuild::Ask;
pub use rebuild::{Beside, Built, RebuildError, Request, rebuild};
pub use runner::Runner;
pub use view::{Behind, Cache, Changes, News, View};

/// A read model of one table. Pure: what a row becomes depends on the row and the event alone.
pub trait Projection: Send + Sync + 'static {
    /// The row.
    type Row: Row;
    /// What it needs of an event.
    type Event: Send + Sync;
    /// Whether the rows are few and are kept in memory too.
    const CACHED: bool = false;
    /// The sums beside the table, where it has any.
    const TALLIES: Option<Tallies> = None;

    /// Reads an event, or none if it does not concern this table.
    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError>;

    /// The keys of the rows that it touches.
    fn keys(&self, event: &Self::Event) -> Vec<String>;

    /// The key of the row that says which others the event touches, where the event does not say it.
    fn guide(&self, _event: &Self::Event) -> Option<String> {
        None
    }

    /// The keys of the rows that it touches beside [`keys`](Self::keys), by its guide as that is then.
    fn guided(&self, _event: &Self::Event, _guide: &Self::Row) -> Vec<String> {
        Vec::new()
    }

    /// What the row of this key becomes; none to take it out.
    fn fold(
        &self,
        key: &str,
        row: Option<Self::Row>,
        event: &Self::Event,
        recorded: &Recorded,
    ) -> Option<Self::Row>;

    /// What an event that made a row this of that adds to the sums beside the table.
    fn tallies(
        &self,
        _before: Option<&Self::Row>,
        _now: Option<&Self::Row>,
        _event: &Self::Event,
    ) -> Vec<Tally> {
        Vec::new()
    }
}
