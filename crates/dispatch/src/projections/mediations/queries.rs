//! The statements over the table of mediations.

use kernel::{Division, Level};
use platform::{
    auth::{Principal, Scope, ScopePredicate},
    database::{
        SqlError,
        statement::{Cell, Statement},
        table,
    },
    projection::View,
};

use super::MediationRow;
use crate::domain::mediation::{Status, figures::Figure};

/// Which mediations a caller sees: a confidential matter is seen by a division's office, the body that
/// has it and the person who has it, and not by the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight(ScopePredicate);

/// Which of them are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only those in this division.
    pub division: Option<Division>,
    /// Only those entered from this moment on, in UTC milliseconds.
    pub from: Option<i64>,
    /// Only those entered before this moment.
    pub until: Option<i64>,
}

impl Sight {
    /// What the caller sees of the mediations of a county.
    pub fn of(principal: &Principal, county: Division) -> Self {
        Self(match &principal.scope {
            Scope::Grid(_) => Scope::Assigned.predicate(&principal.person, county),
            Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
                principal.predicate(county)
            }
        })
    }

    fn narrow(&self, statement: Statement) -> Statement {
        match &self.0 {
            ScopePredicate::All => statement,
            ScopePredicate::Nothing => statement.and(" AND 1 = 0"),
            ScopePredicate::Where(all) => all.iter().fold(statement, |statement, equality| {
                let words = format!(" AND {} = ?", equality.column.name());
                statement.with(&words, equality.value.as_str())
            }),
        }
    }
}

impl Filter {
    fn narrow(&self, mut statement: Statement) -> Statement {
        if let Some(status) = self.status {
            statement = statement.with(" AND status = ?", status.as_str());
        }
        if let Some(division) = self.division {
            statement = match division.level() {
                // Rows have columns for the county and below; what is wider holds every row.
                Level::Province | Level::Prefecture => statement,
                Level::County => statement.with(" AND county = ?", division.to_string()),
                Level::Township => statement.with(" AND township = ?", division.to_string()),
                Level::Village => statement.with(" AND village = ?", division.to_string()),
            };
        }
        if let Some(from) = self.from {
            statement = statement.with(" AND opened_at >= ?", from);
        }
        if let Some(until) = self.until {
            statement = statement.with(" AND opened_at < ?", until);
        }
        statement
    }
}

/// A page of mediations with their ids, the newest first, after an item's moment of entry and id.
pub async fn page(
    view: &View<MediationRow>,
    sight: &Sight,
    filter: &Filter,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, MediationRow)>, SqlError> {
    let every = table::select::<MediationRow>().and(" WHERE 1 = 1");
    let mut statement = filter.narrow(sight.narrow(every));
    if let Some((opened_at, id)) = after {
        statement = statement.with(" AND (opened_at, id) < (?", opened_at).with(", ?)", id);
    }
    let words = format!(" ORDER BY opened_at DESC, id DESC LIMIT {rows}");
    view.fetch(statement.and(&words)).await
}

/// Mediations with a date of follow-up that has come and not rung.
pub async fn due(
    view: &View<MediationRow>,
    now: i64,
    rows: u32,
) -> Result<Vec<(String, MediationRow)>, SqlError> {
    let statement = table::select::<MediationRow>()
        .with(" WHERE next_ring <= ?", now)
        .with(" AND status = ?", Status::Settled.as_str())
        .and(&format!(" ORDER BY next_ring LIMIT {rows}"));
    view.fetch(statement).await
}

/// How many were entered and settled, by kind and level.
pub async fn figures(
    view: &View<MediationRow>,
    sight: &Sight,
    filter: &Filter,
) -> Result<Vec<Figure>, SqlError> {
    let name = table::name::<MediationRow>();
    let counted = Statement::new(&format!(
        "SELECT kind, level, COUNT(*), COUNT(CASE WHEN settled = 1 THEN 1 END) FROM {name} WHERE 1 = 1"
    ));
    let statement =
        filter.narrow(sight.narrow(counted)).and(" GROUP BY kind, level ORDER BY kind, level");
    let count = |row, column| -> Result<u64, SqlError> {
        Ok(u64::try_from(i64::from_row(row, column)?).unwrap_or_default())
    };
    let rows = view.database().fetch(statement).await?;
    rows.iter()
        .map(|row| {
            Ok(Figure {
                kind: String::from_row(row, 0)?.parse().ok(),
                level: String::from_row(row, 1)?.parse().ok(),
                entered: count(row, 2)?,
                settled: count(row, 3)?,
            })
        })
        .collect()
}
