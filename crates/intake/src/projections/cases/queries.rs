//! What is asked of the table of cases.

use kernel::{GridCode, Timestamp, geo::Point, hash::Sha256, id::Key};
use platform::{
    auth::ScopePredicate,
    database::{SqlError, statement::Statement, table},
    projection::View,
};

use super::{CaseRow, OVER};

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
        .with(" WHERE open = 1 AND confidential = 0 AND category = ?", near.category.as_str())
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
        .and(" WHERE waits = 1")
        .with(" ORDER BY resolved_at, id LIMIT ?", limit);
    cases.fetch(statement).await
}

/// The cases whose reporters can answer what was asked the shortest.
pub async fn unanswered(cases: &View<CaseRow>, limit: i64) -> Result<Vec<Found>, SqlError> {
    let statement = table::select::<CaseRow>()
        .and(" WHERE status = 'awaiting_information'")
        .with(" ORDER BY answer_due, id LIMIT ?", limit);
    cases.fetch(statement).await
}

/// The cases that go with this one, or went on as it, in the order of their ids.
pub async fn that_lead_to(cases: &View<CaseRow>, id: &str) -> Result<Vec<Found>, SqlError> {
    let statement = table::select::<CaseRow>().with(" WHERE leads_to = ?", id).and(" ORDER BY id");
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
