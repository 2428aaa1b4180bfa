//! The teams, and which is on duty.

use contracts::dispatch::team::TeamEvent;
use kernel::DecodeError;
use platform::{log::Recorded, projection::Projection};

use super::scoped::{place, shown, version};

platform::row! {
    /// A team; the key is its id. Times are UTC milliseconds.
    pub struct TeamRow in "teams" version 1 {
        /// The code of the division that it serves.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The organisation that answers for it.
        pub org: String,
        /// The record of what it is called.
        pub label: String,
        /// How many serve full-time.
        pub full_time: i64,
        /// How many beside them.
        pub auxiliary: i64,
        /// Whether it is no more, 0 or 1.
        pub disbanded: i64,
        /// Its term on duty, from when; 0 for none.
        pub duty_from: i64,
        /// Until when.
        pub duty_until: i64,
        /// Who leads it meanwhile.
        pub leader: String,
        /// When it was registered.
        pub created_at: i64,
        /// The team's version.
        pub version: i64,
    }
    indexes [
        "county, created_at",
        "township, created_at",
        "village, created_at",
        "org, created_at",
    ]
}

/// The table.
#[derive(Debug)]
pub struct Teams;

impl Projection for Teams {
    type Row = TeamRow;
    type Event = TeamEvent;

    fn read(&self, event: &Recorded) -> Result<Option<TeamEvent>, DecodeError> {
        super::read(TeamEvent::CATEGORY, event)
    }

    fn keys(&self, event: &TeamEvent) -> Vec<String> {
        vec![match event {
            TeamEvent::TeamRegistered(event) => event.team.to_string(),
            TeamEvent::TeamPutOnDuty(event) => event.team.to_string(),
            TeamEvent::TeamDisbanded(event) => event.team.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<TeamRow>,
        event: &TeamEvent,
        recorded: &Recorded,
    ) -> Option<TeamRow> {
        let row = match event {
            TeamEvent::TeamRegistered(event) => {
                let [county, township, village] = place(event.division);
                TeamRow {
                    division: event.division.to_string(),
                    county,
                    township,
                    village,
                    org: event.organisation.to_string(),
                    label: event.name.to_string(),
                    full_time: event.full_time.into(),
                    auxiliary: event.auxiliary.into(),
                    disbanded: 0,
                    duty_from: 0,
                    duty_until: 0,
                    leader: String::new(),
                    created_at: event.occurred_at.0,
                    version: 0,
                }
            }
            TeamEvent::TeamPutOnDuty(event) => TeamRow {
                duty_from: event.from.0,
                duty_until: event.until.0,
                leader: shown(event.leader.as_ref()),
                ..row?
            },
            TeamEvent::TeamDisbanded(_) => TeamRow { disbanded: 1, ..row? },
        };
        Some(TeamRow { version: version(recorded), ..row })
    }
}

impl TeamRow {
    /// Whether it is on duty at a moment.
    pub const fn is_on_duty(&self, now: i64) -> bool {
        self.disbanded == 0 && self.duty_from <= now && now < self.duty_until
    }
}
