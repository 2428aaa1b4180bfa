//! The table `cases`: every case as lists, tracking and timers need it. Keyed by the case's id. What
//! was typed is not here: the records named here are in the vault.

mod queries;

use contracts::intake::{CaseEvent, CaseReported};
use kernel::{
    DecodeError, Division, GridCode, StoredEvent as _, Timestamp,
    division::InvalidDivision,
    geo::{Crs, Position},
};
use platform::{
    auth::{Placement, ScopeColumn},
    log::Recorded,
    projection::Projection,
    row,
};

pub use queries::{
    Filter, Found, Near, Slice, list, near, of_owner, reported_by, resolved_at, that_lead_to,
    tracked, unanswered, unrated,
};

use crate::domain::case::case_of;

row! {
    /// A case.
    pub struct CaseRow in "cases" version 3 {
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township, or empty.
        pub township: String,
        /// The 12 digits of the village, or empty.
        pub village: String,
        /// The grid, or empty.
        pub grid: String,
        /// Always empty: organisations handle orders, not cases.
        pub org: String,
        /// Always empty, likewise.
        pub assignee: String,
        /// Who reported it.
        pub reporter: String,
        /// The key of its id, which follows from the request that reported it.
        pub request_key: String,
        /// `reported`, `awaiting_information`, `accepted`, `refused`, `lapsed`, `withdrawn`,
        /// `transferred`, `merged`, `answered`, `resolved`, `rated` or `archived`.
        pub status: String,
        /// The status to which a merged case returns, or empty.
        pub status_before: String,
        /// Whether something is left to do with it by itself, 0 or 1.
        pub open: i64,
        /// Whether a wish makes it confidential, 0 or 1. Its category may besides.
        pub confidential: i64,
        /// The case that it goes with, or that goes on for it elsewhere; or empty.
        pub leads_to: String,
        /// Until when its reporter can answer what was asked; empty where nothing is waited for.
        pub answer_due: Option<i64>,
        /// How many have joined it.
        pub joiners: i64,
        /// How often its alarm was counted, where it is a device's.
        pub alarms: i64,
        /// Who settled it on the spot, or empty.
        pub handled_by: String,
        /// `drawn` or `done` where a check on the spot was drawn, or empty.
        pub spot_check: String,
        /// Whether it waits for ratings, 0 or 1.
        pub waits: i64,
        /// What it is about.
        pub category: String,
        /// How it came in.
        pub channel: String,
        /// How pressing it is.
        pub urgency: String,
        /// The code of the division where it is handled.
        pub division: String,
        /// The position as reported, in 1e-7 degree of CGCS2000; empty where it is not known.
        pub longitude: Option<i64>,
        /// Likewise.
        pub latitude: Option<i64>,
        /// How its place is known.
        pub place_source: String,
        /// The record of what the reporter wrote, or empty.
        pub text: String,
        /// The hash of the tracking code.
        pub tracking: String,
        /// How satisfied the reporter is with this round, or empty.
        pub satisfaction: String,
        /// When it was reported: UTC milliseconds, as all times here.
        pub reported_at: i64,
        /// When it was first reported.
        pub first_reported_at: i64,
        /// When it changed last.
        pub updated_at: i64,
        /// Which round it is in: 1 until it is reopened.
        pub round: i64,
        /// When this round was resolved, from which the windows for rating and reopening run; empty
        /// before.
        pub resolved_at: Option<i64>,
        /// How many events it has.
        pub version: i64,
    }
    indexes [
        // The queues of each tier; what is over lies apart from them.
        "county, reported_at WHERE open = 1",
        "township, reported_at WHERE open = 1",
        "village, reported_at WHERE open = 1",
        "grid, reported_at WHERE open = 1",
        // All there ever was.
        "county, reported_at",
        "township, reported_at",
        "village, reported_at",
        "grid, reported_at",
        "reporter, reported_at",
        "tracking",
        "request_key",
        "category, reported_at WHERE open = 1",
        "resolved_at WHERE waits = 1",
        "answer_due WHERE status = 'awaiting_information'",
        "leads_to",
    ]
}

/// The states in which nothing is left to do.
const OVER: [&str; 6] = ["refused", "lapsed", "withdrawn", "transferred", "merged", "archived"];

/// The states in which ratings are waited for.
const RATEABLE: [&str; 3] = ["answered", "resolved", "rated"];

/// Folds cases.
pub struct Cases;

impl Projection for Cases {
    type Row = CaseRow;
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
        row: Option<CaseRow>,
        event: &CaseEvent,
        recorded: &Recorded,
    ) -> Option<CaseRow> {
        let mut row = match (row, event) {
            (_, CaseEvent::CaseReported(event)) => reported(event),
            (row, _) => row?,
        };
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        row.updated_at = event.occurred_at().0;
        let status = match event {
            CaseEvent::CaseReported(_) => "reported",
            CaseEvent::InformationAdded(_) => match row.stood() {
                "awaiting_information" => return Some(row.information_given()),
                _ => return Some(row),
            },
            CaseEvent::CaseAccepted(event) => {
                row.category = event.category.to_string();
                row.urgency = event.urgency.to_string();
                row.place(event.division, event.grid);
                "accepted"
            }
            CaseEvent::CaseRefused(_) => "refused",
            CaseEvent::CaseResolved(event) => {
                row.resolved_at = Some(event.occurred_at.0);
                "resolved"
            }
            CaseEvent::CaseHandledOnSite(event) => {
                row.resolved_at = Some(event.occurred_at.0);
                row.handled_by = event.by.to_string();
                "resolved"
            }
            CaseEvent::CaseAnswered(event) => {
                row.resolved_at = Some(event.occurred_at.0);
                "answered"
            }
            CaseEvent::InformationRequested(event) => {
                if row.status != "reported" {
                    return Some(row);
                }
                row.answer_due = Some(event.answer_due.0);
                "awaiting_information"
            }
            CaseEvent::CaseLapsed(_) => "lapsed",
            CaseEvent::CaseWithdrawn(_) => "withdrawn",
            CaseEvent::CaseMerged(event) => {
                row.status_before = std::mem::take(&mut row.status);
                row.leads_to = event.into.to_string();
                "merged"
            }
            CaseEvent::CaseUnmerged(_) => {
                row.leads_to.clear();
                return Some(row.restored());
            }
            CaseEvent::CaseTransferred(event) => {
                row.leads_to = event.successor.to_string();
                "transferred"
            }
            CaseEvent::CaseJoined(_) => {
                row.joiners += 1;
                return Some(row);
            }
            CaseEvent::ConfidentialitySet(event) => {
                row.confidential = i64::from(event.confidential);
                return Some(row);
            }
            CaseEvent::SpotCheckDrawn(_) => {
                "drawn".clone_into(&mut row.spot_check);
                row.waits = 0;
                return Some(row);
            }
            CaseEvent::SpotCheckConfirmed(_) => {
                "done".clone_into(&mut row.spot_check);
                row.waits = 1;
                return Some(row);
            }
            CaseEvent::AlarmCounted(event) => {
                row.alarms = i64::from(event.count);
                return Some(row);
            }
            CaseEvent::CaseCalledBack(_) => return Some(row),
            // The list shows how satisfied the first reporter is.
            CaseEvent::CaseRated(event) if event.joiner.is_some() => return Some(row),
            CaseEvent::CaseRated(event) => {
                row.satisfaction = event.satisfaction.to_string();
                "rated"
            }
            CaseEvent::CaseReopened(event) => {
                row.round = i64::from(event.round);
                row.resolved_at = None;
                row.satisfaction.clear();
                row.leads_to.clear();
                row.handled_by.clear();
                row.spot_check.clear();
                "accepted"
            }
            CaseEvent::CaseArchived(_) => "archived",
        };
        row.stand(status);
        Some(row)
    }
}

fn reported(event: &CaseReported) -> CaseRow {
    let point = event.place.position.map(Position::point);
    let mut row = CaseRow {
        longitude: point.map(|point| point.lon_e7),
        latitude: point.map(|point| point.lat_e7),
        county: String::new(),
        township: String::new(),
        village: String::new(),
        grid: String::new(),
        org: String::new(),
        assignee: String::new(),
        reporter: event.reporter.to_string(),
        request_key: event.case.key().to_string(),
        status: String::new(),
        status_before: String::new(),
        open: 1,
        confidential: i64::from(event.confidential),
        leads_to: String::new(),
        answer_due: None,
        joiners: 0,
        alarms: 0,
        handled_by: String::new(),
        spot_check: String::new(),
        waits: 0,
        category: event.category.to_string(),
        channel: event.channel.to_string(),
        urgency: event.urgency.to_string(),
        division: String::new(),
        place_source: event.place.source.to_string(),
        text: event.text.as_ref().map(ToString::to_string).unwrap_or_default(),
        tracking: event.tracking.to_string(),
        satisfaction: String::new(),
        reported_at: event.occurred_at.0,
        first_reported_at: event.first_reported_at.0,
        updated_at: event.occurred_at.0,
        round: 1,
        resolved_at: None,
        version: 0,
    };
    row.place(event.place.division, event.place.grid);
    row
}

impl CaseRow {
    fn stand(&mut self, status: &str) {
        self.open = i64::from(!OVER.contains(&status));
        self.waits = i64::from(RATEABLE.contains(&status) && self.spot_check != "drawn");
        status.clone_into(&mut self.status);
    }

    /// Where it stands, or stood before it was merged.
    fn stood(&self) -> &str {
        if self.status == "merged" { &self.status_before } else { &self.status }
    }

    /// The desk's turn again, also while it goes with another.
    fn information_given(mut self) -> Self {
        self.answer_due = None;
        if self.status == "merged" {
            "reported".clone_into(&mut self.status_before);
        } else {
            self.stand("reported");
        }
        self
    }

    /// As if it had never been merged.
    fn restored(mut self) -> Self {
        let before = std::mem::take(&mut self.status_before);
        self.stand(&before);
        self
    }

    fn place(&mut self, division: Division, grid: Option<GridCode>) {
        let place = Placement { grid, ..Placement::of_division(division) };
        self.county = place.column(ScopeColumn::County);
        self.township = place.column(ScopeColumn::Township);
        self.village = place.column(ScopeColumn::Village);
        self.grid = place.column(ScopeColumn::Grid);
        self.division = division.to_string();
    }

    /// Where it is, if that is known.
    pub fn position(&self) -> Option<Position> {
        Position::new(self.longitude?, self.latitude?, Crs::Cgcs2000).ok()
    }

    /// Whether its reporter can rate it, as the rules have it.
    pub fn can_be_rated(&self) -> bool {
        matches!(self.status.as_str(), "resolved" | "answered")
    }

    /// Whether it can be reopened now, as the rules have it, within a window in milliseconds.
    pub fn can_be_reopened(&self, now: Timestamp, window_ms: i64) -> bool {
        self.resolved_at.is_some_and(|at| now < Timestamp(at).plus_millis(window_ms))
    }

    /// What the row holds in a column by which a scope restricts.
    pub fn column(&self, column: ScopeColumn) -> String {
        let value = match column {
            ScopeColumn::County => &self.county,
            ScopeColumn::Township => &self.township,
            ScopeColumn::Village => &self.village,
            ScopeColumn::Grid => &self.grid,
            ScopeColumn::Org => &self.org,
            ScopeColumn::Assignee => &self.assignee,
            ScopeColumn::Reporter => &self.reporter,
        };
        value.clone()
    }

    /// Where the case stands, as far as a caller's scope asks; the reporter apart.
    pub fn placement(&self) -> Result<Placement, InvalidDivision> {
        let grid = self.grid.parse().ok();
        Ok(Placement { grid, ..Placement::of_division(self.division.parse()?) })
    }
}
