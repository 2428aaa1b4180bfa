//! The tables of these tests.

use kernel::{DecodeError, StoredEvent as _};
use platform::{log::Recorded, projection::Projection, row};

use crate::counter::Event;

row! {
    /// How much each counter has counted.
    pub struct Row in "counts" version 1 {
        /// How often.
        pub counted: i64,
        /// Who counted last.
        pub last: String,
    }
    indexes ["last, counted"]
}

row! {
    /// The same in another form.
    pub struct RowAnew in "counts" version 2 {
        /// Who counted first.
        pub first: String,
    }
    indexes []
}

/// An event that concerns no row.
pub(crate) fn not_counted() -> Event {
    Event::Opened(testkit::clock::START.0)
}

fn who(event: &Recorded) -> Result<Option<(String, String)>, DecodeError> {
    match Event::decode(&event.ce_type, &event.payload)? {
        Event::Counted(who, _) => Ok(Some((event.aggregate_id().to_owned(), who))),
        Event::Opened(_) | Event::Closed(_) => Ok(None),
    }
}

pub(crate) struct Counts;

impl Projection for Counts {
    type Row = Row;
    type Event = (String, String);

    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError> {
        who(event)
    }

    fn keys(&self, (id, _): &Self::Event) -> Vec<String> {
        vec![id.clone()]
    }

    fn fold(&self, _: &str, row: Option<Row>, event: &Self::Event, _: &Recorded) -> Option<Row> {
        let counted = row.map_or(0, |row| row.counted) + 1;
        Some(Row { counted, last: event.1.clone() })
    }
}

pub(crate) struct CountsAnew;

impl Projection for CountsAnew {
    type Row = RowAnew;
    type Event = (String, String);

    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError> {
        who(event)
    }

    fn keys(&self, (id, _): &Self::Event) -> Vec<String> {
        vec![id.clone()]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<RowAnew>,
        event: &Self::Event,
        _: &Recorded,
    ) -> Option<RowAnew> {
        Some(row.unwrap_or_else(|| RowAnew { first: event.1.clone() }))
    }
}
