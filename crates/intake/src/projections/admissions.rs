//! The table `admissions`: the admission list, what is asked for, and what was refused or has ended.
//! Keyed by the admission's id. What was typed is in the vault.

use contracts::intake::admission::{AdmissionEvent, AdmissionRequested, GridTask};
use kernel::{DecodeError, StoredEvent as _, id::OrganisationId};
use platform::{
    auth::{Placement, ScopeColumn},
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A matter that asked to enter the grids.
    pub struct AdmissionRow in "admissions" version 1 {
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township, or empty.
        pub township: String,
        /// The 12 digits of the village, or empty.
        pub village: String,
        /// Always empty: a matter is admitted to a division.
        pub grid: String,
        /// The organisation that asks, or empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Who asks.
        pub reporter: String,
        /// `requested`, `granted`, `refused` or `ended`.
        pub status: String,
        /// What it is about, or empty.
        pub category: String,
        /// Where.
        pub division: String,
        /// What the grids are given: words with commas between.
        pub tasks: String,
        /// The record of what they would do.
        pub matter: String,
        /// Why it was refused, or empty.
        pub reason: String,
        /// The record of what who asked is told, or empty.
        pub explanation: String,
        /// Until when, UTC milliseconds as all times here; none for good.
        pub until: Option<i64>,
        /// When it was asked for.
        pub requested_at: i64,
        /// When it changed last.
        pub updated_at: i64,
        /// How many events it has.
        pub version: i64,
    }
    indexes ["county, status", "township, status", "org", "until WHERE status = 'granted'"]
}

impl AdmissionRow {
    /// Where it stands, as far as a caller's scope asks.
    pub fn placement(&self) -> Result<Placement, kernel::division::InvalidDivision> {
        let placement = Placement::of_division(self.division.parse()?);
        Ok(Placement {
            org: self.org.parse::<OrganisationId>().ok(),
            reporter: self.reporter.parse().ok(),
            ..placement
        })
    }

    /// What the grids are given.
    pub fn grid_tasks(&self) -> Vec<GridTask> {
        self.tasks.split(',').filter_map(|word| word.parse().ok()).collect()
    }
}

/// Folds admissions.
pub struct Admissions;

impl Projection for Admissions {
    type Row = AdmissionRow;
    type Event = AdmissionEvent;

    fn read(&self, event: &Recorded) -> Result<Option<AdmissionEvent>, DecodeError> {
        (event.category() == AdmissionEvent::CATEGORY)
            .then(|| AdmissionEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &AdmissionEvent) -> Vec<String> {
        let id = match event {
            AdmissionEvent::AdmissionRequested(event) => &event.admission,
            AdmissionEvent::AdmissionGranted(event) => &event.admission,
            AdmissionEvent::AdmissionRefused(event) => &event.admission,
            AdmissionEvent::AdmissionEnded(event) => &event.admission,
        };
        vec![id.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<AdmissionRow>,
        event: &AdmissionEvent,
        recorded: &Recorded,
    ) -> Option<AdmissionRow> {
        let mut row = match event {
            AdmissionEvent::AdmissionRequested(event) => requested(event),
            AdmissionEvent::AdmissionGranted(event) => {
                let until = event.until.map(|until| until.0);
                AdmissionRow { status: "granted".to_owned(), until, ..row? }
            }
            AdmissionEvent::AdmissionRefused(event) => AdmissionRow {
                status: "refused".to_owned(),
                reason: event.reason.to_string(),
                explanation: event
                    .explanation
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                ..row?
            },
            AdmissionEvent::AdmissionEnded(_) => {
                AdmissionRow { status: "ended".to_owned(), ..row? }
            }
        };
        row.updated_at = event.occurred_at().0;
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        Some(row)
    }
}

fn requested(event: &AdmissionRequested) -> AdmissionRow {
    let place = Placement {
        org: event.unit.clone(),
        reporter: Some(event.by.clone()),
        ..Placement::of_division(event.division)
    };
    let tasks: Vec<String> = event.tasks.iter().map(ToString::to_string).collect();
    AdmissionRow {
        county: place.column(ScopeColumn::County),
        township: place.column(ScopeColumn::Township),
        village: place.column(ScopeColumn::Village),
        grid: place.column(ScopeColumn::Grid),
        org: place.column(ScopeColumn::Org),
        assignee: place.column(ScopeColumn::Assignee),
        reporter: place.column(ScopeColumn::Reporter),
        status: "requested".to_owned(),
        category: event.category.as_ref().map(ToString::to_string).unwrap_or_default(),
        division: event.division.to_string(),
        tasks: tasks.join(","),
        matter: event.matter.to_string(),
        reason: String::new(),
        explanation: String::new(),
        until: event.until.map(|until| until.0),
        requested_at: event.occurred_at.0,
        updated_at: event.occurred_at.0,
        version: 0,
    }
}

/// Those on the list whose term ends first.
pub async fn ending(
    admissions: &View<AdmissionRow>,
    limit: i64,
) -> Result<Vec<(String, AdmissionRow)>, SqlError> {
    let statement = table::select::<AdmissionRow>()
        .and(" WHERE status = 'granted' AND until IS NOT NULL")
        .with(" ORDER BY until, id LIMIT ?", limit);
    admissions.fetch(statement).await
}
