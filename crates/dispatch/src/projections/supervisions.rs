//! The supervisions: lists, and the answers that are due.

use contracts::dispatch::supervision::{SupervisionEvent, SupervisionOpened, SupervisionStep};
use kernel::{DecodeError, Division, Level, id::SupervisionId};
use platform::{
    auth::{ScopeColumn, ScopePredicate},
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A supervision; the key is its id. Times are UTC milliseconds; a text is empty where there is
    /// nothing.
    pub struct SupervisionRow in "supervisions" version 1 {
        /// A word of `SupervisedKind`.
        pub kind: String,
        /// Over which matter.
        pub matter: String,
        /// The code of the division where the matter is.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// Who has to answer.
        pub org: String,
        /// A word of `SupervisionOrigin`.
        pub origin: String,
        /// A word of `SupervisionStep`.
        pub step: String,
        /// Whether the step is answered, 0 or 1.
        pub answered: i64,
        /// By when it must be answered.
        pub answer_due: i64,
        /// The moment at which the next step follows by itself; the largest number where none does.
        pub next_due: i64,
        /// Whether it is not closed, 0 or 1.
        pub open: i64,
        /// A word of `SupervisionFinding`, of what is closed.
        pub finding: String,
        /// When it was opened.
        pub opened_at: i64,
        /// Its version.
        pub version: i64,
        /// When it last changed.
        pub updated_at: i64,
    }
    indexes [
        "county, opened_at",
        "township, opened_at",
        "org, opened_at",
        "matter",
        "next_due WHERE open = 1",
    ]
}

/// The table.
#[derive(Debug)]
pub struct Supervisions;

impl Projection for Supervisions {
    type Row = SupervisionRow;
    type Event = SupervisionEvent;

    fn read(&self, event: &Recorded) -> Result<Option<SupervisionEvent>, DecodeError> {
        super::read(SupervisionEvent::CATEGORY, event)
    }

    fn keys(&self, event: &SupervisionEvent) -> Vec<String> {
        vec![id_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<SupervisionRow>,
        event: &SupervisionEvent,
        recorded: &Recorded,
    ) -> Option<SupervisionRow> {
        let mut row = match (row, event) {
            (None, SupervisionEvent::SupervisionOpened(opened)) => SupervisionRow::new(opened),
            (row, _) => row?,
        };
        row.apply(event);
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        row.updated_at = recorded.meta.occurred_at.0;
        Some(row)
    }
}

const fn id_of(event: &SupervisionEvent) -> &SupervisionId {
    match event {
        SupervisionEvent::SupervisionOpened(event) => &event.supervision,
        SupervisionEvent::SupervisionAnswered(event) => &event.supervision,
        SupervisionEvent::SupervisionRaised(event) => &event.supervision,
        SupervisionEvent::SupervisionClosed(event) => &event.supervision,
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl SupervisionRow {
    fn new(opened: &SupervisionOpened) -> Self {
        let place = opened.division;
        Self {
            kind: opened.kind.to_string(),
            matter: opened.matter.to_string(),
            division: place.to_string(),
            county: shown(place.county()),
            township: shown(place.township()),
            village: shown(place.village()),
            org: opened.organisation.to_string(),
            origin: opened.origin.to_string(),
            step: opened.step.to_string(),
            answered: 0,
            answer_due: opened.answer_due.0,
            next_due: due_of(opened.step, opened.answer_due.0),
            open: 1,
            finding: String::new(),
            opened_at: opened.occurred_at.0,
            version: 0,
            updated_at: 0,
        }
    }

    fn apply(&mut self, event: &SupervisionEvent) {
        match event {
            SupervisionEvent::SupervisionOpened(_) => {}
            SupervisionEvent::SupervisionAnswered(_) => {
                self.answered = 1;
                self.next_due = i64::MAX;
            }
            SupervisionEvent::SupervisionRaised(raised) => {
                self.step = raised.step.to_string();
                self.answered = 0;
                self.answer_due = raised.answer_due.0;
                self.next_due = due_of(raised.step, raised.answer_due.0);
            }
            SupervisionEvent::SupervisionClosed(closed) => {
                self.open = 0;
                self.next_due = i64::MAX;
                self.finding = closed.finding.to_string();
            }
        }
    }

    /// What the row holds in a column of scopes. Nobody in person answers for a supervision.
    pub fn column(&self, column: ScopeColumn) -> String {
        match column {
            ScopeColumn::County => self.county.clone(),
            ScopeColumn::Township => self.township.clone(),
            ScopeColumn::Village => self.village.clone(),
            ScopeColumn::Org => self.org.clone(),
            ScopeColumn::Grid | ScopeColumn::Assignee | ScopeColumn::Reporter => String::new(),
        }
    }
}

/// Nothing follows a red card by itself.
const fn due_of(step: SupervisionStep, answer_due: i64) -> i64 {
    match step {
        SupervisionStep::Reminder | SupervisionStep::Supervision | SupervisionStep::YellowCard => {
            answer_due
        }
        SupervisionStep::RedCard => i64::MAX,
    }
}

/// Which of them are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those over this matter.
    pub matter: Option<String>,
    /// Only those that are not closed.
    pub open: bool,
    /// Only those in this division.
    pub division: Option<Division>,
    /// Only those at this step.
    pub step: Option<SupervisionStep>,
}

/// A page of supervisions with their ids, the newest first, after an item's time and id.
pub async fn page(
    view: &View<SupervisionRow>,
    sight: &ScopePredicate,
    filter: &Filter,
    after: Option<(i64, String)>,
    rows: u32,
) -> Result<Vec<(String, SupervisionRow)>, SqlError> {
    let mut statement = table::select::<SupervisionRow>().and(" WHERE 1 = 1");
    match sight {
        ScopePredicate::All => {}
        ScopePredicate::Nothing => return Ok(Vec::new()),
        ScopePredicate::Where(all) => {
            for equality in all {
                let words = match equality.column {
                    ScopeColumn::County => " AND county = ?",
                    ScopeColumn::Township => " AND township = ?",
                    ScopeColumn::Village => " AND village = ?",
                    ScopeColumn::Org => " AND org = ?",
                    // Nobody in person answers for a supervision.
                    ScopeColumn::Grid | ScopeColumn::Assignee | ScopeColumn::Reporter => {
                        return Ok(Vec::new());
                    }
                };
                statement = statement.with(words, equality.value.as_str());
            }
        }
    }
    if let Some(matter) = &filter.matter {
        statement = statement.with(" AND matter = ?", matter.as_str());
    }
    if filter.open {
        statement = statement.and(" AND open = 1");
    }
    if let Some(step) = filter.step {
        statement = statement.with(" AND step = ?", step.to_string());
    }
    if let Some(division) = filter.division {
        let words = match division.level() {
            Level::Province | Level::Prefecture => None,
            Level::County => Some(" AND county = ?"),
            Level::Township => Some(" AND township = ?"),
            Level::Village => Some(" AND village = ?"),
        };
        if let Some(words) = words {
            statement = statement.with(words, division.to_string());
        }
    }
    if let Some((at, id)) = after {
        statement = statement.with(" AND (opened_at, id) < (?", at).with(", ?)", id);
    }
    view.fetch(statement.and(&format!(" ORDER BY opened_at DESC, id DESC LIMIT {rows}"))).await
}

/// Those whose step has stayed without an answer, the longest first.
pub async fn unanswered(
    view: &View<SupervisionRow>,
    now: i64,
    rows: u32,
) -> Result<Vec<(String, SupervisionRow)>, SqlError> {
    let statement = table::select::<SupervisionRow>()
        .with(" WHERE next_due <= ?", now)
        .and(&format!(" AND open = 1 ORDER BY next_due LIMIT {rows}"));
    view.fetch(statement).await
}
