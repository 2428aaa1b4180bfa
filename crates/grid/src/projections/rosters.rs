//! What rosters say, and who is away: to show and to look up.

use contracts::grid::roster::{LeaveEvent, RosterEvent, RosterPut};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A grid's roster; the key is the 15 digits of the grid.
    pub struct RosterRow in "rosters" version 1 {
        /// The shifts as the event has them, in JSON.
        pub shifts: String,
    }
    indexes []
}

platform::row! {
    /// A leave that was not ended; the key is its id.
    pub struct LeaveRow in "leaves" version 1 {
        /// The id of the person or organisation that is away.
        pub who: String,
        /// The id of who stands in; empty where nobody does.
        pub substitute: String,
        /// When it begins: UTC milliseconds.
        pub begins: i64,
        /// When it is over.
        pub ends: i64,
    }
    indexes ["who, ends"]
}

/// The table of rosters.
pub struct Rosters;

/// The table of leaves.
pub struct Leaves;

impl Projection for Rosters {
    type Row = RosterRow;
    type Event = RosterPut;

    fn read(&self, event: &Recorded) -> Result<Option<RosterPut>, DecodeError> {
        if event.category() != RosterEvent::CATEGORY {
            return Ok(None);
        }
        let RosterEvent::RosterPut(put) = RosterEvent::decode(&event.ce_type, &event.payload)?;
        Ok(Some(put))
    }

    fn keys(&self, event: &RosterPut) -> Vec<String> {
        vec![event.grid.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<RosterRow>,
        event: &RosterPut,
        _recorded: &Recorded,
    ) -> Option<RosterRow> {
        Some(RosterRow { shifts: serde_json::to_string(&event.shifts).unwrap_or_default() })
    }
}

impl Projection for Leaves {
    type Row = LeaveRow;
    type Event = LeaveEvent;

    fn read(&self, event: &Recorded) -> Result<Option<LeaveEvent>, DecodeError> {
        (event.category() == LeaveEvent::CATEGORY)
            .then(|| LeaveEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &LeaveEvent) -> Vec<String> {
        vec![match event {
            LeaveEvent::LeaveSet(set) => set.leave.to_string(),
            LeaveEvent::LeaveEnded(ended) => ended.leave.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<LeaveRow>,
        event: &LeaveEvent,
        _recorded: &Recorded,
    ) -> Option<LeaveRow> {
        let LeaveEvent::LeaveSet(set) = event else { return None };
        let person = set.person.as_ref().map(ToString::to_string);
        let organisation = set.organisation.as_ref().map(ToString::to_string);
        let stands_in = set.substitute_person.as_ref().map(ToString::to_string);
        let body = set.substitute_organisation.as_ref().map(ToString::to_string);
        Some(LeaveRow {
            who: person.or(organisation).unwrap_or_default(),
            substitute: stands_in.or(body).unwrap_or_default(),
            begins: set.from.0,
            ends: set.to.0,
        })
    }
}

/// The leaves of somebody that are not over at a moment, with their ids.
pub(crate) async fn not_over(
    view: &View<LeaveRow>,
    who: &str,
    now: i64,
) -> Result<Vec<(String, LeaveRow)>, SqlError> {
    let statement = table::select::<LeaveRow>()
        .with(" WHERE who = ?", who)
        .with(" AND ends > ?", now)
        .and(" ORDER BY begins, id LIMIT 50");
    view.fetch(statement).await
}
