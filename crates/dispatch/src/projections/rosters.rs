//! Who is on duty when, grid by grid.

use contracts::grid::roster::{RosterEvent, RosterPut, Shift};
use kernel::{DecodeError, GridCode, Timestamp, id::PersonId};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A grid's roster; the key is the 15 digits of the grid.
    pub struct RosterRow in "routing_rosters" version 1 {
        /// The shifts as the event has them, in JSON.
        pub shifts: String,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct Rosters;

impl Projection for Rosters {
    type Row = RosterRow;
    type Event = RosterPut;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<RosterPut>, DecodeError> {
        let read = super::read(RosterEvent::CATEGORY, event)?;
        Ok(read.map(|RosterEvent::RosterPut(put)| put))
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
        // An empty roster plans nobody's duty, as if there were none.
        (!event.shifts.is_empty())
            .then(|| RosterRow { shifts: serde_json::to_string(&event.shifts).unwrap_or_default() })
    }
}

/// Whether a person is on duty for a grid at a moment; none where the grid has no roster.
pub fn on_duty(
    view: &View<RosterRow>,
    grid: GridCode,
    person: &PersonId,
    at: Timestamp,
) -> Option<bool> {
    let row = view.cached(|rows| rows.get(&grid.to_string()).cloned())?;
    let shifts: Vec<Shift> = serde_json::from_str(&row.shifts).ok()?;
    let now = |shift: &Shift| shift.person == *person && shift.from <= at && at < shift.to;
    Some(shifts.iter().any(now))
}
