//! The table `live_orders`: where every work order stands and with whom, for the live parts of pages.

use contracts::dispatch::{ChildOutcome, ParentPolicy, WorkOrderCreated, WorkOrderEvent};
use kernel::DecodeError;
use platform::{
    auth::ScopeColumn,
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use super::{lost, read, sequence, shown};

row! {
    /// An order; the key is its id. Times are UTC milliseconds.
    pub struct LiveOrderRow in "live_orders" version 4 {
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township, or empty.
        pub township: String,
        /// The 12 digits of the village, or empty.
        pub village: String,
        /// The grid, or empty.
        pub grid: String,
        /// The organisation to which it is assigned, or empty.
        pub org: String,
        /// The person to whom it is assigned, or empty.
        pub assignee: String,
        /// Who reported the case.
        pub reporter: String,
        /// From whom it was taken, as `<organisation>,<person>@<sequence>` each: their pages are told
        /// that it left.
        pub lost: String,
        /// The case that it serves.
        pub case_id: String,
        /// Where it stands: `routed`, `accepted`, `arrived`, `returned`, `handled`, `verified`,
        /// `closed`, `suspended`, `split` or `withdrawn`.
        pub status: String,
        /// Where it stood before its clock stopped.
        pub before: String,
        /// Where it stood before it was withdrawn.
        pub withdrawn_from: String,
        /// How many parts it has that were not withdrawn.
        pub parts: i64,
        /// Whether it is not closed, 0 or 1.
        pub open: i64,
        /// What it is about.
        pub category: String,
        /// How pressing it is.
        pub urgency: String,
        /// By when it must be handled.
        pub due: i64,
        /// Whether a deadline passed unmet, 0 or 1.
        pub overdue: i64,
        /// When it was created.
        pub created_at: i64,
        /// When who has it now accepted it; empty before.
        pub accepted_at: Option<i64>,
        /// When it was reported as handled; empty before, and again when it was sent back.
        pub handled_at: Option<i64>,
        /// When it was verified; empty before.
        pub verified_at: Option<i64>,
        /// When it was closed; empty before.
        pub closed_at: Option<i64>,
        /// When it changed last.
        pub updated_at: i64,
        /// The sequence at which it changed last.
        pub changed: i64,
    }
    indexes [
        "changed",
        "case_id",
        // What waits in each tab of the queue.
        "county, status WHERE open = 1",
        "township, status WHERE open = 1",
        "village, status WHERE open = 1",
        "county, status WHERE open = 1 AND org = '' AND assignee = ''",
        "county, township WHERE open = 1 AND overdue = 1",
        "township, village WHERE open = 1 AND overdue = 1",
        "county, closed_at",
        "township, closed_at",
    ]
}

/// Folds the table.
pub struct LiveOrders;

impl Projection for LiveOrders {
    type Row = LiveOrderRow;
    type Event = WorkOrderEvent;

    fn read(&self, event: &Recorded) -> Result<Option<WorkOrderEvent>, DecodeError> {
        read(WorkOrderEvent::CATEGORY, event)
    }

    fn keys(&self, event: &WorkOrderEvent) -> Vec<String> {
        vec![event.work_order().to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<LiveOrderRow>,
        event: &WorkOrderEvent,
        recorded: &Recorded,
    ) -> Option<LiveOrderRow> {
        let mut row = match (row, event) {
            (None, WorkOrderEvent::WorkOrderCreated(created)) => LiveOrderRow::new(created),
            (row, _) => row?,
        };
        row.apply(event, recorded.meta.occurred_at.0, sequence(recorded));
        row.updated_at = recorded.meta.occurred_at.0;
        row.changed = sequence(recorded);
        Some(row)
    }
}

impl LiveOrderRow {
    fn new(created: &WorkOrderCreated) -> Self {
        Self {
            county: shown(created.division.county()),
            township: shown(created.division.township()),
            village: shown(created.division.village()),
            grid: shown(created.grid),
            org: String::new(),
            assignee: String::new(),
            reporter: created.reporter.to_string(),
            lost: String::new(),
            case_id: created.case.to_string(),
            status: "routed".to_owned(),
            before: String::new(),
            withdrawn_from: String::new(),
            parts: 0,
            open: 1,
            category: created.category.to_string(),
            urgency: created.urgency.to_string(),
            due: created.due.0,
            overdue: 0,
            created_at: created.occurred_at.0,
            accepted_at: None,
            handled_at: None,
            verified_at: None,
            closed_at: None,
            updated_at: 0,
            changed: 0,
        }
    }

    fn apply(&mut self, event: &WorkOrderEvent, at: i64, at_sequence: i64) {
        use WorkOrderEvent as E;
        match event {
            E::WorkOrderCreated(_) => {}
            E::WorkOrderRouted(routed) => {
                let org = shown(routed.assignee.organisation.as_ref());
                let assignee = shown(routed.assignee.person.as_ref());
                self.goes_on(org, assignee, at_sequence);
                self.accepted_at = None;
                self.stands("routed");
            }
            E::WorkOrderAccepted(_) => {
                self.accepted_at = Some(at);
                self.stands("accepted");
            }
            E::WorkOrderSentBack(_) => {
                self.handled_at = None;
                self.stands("accepted");
            }
            E::WorkOrderReturned(_) => self.stands("returned"),
            E::FeedbackSubmitted(_) => {
                self.handled_at = Some(at);
                self.stands("handled");
            }
            E::WorkOrderVerified(_) => {
                self.verified_at = Some(at);
                self.stands("verified");
            }
            E::WorkOrderClosed(closed) => {
                self.open = 0;
                self.closed_at = Some(closed.occurred_at.0);
                self.stands("closed");
            }
            E::WorkOrderOverdue(_) => self.overdue = 1,
            E::DeadlineReplanned(event) => self.due = event.due.0,
            E::WorkOrderArrived(_) => self.stands("arrived"),
            E::ReturnRejected(rejected) => self.stands(match rejected.acceptor {
                Some(_) => "accepted",
                None => "routed",
            }),
            E::ExtensionGranted(granted) => self.due = granted.due.0,
            E::WorkOrderSuspended(_) => {
                self.before.clone_from(&self.status);
                self.stands("suspended");
            }
            E::WorkOrderResumed(resumed) => {
                self.due = resumed.due.0;
                self.status = std::mem::take(&mut self.before);
            }
            E::WorkOrderSplit(split) => {
                self.parts = i64::try_from(split.children.len()).unwrap_or(i64::MAX);
                if split.policy == ParentPolicy::ClosesWithChildren {
                    self.stands("split");
                }
            }
            E::ChildWorkOrderEnded(ended) if ended.outcome == ChildOutcome::Withdrawn => {
                self.parts -= 1;
                if self.parts == 0 && self.status == "split" {
                    self.stands("routed");
                }
            }
            E::WorkOrderWithdrawn(_) => {
                self.withdrawn_from.clone_from(&self.status);
                self.open = 0;
                self.stands("withdrawn");
            }
            E::WorkOrderReinstated(_) => {
                self.open = 1;
                self.status = std::mem::take(&mut self.withdrawn_from);
            }
            // What is asked, and who helps, changes no page that is looked at.
            E::WorkOrderAtRisk(_)
            | E::ReturnUpheld(_)
            | E::ExtensionRequested(_)
            | E::ExtensionRefused(_)
            | E::SuspensionRequested(_)
            | E::SuspensionRefused(_)
            | E::WorkOrderEscalated(_)
            | E::WorkOrderReminded(_)
            | E::WorkOrderAssisted(_)
            | E::AssistanceSubmitted(_)
            | E::ChildWorkOrderEnded(_)
            | E::WorkOrderCalledBack(_) => {}
        }
    }

    fn stands(&mut self, status: &str) {
        status.clone_into(&mut self.status);
    }

    /// What the row holds in a column of scopes.
    pub fn column(&self, column: ScopeColumn) -> String {
        match column {
            ScopeColumn::County => self.county.clone(),
            ScopeColumn::Township => self.township.clone(),
            ScopeColumn::Village => self.village.clone(),
            ScopeColumn::Grid => self.grid.clone(),
            ScopeColumn::Org => self.org.clone(),
            ScopeColumn::Assignee => self.assignee.clone(),
            ScopeColumn::Reporter => self.reporter.clone(),
        }
    }

    /// Gives the order to somebody else, and keeps who had it.
    fn goes_on(&mut self, org: String, assignee: String, sequence: i64) {
        let org = std::mem::replace(&mut self.org, org);
        let assignee = std::mem::replace(&mut self.assignee, assignee);
        if !org.is_empty() || !assignee.is_empty() {
            lost::keep(&mut self.lost, &format!("{org},{assignee}"), sequence);
        }
    }

    /// Who had the order and lost it after a sequence, the last first.
    pub fn lost_after(&self, sequence: u64) -> impl Iterator<Item = Holder<'_>> {
        let holders = lost::after(&self.lost, sequence).filter_map(|held| held.split_once(','));
        holders.map(|(org, assignee)| Holder { org, assignee })
    }

    /// What the row held in a column of scopes while this holder had the order.
    pub fn column_with(&self, holder: Holder<'_>, column: ScopeColumn) -> String {
        match column {
            ScopeColumn::Org => holder.org.to_owned(),
            ScopeColumn::Assignee => holder.assignee.to_owned(),
            ScopeColumn::County
            | ScopeColumn::Township
            | ScopeColumn::Village
            | ScopeColumn::Grid
            | ScopeColumn::Reporter => self.column(column),
        }
    }
}

/// Who had an order, either of them empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder<'a> {
    /// The organisation.
    pub org: &'a str,
    /// The person.
    pub assignee: &'a str,
}

/// The orders of a case, the first first: one for each round.
pub async fn of_case(
    orders: &View<LiveOrderRow>,
    case: &str,
) -> Result<Vec<(String, LiveOrderRow)>, SqlError> {
    let statement = table::select::<LiveOrderRow>()
        .with(" WHERE case_id = ?", case)
        .and(" ORDER BY created_at, id");
    orders.fetch(statement).await
}

/// The orders that changed after a sequence, in that order, at most `rows`.
pub async fn changed_after(
    view: &View<LiveOrderRow>,
    sequence: u64,
    rows: usize,
) -> Result<Vec<(String, LiveOrderRow)>, SqlError> {
    let statement = table::select::<LiveOrderRow>()
        .with(" WHERE changed > ?", i64::try_from(sequence).unwrap_or(i64::MAX))
        .and(&format!(" ORDER BY changed LIMIT {rows}"));
    view.fetch(statement).await
}
