//! The instructions of leaders.

use contracts::dispatch::instruction::InstructionEvent;
use kernel::DecodeError;
use platform::{log::Recorded, projection::Projection};

use super::scoped::{place, version};
use crate::domain::instruction::Status;

platform::row! {
    /// An instruction; the key is its id. Times are UTC milliseconds, 0 where there is none.
    pub struct InstructionRow in "instructions" version 1 {
        /// What it is about: a word.
        pub kind: String,
        /// The id of what it is about.
        pub about: String,
        /// Where it stands, in the words of `Status`.
        pub status: String,
        /// Whether it is not closed yet, 0 or 1.
        pub open: i64,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The organisation that is to follow it.
        pub org: String,
        /// The record of what it says.
        pub said: String,
        /// The record of what was done; empty until it is reported.
        pub done: String,
        /// By when it is reported on.
        pub due: i64,
        /// When it was given.
        pub created_at: i64,
        /// When it was read.
        pub acknowledged_at: i64,
        /// The instruction's version.
        pub version: i64,
    }
    indexes [
        "county, created_at",
        "township, created_at",
        "village, created_at",
        "org, created_at",
        "about",
    ]
}

/// The table.
#[derive(Debug)]
pub struct Instructions;

impl Projection for Instructions {
    type Row = InstructionRow;
    type Event = InstructionEvent;

    fn read(&self, event: &Recorded) -> Result<Option<InstructionEvent>, DecodeError> {
        super::read(InstructionEvent::CATEGORY, event)
    }

    fn keys(&self, event: &InstructionEvent) -> Vec<String> {
        vec![match event {
            InstructionEvent::InstructionGiven(event) => event.instruction.to_string(),
            InstructionEvent::InstructionAcknowledged(event) => event.instruction.to_string(),
            InstructionEvent::InstructionReported(event) => event.instruction.to_string(),
            InstructionEvent::InstructionClosed(event) => event.instruction.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<InstructionRow>,
        event: &InstructionEvent,
        recorded: &Recorded,
    ) -> Option<InstructionRow> {
        let stands = |status: Status| status.as_str().to_owned();
        let row = match event {
            InstructionEvent::InstructionGiven(event) => {
                let [county, township, village] = place(event.instruction.division());
                InstructionRow {
                    kind: event.about.kind().to_owned(),
                    about: event.about.id(),
                    status: stands(Status::Given),
                    open: 1,
                    county,
                    township,
                    village,
                    org: event.organisation.to_string(),
                    said: event.text.to_string(),
                    done: String::new(),
                    due: event.due.map(|due| due.0).unwrap_or_default(),
                    created_at: event.occurred_at.0,
                    acknowledged_at: 0,
                    version: 0,
                }
            }
            InstructionEvent::InstructionAcknowledged(event) => InstructionRow {
                status: stands(Status::Acknowledged),
                acknowledged_at: event.occurred_at.0,
                ..row?
            },
            InstructionEvent::InstructionReported(event) => InstructionRow {
                status: stands(Status::Reported),
                done: event.text.to_string(),
                ..row?
            },
            InstructionEvent::InstructionClosed(_) => {
                InstructionRow { status: stands(Status::Closed), open: 0, ..row? }
            }
        };
        Some(InstructionRow { version: version(recorded), ..row })
    }
}
