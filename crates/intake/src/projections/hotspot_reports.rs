//! The table `hotspot_reports`: which cases count for a hot spot. Keyed by the case's id; a case that
//! was refused, taken back or handed on counts for nothing, and merged cases are one.

use contracts::{intake::CaseEvent, subject::hotspot_id};
use kernel::{DecodeError, StoredEvent as _, Timestamp};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use crate::domain::case::case_of;

row! {
    /// A case that counts for a hot spot, or does not any more.
    pub struct HotspotReportRow in "hotspot_reports" version 1 {
        /// The hot spot that it would be, of its category and place.
        pub hotspot: String,
        /// What it is about.
        pub category: String,
        /// Where.
        pub division: String,
        /// The grid, or empty.
        pub grid: String,
        /// When it was reported: UTC milliseconds.
        pub reported_at: i64,
        /// Whether it counts, 0 or 1.
        pub counted: i64,
    }
    indexes ["hotspot, reported_at WHERE counted = 1"]
}

/// Folds what counts.
pub struct HotspotReports;

impl Projection for HotspotReports {
    type Row = HotspotReportRow;
    type Event = CaseEvent;

    fn read(&self, event: &Recorded) -> Result<Option<CaseEvent>, DecodeError> {
        (event.category() == CaseEvent::CATEGORY)
            .then(|| CaseEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &CaseEvent) -> Vec<String> {
        vec![case_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<HotspotReportRow>,
        event: &CaseEvent,
        _recorded: &Recorded,
    ) -> Option<HotspotReportRow> {
        match event {
            CaseEvent::CaseReported(event) => {
                let place = &event.place;
                Some(HotspotReportRow {
                    hotspot: hotspot_id(place.division, place.grid, &event.category).to_string(),
                    category: event.category.to_string(),
                    division: place.division.to_string(),
                    grid: place.grid.map(|grid| grid.to_string()).unwrap_or_default(),
                    reported_at: event.occurred_at.0,
                    // Who asks that a matter stays with its handlers is not pointed at, either.
                    counted: i64::from(!event.confidential),
                })
            }
            // It may be about something else, or lie elsewhere, than its reporter thought.
            CaseEvent::CaseAccepted(event) => Some(HotspotReportRow {
                hotspot: hotspot_id(event.division, event.grid, &event.category).to_string(),
                category: event.category.to_string(),
                division: event.division.to_string(),
                grid: event.grid.map(|grid| grid.to_string()).unwrap_or_default(),
                ..row?
            }),
            CaseEvent::CaseRefused(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::CaseLapsed(_) => Some(HotspotReportRow { counted: 0, ..row? }),
            CaseEvent::CaseUnmerged(_) => Some(HotspotReportRow { counted: 1, ..row? }),
            CaseEvent::InformationAdded(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::CaseArchived(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => row,
        }
    }
}

/// How many cases count for a hot spot that were reported after one moment and up to another, at most
/// `limit`.
pub async fn count(
    reports: &View<HotspotReportRow>,
    hotspot: &str,
    (after, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<usize, SqlError> {
    let statement = table::select::<HotspotReportRow>()
        .with(" WHERE counted = 1 AND hotspot = ?", hotspot)
        .with(" AND reported_at > ?", after.0)
        .with(" AND reported_at <= ?", until.0)
        .with(" LIMIT ?", limit);
    Ok(reports.fetch(statement).await?.len())
}
