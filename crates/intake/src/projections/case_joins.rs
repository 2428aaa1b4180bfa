//! The table `case_joins`: which case a joiner's tracking code leads to. Keyed by the code's hash.

use contracts::intake::CaseEvent;
use kernel::{DecodeError, StoredEvent as _, hash::Sha256};
use platform::{
    database::SqlError,
    log::Recorded,
    projection::{Projection, View},
    row,
};

/// The type of the event, of any version.
const JOINED: &str = "weft.intake.case_joined.v";

row! {
    /// A joiner.
    pub struct CaseJoinRow in "case_joins" version 1 {
        /// The case; of a transferred one its successor.
        pub case_id: String,
        /// Who joined.
        pub joiner: String,
    }
    indexes ["case_id"]
}

/// Folds what joined.
pub struct CaseJoins;

impl Projection for CaseJoins {
    type Row = CaseJoinRow;
    type Event = (String, CaseJoinRow);

    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError> {
        if !event.ce_type.starts_with(JOINED) {
            return Ok(None);
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(if let CaseEvent::CaseJoined(joined) = event {
            let row =
                CaseJoinRow { case_id: joined.case.to_string(), joiner: joined.joiner.to_string() };
            Some((joined.tracking.to_string(), row))
        } else {
            None
        })
    }

    fn keys(&self, (key, _): &Self::Event) -> Vec<String> {
        vec![key.clone()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<CaseJoinRow>,
        (_, row): &Self::Event,
        _recorded: &Recorded,
    ) -> Option<CaseJoinRow> {
        Some(row.clone())
    }
}

/// The case that a joiner's tracking code leads to; none for the code of a report.
pub async fn tracked(
    joins: &View<CaseJoinRow>,
    hash: Sha256,
) -> Result<Option<CaseJoinRow>, SqlError> {
    joins.get(&hash.to_string()).await
}
