//! The statements: sums where a question has them, otherwise the rows of the window.

use kernel::{Division, Level};
use platform::{
    database::{
        SqlError,
        statement::{Cell, Statement},
        table,
    },
    projection::{View, tally},
};

use super::{
    COUNTERS, Counts, Dimension, FigureRow,
    sums::{CASES, STEPS},
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Cases, under the day on which they were reported.
    Cases,
    /// Steps from stage to stage, under the day on which they were made.
    Steps,
    /// What came to be open and ceased to be, under the day on which it did.
    Flow,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is counted.
    pub grain: Grain,
    /// Where: a county, a township or a village.
    pub division: Division,
    /// The first day, counted from 1970-01-01.
    pub from: i64,
    /// The first day after.
    pub until: i64,
    /// By what lines are told apart, beside days and steps.
    pub by: Dimension,
    /// Only what has these values: at most one a dimension, and none of a division.
    pub only: Vec<(Dimension, String)>,
    /// Whether lines are told apart by day.
    pub daily: bool,
}

/// A part of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The value of the dimension; empty where there is none.
    pub value: String,
    /// The day, or the first one.
    pub day: i64,
    /// Of steps: from where to where, with a space between.
    pub step: String,
    /// The sums.
    pub counts: Counts,
    /// Of cases: the first day of which a case is open.
    pub oldest_open: Option<i64>,
}

/// There are no sums of this, and no rows that tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswerable;

/// Where the answer is read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// The sums of a dimension over divisions, of a value where one is given. `by` is the column that
    /// tells lines apart.
    Sums { dimension: Dimension, over: Over, value: Option<String>, by: &'static str },
    /// The rows.
    Rows,
}

/// The divisions under which sums are read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Over {
    /// This one.
    One(String),
    /// The townships of this county.
    Townships(String),
}

const NOTHING: &str = "''";
const VALUE: &str = "value";
const DIVISION: &str = "division";

impl Ask {
    /// Where the answer is: a sum has one dimension beside division and day.
    fn source(&self) -> Source {
        let level = self.division.level();
        let (here, whole) = (self.division.to_string(), Over::One(self.division.to_string()));
        let sums = |dimension, over, value, by| Source::Sums { dimension, over, value, by };
        let above = |division: Option<Division>| {
            division.map_or(Source::Rows, |above| {
                let by = if self.by == Dimension::Division { VALUE } else { NOTHING };
                sums(Dimension::Division, Over::One(above.to_string()), Some(here.clone()), by)
            })
        };
        match (self.by, self.only.as_slice(), level) {
            (Dimension::Total, [], Level::County) => sums(Dimension::Total, whole, None, NOTHING),
            (Dimension::Total, [], Level::Township) => above(self.division.county()),
            (Dimension::Total | Dimension::Division, [], Level::Village) => {
                above(self.division.township())
            }
            (Dimension::Division, [], Level::County | Level::Township) => {
                sums(Dimension::Division, whole, None, VALUE)
            }
            (by, [], Level::County) if by == Dimension::Member => {
                sums(by, Over::Townships(here), None, VALUE)
            }
            (by, [], Level::County | Level::Township) => sums(by, whole, None, VALUE),
            (by, [(only, value)], Level::County | Level::Township)
                if by == *only || by == Dimension::Total =>
            {
                let over = match (only, level) {
                    (Dimension::Member, Level::County) => Over::Townships(here),
                    _ => whole,
                };
                let by = if by == Dimension::Total { NOTHING } else { VALUE };
                sums(*only, over, Some(value.clone()), by)
            }
            (Dimension::Division, [(only, value)], Level::County) => {
                sums(*only, Over::Townships(here), Some(value.clone()), DIVISION)
            }
            _ => Source::Rows,
        }
    }

    /// The part of a statement that finds the sums, as far as the days.
    fn among(statement: Statement, grain: &str, dimension: Dimension, over: &Over) -> Statement {
        let statement = statement
            .with(" WHERE grain = ?", grain)
            .with(" AND dimension = ?", dimension.as_str());
        match over {
            Over::One(division) => statement.with(" AND division = ?", division.as_str()),
            // After the nine comes the colon: what begins with the county's digits.
            Over::Townships(county) => statement
                .with(" AND division > ?", county.as_str())
                .with(" AND division < ?", format!("{county}:")),
        }
    }
}

/// The sums, as whole numbers in both databases.
fn added(columns: &[&str]) -> String {
    let sums = columns.iter().map(|column| format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"));
    sums.collect::<Vec<_>>().join(", ")
}

/// The answer, in no order.
pub async fn ask(
    view: &View<FigureRow>,
    ask: &Ask,
) -> Result<Result<Vec<Line>, Unanswerable>, SqlError> {
    let grain = match ask.grain {
        Grain::Cases | Grain::Flow => CASES,
        Grain::Steps => STEPS,
    };
    let (statement, columns) = match ask.source() {
        Source::Sums { dimension, over, value, by } => {
            let day = if ask.daily { "day" } else { "MIN(day)" };
            let words = format!(
                "SELECT {by}, {day}, step, MIN(CASE WHEN open > 0 THEN day END), {} FROM {}",
                added(COUNTERS),
                tally::name::<FigureRow>()
            );
            let statement = Ask::among(Statement::new(&words), grain, dimension, &over)
                .with(" AND day >= ?", ask.from)
                .with(" AND day < ?", ask.until);
            let statement = match value {
                Some(value) => statement.with(" AND value = ?", value),
                None => statement,
            };
            let mut groups = vec!["step"];
            groups.extend((by != NOTHING).then_some(by));
            groups.extend(ask.daily.then_some("day"));
            (statement.and(&format!(" GROUP BY {}", groups.join(", "))), COUNTERS.len())
        }
        Source::Rows if ask.grain == Grain::Cases => rows(ask),
        Source::Rows => return Ok(Err(Unanswerable)),
    };
    let rows = view.database().fetch(statement).await?;
    let lines = rows.iter().map(|row| {
        let sums = (0..columns).map(|column| Cell::from_row(row, 4 + column));
        let counts = Counts::new(&sums.collect::<Result<Vec<i64>, SqlError>>()?);
        Ok(Line {
            value: Cell::from_row(row, 0)?,
            day: Cell::from_row(row, 1)?,
            step: Cell::from_row(row, 2)?,
            oldest_open: Cell::from_row(row, 3)?,
            counts,
        })
    });
    lines.collect::<Result<Vec<Line>, SqlError>>().map(Ok)
}

/// The column of a dimension in a row, where a division's is the one below the division asked for.
fn column(dimension: Dimension, division: Division) -> &'static str {
    match dimension {
        Dimension::Total => NOTHING,
        Dimension::Division => match division.level() {
            Level::Province | Level::Prefecture | Level::County => "township",
            Level::Township | Level::Village => "village",
        },
        Dimension::Category => "category",
        Dimension::Department => "org",
        Dimension::Member => "assignee",
        Dimension::Channel => "channel",
    }
}

/// The same from the rows of the window: what has two dimensions has no sums.
fn rows(ask: &Ask) -> (Statement, usize) {
    let figures = &COUNTERS[..COUNTERS.len() - 4];
    let by = column(ask.by, ask.division);
    let day = if ask.daily { "reported_day" } else { "MIN(reported_day)" };
    let level = match ask.division.level() {
        Level::Province | Level::Prefecture | Level::County => "county",
        Level::Township => "township",
        Level::Village => "village",
    };
    let words = format!(
        "SELECT {by}, {day}, '', MIN(CASE WHEN open > 0 THEN reported_day END), {} FROM {} \
         WHERE {level} = ",
        added(figures),
        table::name::<FigureRow>()
    );
    let mut statement = Statement::new(&words).with("?", ask.division.to_string());
    // The index of a township's days serves its villages too.
    if let (Level::Village, Some(township)) = (ask.division.level(), ask.division.township()) {
        statement = statement.with(" AND township = ?", township.to_string());
    }
    statement =
        statement.with(" AND reported_day >= ?", ask.from).with(" AND reported_day < ?", ask.until);
    for (dimension, value) in &ask.only {
        let words = format!(" AND {} = ?", column(*dimension, ask.division));
        statement = statement.with(&words, value.as_str());
    }
    if matches!(ask.by, Dimension::Department | Dimension::Member) {
        statement = statement.and(&format!(" AND {by} <> ''"));
    }
    let groups = match (by == NOTHING, ask.daily) {
        (true, true) => " GROUP BY reported_day".to_owned(),
        (true, false) => " HAVING COUNT(*) > 0".to_owned(),
        (false, true) => format!(" GROUP BY {by}, reported_day"),
        (false, false) => format!(" GROUP BY {by}"),
    };
    (statement.and(&groups), figures.len())
}

/// How many were open when the first day of a question began, by the value of its dimension.
pub async fn open_before(
    view: &View<FigureRow>,
    ask: &Ask,
) -> Result<Result<Vec<(String, i64)>, Unanswerable>, SqlError> {
    let Source::Sums { dimension, over, value, by } = ask.source() else {
        return Ok(Err(Unanswerable));
    };
    let words = format!(
        "SELECT {by}, {}, {} FROM {}",
        added(&["came"]),
        added(&["went"]),
        tally::name::<FigureRow>()
    );
    let mut statement =
        Ask::among(Statement::new(&words), CASES, dimension, &over).with(" AND day < ?", ask.from);
    if let Some(value) = value {
        statement = statement.with(" AND value = ?", value);
    }
    if by != NOTHING {
        statement = statement.and(&format!(" GROUP BY {by}"));
    }
    let rows = view.database().fetch(statement).await?;
    let open = rows.iter().map(|row| {
        let (came, went): (i64, i64) = (Cell::from_row(row, 1)?, Cell::from_row(row, 2)?);
        Ok((Cell::from_row(row, 0)?, came - went))
    });
    open.collect::<Result<Vec<_>, SqlError>>().map(Ok)
}
