//! What a row becomes by an event.

use contracts::dispatch::{DeadlineKind, WorkOrderCreated, WorkOrderEvent};
use kernel::{DecodeError, Division, id::WorkOrderId};
use platform::{log::Recorded, projection::Projection};

use super::{WorkOrderRow, WorkOrders};
use crate::domain::work_order::{Status, plan::distances};

impl Projection for WorkOrders {
    type Row = WorkOrderRow;
    type Event = WorkOrderEvent;

    fn read(&self, event: &Recorded) -> Result<Option<WorkOrderEvent>, DecodeError> {
        super::super::read(WorkOrderEvent::CATEGORY, event)
    }

    fn keys(&self, event: &WorkOrderEvent) -> Vec<String> {
        vec![subject_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<WorkOrderRow>,
        event: &WorkOrderEvent,
        recorded: &Recorded,
    ) -> Option<WorkOrderRow> {
        let mut row = match (row, event) {
            (None, WorkOrderEvent::WorkOrderCreated(created)) => WorkOrderRow::new(created),
            (row, _) => row?,
        };
        row.apply(event);
        row.next_due = row.next_clock();
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        row.updated_at = recorded.meta.occurred_at.0;
        Some(row)
    }
}

fn subject_of(event: &WorkOrderEvent) -> &WorkOrderId {
    use WorkOrderEvent as E;
    match event {
        E::WorkOrderCreated(event) => &event.work_order,
        E::WorkOrderRouted(event) => &event.work_order,
        E::WorkOrderAccepted(event) => &event.work_order,
        E::WorkOrderReturned(event) => &event.work_order,
        E::FeedbackSubmitted(event) => &event.work_order,
        E::WorkOrderVerified(event) => &event.work_order,
        E::WorkOrderSentBack(event) => &event.work_order,
        E::WorkOrderClosed(event) => &event.work_order,
        E::WorkOrderOverdue(event) => &event.work_order,
        E::WorkOrderAtRisk(event) => &event.work_order,
        E::DeadlineReplanned(event) => &event.work_order,
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl WorkOrderRow {
    fn new(created: &WorkOrderCreated) -> Self {
        let place: Division = created.division;
        let (at_risk_before, threefold_after) = distances(created);
        Self {
            case_id: created.case.to_string(),
            round: i64::from(created.round),
            status: Status::Routed.as_str().to_owned(),
            open: 1,
            category: created.category.to_string(),
            division: place.to_string(),
            county: shown(place.county()),
            township: shown(place.township()),
            village: shown(place.village()),
            grid: shown(created.grid),
            org: String::new(),
            assignee: String::new(),
            reporter: created.reporter.to_string(),
            created_at: created.occurred_at.0,
            accept_due: created.accept_due.0,
            due: created.due.0,
            next_due: i64::MAX,
            accept_overdue: 0,
            handling_overdue: 0,
            overdue: 0,
            at_risk_before,
            at_risk: 0,
            threefold_after,
            threefold_overdue: 0,
            calendar_version: created.calendar_version.into(),
            rule_version: 0,
            time_limit: created.limit.to_string(),
            urgency: created.urgency.to_string(),
            handler: String::new(),
            routing_rule: String::new(),
            version: 0,
            updated_at: 0,
        }
    }

    fn apply(&mut self, event: &WorkOrderEvent) {
        use WorkOrderEvent as E;
        match event {
            E::WorkOrderCreated(_) => {}
            E::WorkOrderRouted(routed) => {
                self.stands(Status::Routed);
                self.org = shown(routed.assignee.organisation.as_ref());
                self.assignee = shown(routed.assignee.person.as_ref());
                self.routing_rule = routed.rule.to_string();
                self.rule_version = routed.rule_version.into();
            }
            E::WorkOrderAccepted(_) | E::WorkOrderSentBack(_) => self.stands(Status::Accepted),
            E::WorkOrderReturned(_) => self.stands(Status::Returned),
            E::FeedbackSubmitted(feedback) => {
                self.stands(Status::Handled);
                self.handler = feedback.by.to_string();
            }
            E::WorkOrderVerified(_) => self.stands(Status::Verified),
            E::WorkOrderClosed(_) => self.stands(Status::Closed),
            E::WorkOrderOverdue(overdue) => {
                self.overdue = 1;
                match overdue.deadline {
                    DeadlineKind::Acceptance => self.accept_overdue = 1,
                    DeadlineKind::Handling => self.handling_overdue = 1,
                    DeadlineKind::HandlingThreefold => self.threefold_overdue = 1,
                }
            }
            E::WorkOrderAtRisk(_) => self.at_risk = 1,
            E::DeadlineReplanned(replanned) => {
                self.accept_due = replanned.accept_due.0;
                self.due = replanned.due.0;
                self.at_risk_before = replanned.due.0.saturating_sub(replanned.at_risk.0);
                self.threefold_after = replanned.threefold_due.0.saturating_sub(replanned.due.0);
                self.time_limit = replanned.limit.to_string();
                self.calendar_version = replanned.calendar_version.into();
            }
        }
    }

    fn stands(&mut self, status: Status) {
        status.as_str().clone_into(&mut self.status);
        self.open = i64::from(status != Status::Closed);
    }

    /// The clock that rings next, the largest number where none runs.
    fn next_clock(&self) -> i64 {
        self.running().into_iter().map(|(_, due)| due).min().unwrap_or(i64::MAX)
    }

    /// Which clocks are due at a moment and have not rung, with the moments at which they were.
    pub fn clocks_due(&self, now: i64) -> Vec<(Clock, i64)> {
        let mut due: Vec<_> = self.running().into_iter().filter(|(_, due)| *due <= now).collect();
        // Once it is overdue, nobody needs the warning.
        if due.iter().any(|(clock, _)| *clock == Clock::Deadline(DeadlineKind::Handling)) {
            due.retain(|(clock, _)| *clock != Clock::AtRisk);
        }
        due
    }

    /// The clocks that run: acceptance's while nobody has accepted, handling's until it is handled.
    fn running(&self) -> Vec<(Clock, i64)> {
        let stands = |some: &[Status]| some.iter().any(|one| one.as_str() == self.status);
        let mut running = Vec::new();
        if self.accept_overdue == 0 && stands(&[Status::Routed, Status::Returned]) {
            running.push((Clock::Deadline(DeadlineKind::Acceptance), self.accept_due));
        }
        if !stands(&[Status::Routed, Status::Returned, Status::Accepted]) {
            return running;
        }
        if self.handling_overdue == 0 {
            running.push((Clock::Deadline(DeadlineKind::Handling), self.due));
            if self.at_risk == 0 {
                let at_risk = self.due.saturating_sub(self.at_risk_before);
                running.push((Clock::AtRisk, at_risk));
            }
        }
        if self.threefold_overdue == 0 {
            let threefold = self.due.saturating_add(self.threefold_after);
            running.push((Clock::Deadline(DeadlineKind::HandlingThreefold), threefold));
        }
        running
    }
}

/// A clock of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Warns that little of the limit is left.
    AtRisk,
    /// Says that a deadline has passed.
    Deadline(DeadlineKind),
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtRisk => f.write_str("at_risk"),
            Self::Deadline(deadline) => deadline.fmt(f),
        }
    }
}
