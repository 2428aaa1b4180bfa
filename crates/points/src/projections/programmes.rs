//! The table `programmes`: one row a programme, with the rule in force. Names are in the vault.

use contracts::points::LedgerEvent;
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    auth::{Placement, ScopeColumn},
    log::Recorded,
    projection::Projection,
    row,
};

row! {
    /// A programme.
    pub struct ProgrammeRow in "programmes" version 1 {
        /// The county that it lies in.
        pub county: String,
        /// The township that it lies in.
        pub township: String,
        /// The village that it lies in.
        pub village: String,
        /// Always empty, as are the next three.
        pub grid: String,
        /// No organisation's.
        pub org: String,
        /// Nobody's.
        pub assignee: String,
        /// Nobody's.
        pub reporter: String,
        /// The division for whose residents it is.
        pub division: String,
        /// The record with its name.
        pub name_record: String,
        /// The version of the rule in force; 0 before the first.
        pub rule_version: i64,
        /// What a report that is found true earns.
        pub points_for_true_report: i64,
        /// The most for one resident and day.
        pub daily_cap: i64,
        /// When the first rule was set: UTC milliseconds; empty before.
        pub ruled_since: Option<i64>,
    }
    indexes ["township, id", "village, id"]
}

/// Fills the table.
pub struct Programmes;

impl Projection for Programmes {
    type Row = ProgrammeRow;
    type Event = LedgerEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<LedgerEvent>, DecodeError> {
        (event.category() == LedgerEvent::CATEGORY)
            .then(|| LedgerEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &LedgerEvent) -> Vec<String> {
        match event {
            LedgerEvent::ProgrammeCreated(_) | LedgerEvent::RuleSet(_) => {
                vec![event.programme().to_string()]
            }
            LedgerEvent::PointsAwarded(_) | LedgerEvent::AwardReversed(_) => vec![],
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<ProgrammeRow>,
        event: &LedgerEvent,
        _recorded: &Recorded,
    ) -> Option<ProgrammeRow> {
        match event {
            LedgerEvent::ProgrammeCreated(event) => {
                let place = Placement::of_division(event.division);
                Some(ProgrammeRow {
                    county: place.column(ScopeColumn::County),
                    township: place.column(ScopeColumn::Township),
                    village: place.column(ScopeColumn::Village),
                    grid: String::new(),
                    org: String::new(),
                    assignee: String::new(),
                    reporter: String::new(),
                    division: event.division.to_string(),
                    name_record: event.name.to_string(),
                    rule_version: 0,
                    points_for_true_report: 0,
                    daily_cap: 0,
                    ruled_since: None,
                })
            }
            LedgerEvent::RuleSet(event) => row.map(|row| ProgrammeRow {
                rule_version: i64::from(event.version),
                points_for_true_report: i64::from(event.points_for_true_report),
                daily_cap: i64::from(event.daily_cap),
                ruled_since: row.ruled_since.or(Some(event.occurred_at.0)),
                ..row
            }),
            LedgerEvent::PointsAwarded(_) | LedgerEvent::AwardReversed(_) => row,
        }
    }
}
