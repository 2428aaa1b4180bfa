//! The incidents, as the desks list them.

use contracts::dispatch::incident::{IncidentEvent, IncidentOpened};
use kernel::{DecodeError, id::IncidentId};
use platform::{log::Recorded, projection::Projection};

use super::scoped::{place, shown, version};

platform::row! {
    /// An incident; the key is its id. Times are UTC milliseconds, 0 where it has not happened.
    pub struct IncidentRow in "incidents" version 1 {
        /// The code of the division where it is.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The 15 digits of the grid.
        pub grid: String,
        /// A word of `IncidentKind`.
        pub kind: String,
        /// 1, the gravest, to 4.
        pub level: i64,
        /// Whether it is not stood down, 0 or 1.
        pub open: i64,
        /// The function in command: a word of `CommandFunction`.
        pub command: String,
        /// How many teams were called.
        pub teams: i64,
        /// How many are on site.
        pub teams_arrived: i64,
        /// How many orders belong to it.
        pub orders: i64,
        /// When it was opened.
        pub created_at: i64,
        /// When it was over.
        pub stood_down_at: i64,
        /// The incident's version.
        pub version: i64,
    }
    indexes ["county, created_at", "township, created_at", "village, created_at"]
}

/// The table.
#[derive(Debug)]
pub struct Incidents;

/// Which incident an event is about.
pub fn incident_of(event: &IncidentEvent) -> &IncidentId {
    use IncidentEvent as E;
    match event {
        E::IncidentOpened(event) => &event.incident,
        E::TeamCalled(event) => &event.incident,
        E::TeamResponded(event) => &event.incident,
        E::TeamAssembled(event) => &event.incident,
        E::TeamArrived(event) => &event.incident,
        E::IncidentClockMissed(event) => &event.incident,
        E::IncidentLevelRaised(event) => &event.incident,
        E::IncidentLevelLowered(event) => &event.incident,
        E::CommandPassed(event) => &event.incident,
        E::OrderAddedToIncident(event) => &event.incident,
        E::IncidentStoodDown(event) => &event.incident,
    }
}

impl Projection for Incidents {
    type Row = IncidentRow;
    type Event = IncidentEvent;

    fn read(&self, event: &Recorded) -> Result<Option<IncidentEvent>, DecodeError> {
        super::read(IncidentEvent::CATEGORY, event)
    }

    fn keys(&self, event: &IncidentEvent) -> Vec<String> {
        vec![incident_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<IncidentRow>,
        event: &IncidentEvent,
        recorded: &Recorded,
    ) -> Option<IncidentRow> {
        use IncidentEvent as E;
        let mut row = match (row, event) {
            (None, E::IncidentOpened(event)) => IncidentRow::new(event),
            (row, _) => row?,
        };
        match event {
            E::TeamCalled(_) => row.teams += 1,
            E::TeamArrived(_) => row.teams_arrived += 1,
            E::IncidentLevelRaised(event) => {
                row.level = event.to.into();
                row.command = event.command.to_string();
            }
            E::IncidentLevelLowered(event) => {
                row.level = event.to.into();
                row.command = event.command.to_string();
            }
            E::OrderAddedToIncident(_) => row.orders += 1,
            E::IncidentStoodDown(event) => {
                row.open = 0;
                row.stood_down_at = event.occurred_at.0;
            }
            E::IncidentOpened(_)
            | E::TeamResponded(_)
            | E::TeamAssembled(_)
            | E::IncidentClockMissed(_)
            | E::CommandPassed(_) => {}
        }
        row.version = version(recorded);
        Some(row)
    }
}

impl IncidentRow {
    fn new(event: &IncidentOpened) -> Self {
        let [county, township, village] = place(event.division);
        Self {
            division: event.division.to_string(),
            county,
            township,
            village,
            grid: shown(event.grid),
            kind: event.kind.to_string(),
            level: event.level.into(),
            open: 1,
            command: event.command.to_string(),
            teams: 0,
            teams_arrived: 0,
            orders: 0,
            created_at: event.occurred_at.0,
            stood_down_at: 0,
            version: 0,
        }
    }
}
