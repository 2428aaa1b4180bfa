//! The table `cases`: every case as lists, tracking and timers need it. Keyed by the case's id. What
//! was typed is not here: the records named here are in the vault.

use contracts::intake::{CaseEvent, CaseReported};
use kernel::{
    DecodeError, Division, GridCode, StoredEvent as _, Timestamp,
    division::InvalidDivision,
    geo::{Crs, Point, Position},
    hash::Sha256,
    id::Key,
};
use platform::{
    auth::{Placement, ScopeColumn, ScopePredicate},
    database::{SqlError, statement::Statement, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use crate::domain::case::case_of;

row! {
    /// A case.
    pub struct CaseRow in "cases" version 2 {
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
        /// `reported`, `accepted`, `refused`, `resolved`, `rated` or `archived`.
        pub status: String,
        /// Whether it is neither refused nor archived, 0 or 1.
        pub open: i64,
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
        "resolved_at WHERE status = 'resolved'",
    ]
}

/// The states in which nothing is left to do.
const OVER: [&str; 2] = ["refused", "archived"];

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
            CaseEvent::InformationAdded(_) => return Some(row),
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
            CaseEvent::CaseRated(event) => {
                row.satisfaction = event.satisfaction.to_string();
                "rated"
            }
            CaseEvent::CaseReopened(event) => {
                row.round = i64::from(event.round);
                row.resolved_at = None;
                row.satisfaction.clear();
                "accepted"
            }
            CaseEvent::CaseArchived(_) => "archived",
        };
        row.open = i64::from(!OVER.contains(&status));
        status.clone_into(&mut row.status);
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
        open: 1,
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
        self.status == "resolved"
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

/// Which cases a list holds.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The parts of the county that they must lie in, all of them.
    pub within: Vec<ScopePredicate>,
    /// Only this status, unless empty.
    pub status: String,
    /// Only this category, unless empty.
    pub category: String,
}

/// Where a page of a list begins and how long it is.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Whether the newest come first.
    pub newest_first: bool,
    /// The time and id after which it begins.
    pub after: Option<(i64, String)>,
    /// At most so many.
    pub limit: i64,
}

/// A case and its id.
pub type Found = (String, CaseRow);

/// The cases of a list by the time of their report.
pub async fn list(
    cases: &View<CaseRow>,
    filter: &Filter,
    slice: &Slice,
) -> Result<Vec<Found>, SqlError> {
    let Some(mut statement) = restricted(table::select::<CaseRow>(), &filter.within) else {
        return Ok(Vec::new());
    };
    if !filter.status.is_empty() {
        statement = statement.with(" AND status = ?", filter.status.as_str());
        if !OVER.contains(&filter.status.as_str()) {
            // Tells the database that the indexes of open cases hold all that is asked for.
            statement = statement.and(" AND open = 1");
        }
    }
    if !filter.category.is_empty() {
        statement = statement.with(" AND category = ?", filter.category.as_str());
    }
    let (beyond, order) = if slice.newest_first { ("<", "DESC") } else { (">", "ASC") };
    if let Some((at, id)) = &slice.after {
        statement = statement
            .with(&format!(" AND (reported_at {beyond} ?"), *at)
            .with(" OR (reported_at = ?", *at)
            .with(&format!(" AND id {beyond} ?))"), id.as_str());
    }
    let order = format!(" ORDER BY reported_at {order}, id {order} LIMIT ?");
    cases.fetch(statement.with(&order, slice.limit)).await
}

/// What counts as near a place.
#[derive(Clone, Debug)]
pub struct Near {
    /// Of this category.
    pub category: String,
    /// Reported since then.
    pub since: Timestamp,
    /// The place, if its position is known.
    pub position: Option<Point>,
    /// The grid in which it lies.
    pub grid: Option<GridCode>,
    /// Metres within which a position is near.
    pub radius_m: u32,
}

/// How many 1e-7 degrees of latitude a metre has at most, and of longitude up to 60 degrees north.
const E7_PER_METRE: (i64, i64) = (91, 181);

/// Cases that are not over and may be near a place, the newest first: those in the square around it,
/// and those of its grid where one of the two positions is not known.
pub async fn near(cases: &View<CaseRow>, near: &Near, limit: i64) -> Result<Vec<Found>, SqlError> {
    // A case in no grid has an empty code there, which is nobody's.
    let grid = near.grid.map_or_else(|| "-".to_owned(), |grid| grid.to_string());
    let mut statement = table::select::<CaseRow>()
        .with(" WHERE open = 1 AND category = ?", near.category.as_str())
        .with(" AND reported_at >= ?", near.since.0)
        .with(" AND ((grid = ?", grid);
    if let Some(point) = near.position {
        let radius = i64::from(near.radius_m);
        let (north, east) = (radius * E7_PER_METRE.0, radius * E7_PER_METRE.1);
        statement = statement
            .with(" AND longitude IS NULL) OR (latitude >= ?", point.lat_e7 - north)
            .with(" AND latitude <= ?", point.lat_e7 + north)
            .with(" AND longitude >= ?", point.lon_e7 - east)
            .with(" AND longitude <= ?", point.lon_e7 + east);
    }
    cases.fetch(statement.with(")) ORDER BY reported_at DESC, id DESC LIMIT ?", limit)).await
}

/// The case that a tracking code leads to.
pub async fn tracked(cases: &View<CaseRow>, hash: Sha256) -> Result<Option<Found>, SqlError> {
    let statement = table::select::<CaseRow>().with(" WHERE tracking = ?", hash.to_string());
    Ok(cases.fetch(statement).await?.pop())
}

/// The cases whose texts are an owner's, as `domain::case::texts_owner` says, newest first: those that a
/// person reported, or one case by itself.
pub async fn of_owner(
    cases: &View<CaseRow>,
    owner: &str,
    scope: &ScopePredicate,
    limit: i64,
) -> Result<Vec<Found>, SqlError> {
    let Some(statement) = restricted(table::select::<CaseRow>(), std::slice::from_ref(scope))
    else {
        return Ok(Vec::new());
    };
    let statement = statement
        .with(" AND (reporter = ?", owner)
        .with(" OR id = ?)", owner)
        .with(" ORDER BY reported_at DESC, id DESC LIMIT ?", limit);
    cases.fetch(statement).await
}

/// The case that a request has reported before.
pub async fn reported_by(cases: &View<CaseRow>, key: &Key) -> Result<Option<Found>, SqlError> {
    let statement = table::select::<CaseRow>().with(" WHERE request_key = ?", key.as_str());
    Ok(cases.fetch(statement).await?.pop())
}

/// The resolved cases that have waited longest for a rating.
pub async fn unrated(cases: &View<CaseRow>, limit: i64) -> Result<Vec<Found>, SqlError> {
    let statement = table::select::<CaseRow>()
        .and(" WHERE status = 'resolved'")
        .with(" ORDER BY resolved_at, id LIMIT ?", limit);
    cases.fetch(statement).await
}

/// When a resolved case's window for rating began.
pub fn resolved_at(row: &CaseRow) -> Timestamp {
    Timestamp(row.resolved_at.unwrap_or(i64::MAX))
}

/// The statement with `WHERE` and these conditions; none where nothing can fulfil them.
fn restricted(statement: Statement, within: &[ScopePredicate]) -> Option<Statement> {
    let mut statement = statement.and(" WHERE 1 = 1");
    for predicate in within {
        match predicate {
            ScopePredicate::All => {}
            ScopePredicate::Nothing => return None,
            ScopePredicate::Where(equalities) => {
                for equality in equalities {
                    let words = format!(" AND {} = ?", equality.column.name());
                    statement = statement.with(&words, equality.value.as_str());
                }
            }
        }
    }
    Some(statement)
}
