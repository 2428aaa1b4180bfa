//! The table `live_cases`: where every case stands, for the live parts of pages and the map.

use contracts::intake::{CaseEvent, CaseReported};
use kernel::{DecodeError, Division, GridCode, id::CaseId};
use platform::{
    auth::ScopeColumn,
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use super::{lost, read, sequence, shown};

row! {
    /// A case; the key is its id. Times are UTC milliseconds.
    pub struct LiveCaseRow in "live_cases" version 2 {
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township, or empty.
        pub township: String,
        /// The 12 digits of the village, or empty.
        pub village: String,
        /// The grid, or empty.
        pub grid: String,
        /// Who reported it.
        pub reporter: String,
        /// `reported`, `accepted`, `refused`, `resolved`, `rated` or `archived`.
        pub status: String,
        /// Whether it is neither refused, resolved, rated nor archived, 0 or 1.
        pub open: i64,
        /// What it is about.
        pub category: String,
        /// How pressing it is.
        pub urgency: String,
        /// How it came in.
        pub channel: String,
        /// East of Greenwich, 1e-7 degree of CGCS2000, where the position is known.
        pub lon_e7: Option<i64>,
        /// North of the equator, likewise.
        pub lat_e7: Option<i64>,
        /// When it was reported.
        pub reported_at: i64,
        /// When the work was done; empty before.
        pub resolved_at: Option<i64>,
        /// How satisfied the reporter is, or empty.
        pub satisfaction: String,
        /// Where it was filed before, as `<township>,<village>,<grid>@<sequence>` each: pages that saw
        /// it there are told that it left.
        pub lost: String,
        /// When it changed last.
        pub updated_at: i64,
        /// The sequence at which it changed last.
        pub changed: i64,
    }
    indexes [
        "changed",
        "county, reported_at",
        "township, reported_at",
        "village, reported_at",
        // All that is counted of open cases is in these, in the order in which it is counted, so that
        // no row is read for it.
        "county, township, village, grid, category, open WHERE open = 1",
        "township, village, grid, category, open WHERE open = 1",
        "village, grid, category, open WHERE open = 1",
        "county, open WHERE status = 'reported'",
        "township, open WHERE status = 'reported'",
        "village, open WHERE status = 'reported'",
        "county, resolved_at, satisfaction WHERE resolved_at IS NOT NULL",
        "township, resolved_at, satisfaction WHERE resolved_at IS NOT NULL",
        "village, resolved_at, satisfaction WHERE resolved_at IS NOT NULL",
    ]
}

/// Folds the table.
pub struct LiveCases;

impl Projection for LiveCases {
    type Row = LiveCaseRow;
    type Event = CaseEvent;

    fn read(&self, event: &Recorded) -> Result<Option<CaseEvent>, DecodeError> {
        read(CaseEvent::CATEGORY, event)
    }

    fn keys(&self, event: &CaseEvent) -> Vec<String> {
        vec![case_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<LiveCaseRow>,
        event: &CaseEvent,
        recorded: &Recorded,
    ) -> Option<LiveCaseRow> {
        let mut row = match (row, event) {
            (_, CaseEvent::CaseReported(event)) => LiveCaseRow::new(event),
            (row, _) => row?,
        };
        row.apply(event, sequence(recorded));
        row.updated_at = recorded.meta.occurred_at.0;
        row.changed = sequence(recorded);
        Some(row)
    }
}

fn case_of(event: &CaseEvent) -> &CaseId {
    match event {
        CaseEvent::CaseReported(event) => &event.case,
        CaseEvent::InformationAdded(event) => &event.case,
        CaseEvent::CaseAccepted(event) => &event.case,
        CaseEvent::CaseRefused(event) => &event.case,
        CaseEvent::CaseResolved(event) => &event.case,
        CaseEvent::CaseRated(event) => &event.case,
        CaseEvent::CaseReopened(event) => &event.case,
        CaseEvent::CaseArchived(event) => &event.case,
        CaseEvent::CaseJoined(event) => &event.case,
        CaseEvent::CaseMerged(event) => &event.case,
        CaseEvent::CaseUnmerged(event) => &event.case,
        CaseEvent::CaseTransferred(event) => &event.case,
        CaseEvent::CaseWithdrawn(event) => &event.case,
        CaseEvent::InformationRequested(event) => &event.case,
        CaseEvent::CaseLapsed(event) => &event.case,
        CaseEvent::CaseAnswered(event) => &event.case,
        CaseEvent::ConfidentialitySet(event) => &event.case,
        CaseEvent::CaseHandledOnSite(event) => &event.case,
        CaseEvent::SpotCheckDrawn(event) => &event.case,
        CaseEvent::SpotCheckConfirmed(event) => &event.case,
        CaseEvent::CaseCalledBack(event) => &event.case,
        CaseEvent::AlarmCounted(event) => &event.case,
    }
}

impl LiveCaseRow {
    fn new(reported: &CaseReported) -> Self {
        let point = reported.place.position.map(|position| position.to_cgcs2000().point());
        let mut row = Self {
            county: String::new(),
            township: String::new(),
            village: String::new(),
            grid: String::new(),
            reporter: reported.reporter.to_string(),
            status: String::new(),
            open: 1,
            category: reported.category.to_string(),
            urgency: reported.urgency.to_string(),
            channel: reported.channel.to_string(),
            lon_e7: point.map(|point| point.lon_e7),
            lat_e7: point.map(|point| point.lat_e7),
            reported_at: reported.occurred_at.0,
            resolved_at: None,
            satisfaction: String::new(),
            lost: String::new(),
            updated_at: 0,
            changed: 0,
        };
        row.place(reported.place.division, reported.place.grid);
        row
    }

    fn apply(&mut self, event: &CaseEvent, at: i64) {
        match event {
            CaseEvent::CaseReported(_) => self.stands("reported", 1),
            CaseEvent::InformationAdded(_) => {}
            CaseEvent::CaseAccepted(event) => {
                self.category = event.category.to_string();
                self.urgency = event.urgency.to_string();
                self.moves(event.division, event.grid, at);
                self.stands("accepted", 1);
            }
            CaseEvent::CaseRefused(_) => self.stands("refused", 0),
            CaseEvent::CaseResolved(event) => {
                self.resolved_at = Some(event.occurred_at.0);
                self.stands("resolved", 0);
            }
            CaseEvent::CaseRated(event) => {
                self.satisfaction = event.satisfaction.to_string();
                self.stands("rated", 0);
            }
            CaseEvent::CaseReopened(event) => {
                self.resolved_at = None;
                self.satisfaction.clear();
                self.moves(event.division, event.grid, at);
                self.stands("accepted", 1);
            }
            CaseEvent::CaseArchived(_) => self.stands("archived", 0),
            CaseEvent::CaseMerged(_) => self.stands("merged", 0),
            // As if it had never been merged, as far as the screens can tell.
            CaseEvent::CaseUnmerged(_) => self.stands("accepted", 1),
            CaseEvent::CaseTransferred(_) => self.stands("transferred", 0),
            CaseEvent::CaseWithdrawn(_) => self.stands("withdrawn", 0),
            CaseEvent::CaseLapsed(_) => self.stands("lapsed", 0),
            CaseEvent::CaseAnswered(_) => self.stands("answered", 0),
            CaseEvent::CaseHandledOnSite(event) => {
                self.resolved_at = Some(event.occurred_at.0);
                self.stands("resolved", 0);
            }
            CaseEvent::InformationRequested(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => {}
        }
    }

    fn stands(&mut self, status: &str, open: i64) {
        status.clone_into(&mut self.status);
        self.open = open;
    }

    fn place(&mut self, division: Division, grid: Option<GridCode>) {
        self.county = shown(division.county());
        self.township = shown(division.township());
        self.village = shown(division.village());
        self.grid = shown(grid);
    }

    /// Files it elsewhere, and keeps where it was.
    fn moves(&mut self, division: Division, grid: Option<GridCode>, sequence: i64) {
        let here = |row: &Self| format!("{},{},{}", row.township, row.village, row.grid);
        let before = here(self);
        self.place(division, grid);
        if here(self) != before {
            lost::keep(&mut self.lost, &before, sequence);
        }
    }

    /// Whether a column of scopes was such that `covers` held, until a sequence after this one.
    pub fn was_lost_after(
        &self,
        sequence: u64,
        covers: impl Fn(&dyn Fn(ScopeColumn) -> String) -> bool,
    ) -> bool {
        lost::after(&self.lost, sequence).any(|held| {
            let mut places = held.split(',').map(str::to_owned);
            let mut next = || places.next().unwrap_or_default();
            let (township, village, grid) = (next(), next(), next());
            covers(&|column| match column {
                ScopeColumn::Township => township.clone(),
                ScopeColumn::Village => village.clone(),
                ScopeColumn::Grid => grid.clone(),
                ScopeColumn::County
                | ScopeColumn::Reporter
                | ScopeColumn::Org
                | ScopeColumn::Assignee => self.column(column),
            })
        })
    }

    /// What the row holds in a column of scopes; empty where a case has none.
    pub fn column(&self, column: ScopeColumn) -> String {
        match column {
            ScopeColumn::County => self.county.clone(),
            ScopeColumn::Township => self.township.clone(),
            ScopeColumn::Village => self.village.clone(),
            ScopeColumn::Grid => self.grid.clone(),
            ScopeColumn::Reporter => self.reporter.clone(),
            // Organisations and assignees have orders, not cases.
            ScopeColumn::Org | ScopeColumn::Assignee => String::new(),
        }
    }
}

/// The cases that changed after a sequence, in that order, at most `rows`.
pub async fn changed_after(
    view: &View<LiveCaseRow>,
    sequence: u64,
    rows: usize,
) -> Result<Vec<(String, LiveCaseRow)>, SqlError> {
    let statement = table::select::<LiveCaseRow>()
        .with(" WHERE changed > ?", i64::try_from(sequence).unwrap_or(i64::MAX))
        .and(&format!(" ORDER BY changed LIMIT {rows}"));
    view.fetch(statement).await
}
