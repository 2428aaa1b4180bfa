//! Projections: the log folded into rows. A batch of events is folded over the rows that it touches,
//! and rows and checkpoint are written in one transaction: twice is once, and a crash loses nothing.

mod differences;
mod error;
pub mod listing;
mod rebuild;
mod runner;
mod store;
mod touched;
mod view;

use kernel::DecodeError;

use crate::{database::table::Row, log::Recorded};

pub use error::ProjectionError;
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

    /// Reads an event, or none if it does not concern this table.
    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError>;

    /// The keys of the rows that it touches.
    fn keys(&self, event: &Self::Event) -> Vec<String>;

    /// What the row of this key becomes; none to take it out.
    fn fold(
        &self,
        key: &str,
        row: Option<Self::Row>,
        event: &Self::Event,
        recorded: &Recorded,
    ) -> Option<Self::Row>;
}
