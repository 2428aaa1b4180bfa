//! The figures of the big screen, counted over [`live_cases`](super::live_cases) and
//! [`live_orders`](super::live_orders) within a scope. Times are UTC milliseconds; a day begins at
//! midnight in Shanghai.

use std::collections::BTreeMap;

use kernel::Timestamp;
use platform::{
    auth::{ScopeColumn, ScopePredicate},
    database::{
        SqlError,
        statement::{Cell, Statement},
        table::{self, Row},
    },
    projection::View,
};
use serde::Serialize;

use super::{live_cases::LiveCaseRow, live_orders::LiveOrderRow};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// China has kept one offset since 1991.
const OFFSET: i64 = 8 * HOUR;

/// The days that rates look back on.
pub const RATE_DAYS: i64 = 30;

/// How many categories are named.
const CATEGORIES: usize = 24;

/// How many cases with a position go to a map.
pub const ON_A_MAP: usize = 2_000;

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many hold.
    pub met: i64,
    /// Of how many.
    pub of: i64,
}

impl Share {
    /// In tenths of a percent, rounded down: nothing but all is 100 %. None of nothing.
    pub const fn permille(self) -> Option<i64> {
        if self.of == 0 { None } else { Some(self.met * 1000 / self.of) }
    }
}

/// A place in the league: a township, or in a township's scope a village.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its code; empty for what lies in none.
    pub code: String,
    /// Open cases.
    pub open: i64,
    /// Orders that are open and late.
    pub overdue: i64,
    /// Orders closed within the days of rates, and how many of them without a missed deadline.
    pub on_time: Share,
}

/// What the big screen counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// When it was counted.
    pub at: i64,
    /// Cases reported today.
    pub new_today: i64,
    /// Cases resolved today.
    pub resolved_today: i64,
    /// Cases that are open.
    pub open: i64,
    /// Cases with an open order of which a deadline passed unmet.
    pub overdue: i64,
    /// Orders closed within the days of rates, and how many of them without a missed deadline.
    pub on_time: Share,
    /// Ratings of what was resolved within the days of rates, and how many of them were at least
    /// fairly satisfied.
    pub satisfied: Share,
    /// Resolved within the same days, and not rated: beside the rate, not inside it.
    pub unrated: i64,
    /// Reported in each of the last 24 hours, the oldest first.
    pub reported_by_hour: Vec<i64>,
    /// Resolved in the same hours.
    pub resolved_by_hour: Vec<i64>,
    /// The categories of most open cases.
    pub categories: Vec<(String, i64)>,
    /// Where they are: the most first.
    pub places: Vec<Standing>,
    /// Grids with open cases.
    pub grids: Vec<(String, i64)>,
}

/// The beginning of the day of this moment.
pub const fn day_of(now: Timestamp) -> i64 {
    now.0 - (now.0 + OFFSET).rem_euclid(DAY)
}

/// `SELECT … FROM <table> WHERE <scope>`; none where the scope holds nothing.
fn select<R: Row>(words: &str, scope: &ScopePredicate) -> Option<Statement> {
    let begin = Statement::new(&format!("SELECT {words} FROM {} WHERE 1 = 1", table::name::<R>()));
    within(begin, scope)
}

fn within(statement: Statement, scope: &ScopePredicate) -> Option<Statement> {
    match scope {
        ScopePredicate::Nothing => None,
        ScopePredicate::All => Some(statement),
        ScopePredicate::Where(all) => Some(all.iter().fold(statement, |statement, one| {
            statement.with(&format!(" AND {} = ?", one.column.name()), one.value.as_str())
        })),
    }
}

async fn one<R: Row>(view: &View<R>, statement: Option<Statement>) -> Result<i64, SqlError> {
    let Some(statement) = statement else { return Ok(0) };
    let rows = view.database().fetch(statement).await?;
    rows.first().map_or(Ok(0), |row| Cell::from_row(row, 0))
}

/// Rows of a name and a count.
async fn counts<R: Row>(
    view: &View<R>,
    statement: Option<Statement>,
) -> Result<Vec<(String, i64)>, SqlError> {
    let Some(statement) = statement else { return Ok(Vec::new()) };
    let rows = view.database().fetch(statement).await?;
    rows.iter().map(|row| Ok((Cell::from_row(row, 0)?, Cell::from_row(row, 1)?))).collect()
}

/// By hour since `from`, of the cases whose `column` lies after it.
async fn by_hour(
    view: &View<LiveCaseRow>,
    scope: &ScopePredicate,
    column: &str,
    from: i64,
) -> Result<Vec<i64>, SqlError> {
    let begin = Statement::new("SELECT ")
        .with(&format!("({column} - ?) / {HOUR}"), from)
        .and(&format!(", COUNT(*) FROM {} WHERE 1 = 1", table::name::<LiveCaseRow>()));
    let mut hours = vec![0; 24];
    let Some(statement) = within(begin, scope) else { return Ok(hours) };
    let statement = statement.with(&format!(" AND {column} >= ?"), from).and(" GROUP BY 1");
    for row in &view.database().fetch(statement).await? {
        let hour: i64 = Cell::from_row(row, 0)?;
        if let Some(place) = usize::try_from(hour).ok().and_then(|hour| hours.get_mut(hour)) {
            *place = Cell::from_row(row, 1)?;
        }
    }
    Ok(hours)
}

/// Open cases by place, by grid and by category.
#[derive(Default)]
struct OpenByPlace {
    places: BTreeMap<String, i64>,
    grids: BTreeMap<String, i64>,
    categories: BTreeMap<String, i64>,
}

/// One pass over the index of open cases, in its order.
async fn open_by_place(
    view: &View<LiveCaseRow>,
    scope: &ScopePredicate,
    level: &str,
) -> Result<OpenByPlace, SqlError> {
    let mut open = OpenByPlace::default();
    let words = "township, village, grid, category";
    let Some(statement) = select::<LiveCaseRow>(&format!("{words}, COUNT(*)"), scope) else {
        return Ok(open);
    };
    let statement = statement.and(&format!(" AND open = 1 GROUP BY {words}"));
    for row in &view.database().fetch(statement).await? {
        let text = |place| -> Result<String, SqlError> { Cell::from_row(row, place) };
        let place = match level {
            "township" => text(0)?,
            "village" => text(1)?,
            _grid => text(2)?,
        };
        let (grid, category, count): (_, _, i64) = (text(2)?, text(3)?, Cell::from_row(row, 4)?);
        *open.places.entry(place).or_default() += count;
        *open.categories.entry(category).or_default() += count;
        if !grid.is_empty() {
            *open.grids.entry(grid).or_default() += count;
        }
    }
    Ok(open)
}

/// The column by which a scope's places are told apart: one level below it.
fn level(scope: &ScopePredicate) -> &'static str {
    let township = |one: &platform::auth::scope::Equality| one.column == ScopeColumn::Township;
    match scope {
        ScopePredicate::Where(all) if all.iter().any(township) => "village",
        ScopePredicate::Where(all) if all.iter().any(|one| one.column == ScopeColumn::Village) => {
            "grid"
        }
        ScopePredicate::All | ScopePredicate::Nothing | ScopePredicate::Where(_) => "township",
    }
}

/// Counts within a scope.
pub async fn figures(
    cases: &View<LiveCaseRow>,
    orders: &View<LiveOrderRow>,
    scope: &ScopePredicate,
    now: Timestamp,
) -> Result<Figures, SqlError> {
    let today = day_of(now);
    let since = today - (RATE_DAYS - 1) * DAY;
    let hours = now.0 - now.0.rem_euclid(HOUR) - 23 * HOUR;
    let of_cases = |words: &str| select::<LiveCaseRow>(words, scope);
    let of_orders = |words: &str| select::<LiveOrderRow>(words, scope);
    let level = level(scope);
    let closed = |words: &str| {
        of_orders(words).map(|statement| statement.with(" AND closed_at >= ?", since))
    };
    let by = |statement: Option<Statement>| statement.map(|statement| statement.and(" GROUP BY 1"));

    let open = open_by_place(cases, scope, level);
    let late = counts(
        orders,
        by(of_orders(&format!("{level}, COUNT(DISTINCT case_id)"))
            .map(|s| s.and(" AND open = 1 AND overdue = 1"))),
    );
    let met =
        counts(orders, by(closed(&format!("{level}, COUNT(CASE WHEN overdue = 0 THEN 1 END)"))));
    let of = counts(orders, by(closed(&format!("{level}, COUNT(*)"))));
    let (open, late, met, of) = tokio::try_join!(open, late, met, of)?;
    let mut places = BTreeMap::<String, Standing>::new();
    let OpenByPlace { places: open, grids, categories } = open;
    let rows = [(open.into_iter().collect(), 0), (late, 1), (met, 2), (of, 3)];
    for (rows, which) in rows {
        for (code, count) in rows {
            let place = places
                .entry(code.clone())
                .or_insert_with(|| Standing { code, ..Standing::default() });
            match which {
                0 => place.open = count,
                1 => place.overdue = count,
                2 => place.on_time.met = count,
                _ => place.on_time.of = count,
            }
        }
    }
    let mut places: Vec<Standing> = places.into_values().collect();
    places.sort_by_key(|place| (-place.overdue, -place.open));

    let mut categories: Vec<_> = categories.into_iter().collect();
    categories.sort_by_key(|(code, count)| (-count, code.clone()));
    categories.truncate(CATEGORIES);
    let today_new = of_cases("COUNT(*)").map(|s| s.with(" AND reported_at >= ?", today));
    let today_resolved = of_cases("COUNT(*)").map(|s| s.with(" AND resolved_at >= ?", today));
    let resolved = of_cases("satisfaction, COUNT(*)")
        .map(|statement| statement.with(" AND resolved_at >= ?", since));
    let (new_today, resolved_today, resolved) = tokio::try_join!(
        one(cases, today_new),
        one(cases, today_resolved),
        counts(cases, by(resolved)),
    )?;
    let of = |is: fn(&str) -> bool| -> i64 {
        resolved.iter().filter(|(satisfaction, _)| is(satisfaction)).map(|(_, count)| count).sum()
    };
    let rated = of(|satisfaction| !satisfaction.is_empty());
    let satisfied = of(|satisfaction| {
        matches!(satisfaction, "fairly_satisfied" | "satisfied" | "very_satisfied")
    });
    let (reported_by_hour, resolved_by_hour) = tokio::try_join!(
        by_hour(cases, scope, "reported_at", hours),
        by_hour(cases, scope, "resolved_at", hours),
    )?;
    Ok(Figures {
        at: now.0,
        new_today,
        resolved_today,
        open: places.iter().map(|place| place.open).sum(),
        overdue: places.iter().map(|place| place.overdue).sum(),
        on_time: Share {
            met: places.iter().map(|place| place.on_time.met).sum(),
            of: places.iter().map(|place| place.on_time.of).sum(),
        },
        satisfied: Share { met: satisfied, of: rated },
        unrated: of(str::is_empty),
        reported_by_hour,
        resolved_by_hour,
        categories,
        places,
        grids: grids.into_iter().collect(),
    })
}

/// How many changes of the whole county are looked through for those in a scope.
const LOOKED_THROUGH: usize = 500;

/// The cases that changed last, the newest first.
pub async fn latest(
    cases: &View<LiveCaseRow>,
    scope: &ScopePredicate,
    rows: usize,
) -> Result<Vec<(String, LiveCaseRow)>, SqlError> {
    // A scope's rows have no order of change, which each event would have to keep. Mostly it is among
    // the county's last changes; a quiet village has few rows to sort.
    let newest = |statement: Statement, rows: usize| {
        cases.fetch(statement.and(&format!(" ORDER BY changed DESC LIMIT {rows}")))
    };
    let county = newest(table::select::<LiveCaseRow>(), LOOKED_THROUGH).await?;
    let all_there_are = county.len() < LOOKED_THROUGH;
    let mut found = county;
    found.retain(|(_, row)| scope.holds(|column| row.column(column)));
    if found.len() >= rows || all_there_are {
        found.truncate(rows);
        return Ok(found);
    }
    let begin = table::select::<LiveCaseRow>().and(" WHERE 1 = 1");
    let Some(statement) = within(begin, scope) else { return Ok(Vec::new()) };
    newest(statement, rows).await
}

/// The open cases of which the position is known, the newest first, and which cases are late.
pub async fn open_cases(
    cases: &View<LiveCaseRow>,
    orders: &View<LiveOrderRow>,
    scope: &ScopePredicate,
) -> Result<(Vec<(String, LiveCaseRow)>, Vec<String>), SqlError> {
    let begin = table::select::<LiveCaseRow>().and(" WHERE open = 1 AND lon_e7 IS NOT NULL");
    let late = select::<LiveOrderRow>("case_id, COUNT(*)", scope)
        .map(|s| s.and(" AND open = 1 AND overdue = 1 GROUP BY 1"));
    let Some(open) = within(begin, scope) else { return Ok(<(Vec<_>, Vec<_>)>::default()) };
    let open = open.and(&format!(" ORDER BY reported_at DESC LIMIT {ON_A_MAP}"));
    let (open, late) = tokio::try_join!(cases.fetch(open), counts(orders, late))?;
    Ok((open, late.into_iter().map(|(case, _)| case).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_shanghai() {
        let at = |text| Timestamp::from_rfc3339(text).unwrap();
        for time in
            ["2026-06-01T00:00:00+08:00", "2026-06-01T07:59:59+08:00", "2026-06-01T23:59:59+08:00"]
        {
            assert_eq!(day_of(at(time)), at("2026-06-01T00:00:00+08:00").0, "{time}");
        }
    }

    #[test]
    fn a_share_never_rounds_up_to_all() {
        assert_eq!(Share { met: 1999, of: 2000 }.permille(), Some(999));
        assert_eq!(Share { met: 2, of: 2 }.permille(), Some(1000));
        assert_eq!(Share { met: 0, of: 0 }.permille(), None);
    }
}
