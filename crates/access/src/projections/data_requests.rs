//! The table `data_requests`: how the requests over a person's data stand. Keyed by the person.

use contracts::privacy::DataRequestEvent;
use kernel::{DecodeError, StoredEvent as _, id::PersonId};
use platform::{log::Recorded, projection::Projection};

platform::row! {
    /// A person's requests.
    pub struct DataRequestRow in "data_requests" version 1 {
        /// Whether nobody may read what they left, 0 or 1.
        pub restricted: i64,
        /// When it was to be erased, UTC milliseconds; 0 where it was not.
        pub requested_at: i64,
        /// Until when it has to be.
        pub deadline: i64,
        /// Whether the erasure waits for an open case, 0 or 1.
        pub held: i64,
        /// When all was erased; 0 before.
        pub completed_at: i64,
        /// What was erased: `intake 3 2` is three texts and two photos of intake's, one line each.
        pub erased: String,
    }
    indexes ["deadline WHERE completed_at = 0"]
}

/// Fills the table.
pub struct DataRequests;

impl Projection for DataRequests {
    type Row = DataRequestRow;
    type Event = DataRequestEvent;

    fn read(&self, event: &Recorded) -> Result<Option<DataRequestEvent>, DecodeError> {
        (event.category() == DataRequestEvent::CATEGORY)
            .then(|| DataRequestEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &DataRequestEvent) -> Vec<String> {
        vec![person_of(event).to_string()]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<DataRequestRow>,
        event: &DataRequestEvent,
        _: &Recorded,
    ) -> Option<DataRequestRow> {
        let mut row = row.unwrap_or(DataRequestRow {
            restricted: 0,
            requested_at: 0,
            deadline: 0,
            held: 0,
            completed_at: 0,
            erased: String::new(),
        });
        match event {
            DataRequestEvent::ProcessingRestricted(_) => row.restricted = 1,
            DataRequestEvent::RestrictionLifted(_) => row.restricted = 0,
            DataRequestEvent::ErasureRequested(event) => {
                row.restricted = 0;
                row.requested_at = event.occurred_at.0;
                row.deadline = event.deadline.0;
            }
            DataRequestEvent::ErasureHeld(_) => (row.restricted, row.held) = (1, 1),
            DataRequestEvent::PersonErased(_) => (row.restricted, row.held) = (0, 0),
            DataRequestEvent::ErasureApplied(event) => {
                let line = format!("{} {} {}\n", event.holder, event.texts, event.photos);
                row.erased.push_str(&line);
            }
            DataRequestEvent::ErasureCompleted(event) => row.completed_at = event.occurred_at.0,
            DataRequestEvent::PersonalDataExported(_) => {}
        }
        Some(row)
    }
}

/// Whose requests they are.
pub fn person_of(event: &DataRequestEvent) -> &PersonId {
    match event {
        DataRequestEvent::ProcessingRestricted(event) => &event.person,
        DataRequestEvent::RestrictionLifted(event) => &event.person,
        DataRequestEvent::PersonalDataExported(event) => &event.person,
        DataRequestEvent::ErasureRequested(event) => &event.person,
        DataRequestEvent::ErasureHeld(event) => &event.person,
        DataRequestEvent::PersonErased(event) => &event.person,
        DataRequestEvent::ErasureApplied(event) => &event.person,
        DataRequestEvent::ErasureCompleted(event) => &event.person,
    }
}
