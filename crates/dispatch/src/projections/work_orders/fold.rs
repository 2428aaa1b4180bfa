//! What a row becomes by an event.

use contracts::dispatch::{
    ChildOutcome, DeadlineKind, ParentPolicy, Tier, WorkOrderCreated, WorkOrderEvent,
    WorkOrderRouted, WorkOrderSplit,
};
use kernel::{DecodeError, Division};
use platform::{log::Recorded, projection::Projection};

use super::{WorkOrderRow, WorkOrders};
use crate::domain::work_order::{Status, plan::distances, tier_of};

impl Projection for WorkOrders {
    type Row = WorkOrderRow;
    type Event = WorkOrderEvent;

    fn read(&self, event: &Recorded) -> Result<Option<WorkOrderEvent>, DecodeError> {
        super::super::read(WorkOrderEvent::CATEGORY, event)
    }

    fn keys(&self, event: &WorkOrderEvent) -> Vec<String> {
        vec![event.work_order().to_string()]
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
            before: String::new(),
            withdrawn_from: String::new(),
            parent: shown(created.parent.as_ref()),
            origin: shown(created.origin.as_ref().map(|origin| origin.kind)),
            children: 0,
            children_open: 0,
            children_closed: 0,
            assistants: String::new(),
            tier: 0,
            late_since: i64::MAX,
            late_stage: String::new(),
            returns: 0,
            extensions: 0,
            reminders: 0,
            asks: String::new(),
            version: 0,
            updated_at: 0,
        }
    }

    fn apply(&mut self, event: &WorkOrderEvent) {
        use WorkOrderEvent as E;
        match event {
            // Where an upheld return goes is told by the routing that follows.
            E::WorkOrderCreated(_) | E::ReturnUpheld(_) | E::WorkOrderCalledBack(_) => {}
            E::WorkOrderRouted(routed) => self.goes_to(routed),
            E::WorkOrderAccepted(_) | E::WorkOrderSentBack(_) => self.stands(Status::Accepted),
            E::WorkOrderArrived(_) => self.stands(Status::Arrived),
            E::WorkOrderReturned(_) => {
                self.returns += 1;
                self.asks.clear();
                self.stands(Status::Returned);
            }
            E::ReturnRejected(rejected) => self.stands(match rejected.acceptor {
                Some(_) => Status::Accepted,
                None => Status::Routed,
            }),
            E::FeedbackSubmitted(feedback) => {
                self.stands(Status::Handled);
                self.asks.clear();
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
            E::ExtensionRequested(_) => "extension".clone_into(&mut self.asks),
            E::SuspensionRequested(_) => "suspension".clone_into(&mut self.asks),
            E::ExtensionRefused(_) | E::SuspensionRefused(_) => self.asks.clear(),
            E::ExtensionGranted(granted) => {
                self.extensions = i64::from(granted.number);
                self.asks.clear();
                self.is_due(granted.due.0, granted.occurred_at.0);
            }
            E::WorkOrderSuspended(suspended) => {
                self.before.clone_from(&self.status);
                self.asks = suspended.reason.to_string();
                self.stands(Status::Suspended);
            }
            E::WorkOrderResumed(resumed) => {
                self.status = std::mem::take(&mut self.before);
                self.asks.clear();
                self.accept_due = resumed.accept_due.0;
                self.is_due(resumed.due.0, resumed.occurred_at.0);
            }
            E::WorkOrderEscalated(escalated) => self.tier = self.tier.max(rung(escalated.to)),
            E::WorkOrderReminded(reminded) => self.reminders = i64::from(reminded.number),
            E::WorkOrderAssisted(assisted) => {
                if self.assistants.is_empty() {
                    self.assistants.push(',');
                }
                for organisation in &assisted.assistants {
                    self.assistants.push_str(&organisation.to_string());
                    self.assistants.push(',');
                }
            }
            E::AssistanceSubmitted(_) => {}
            E::WorkOrderSplit(split) => self.splits(split),
            E::ChildWorkOrderEnded(ended) => self.loses_part(ended.outcome),
            E::WorkOrderWithdrawn(_) => {
                self.withdrawn_from.clone_from(&self.status);
                self.stands(Status::Withdrawn);
            }
            E::WorkOrderReinstated(_) => {
                self.status = std::mem::take(&mut self.withdrawn_from);
                self.open = 1;
            }
        }
        self.is_late();
    }

    fn goes_to(&mut self, routed: &WorkOrderRouted) {
        self.stands(Status::Routed);
        self.asks.clear();
        self.org = shown(routed.assignee.organisation.as_ref());
        self.assignee = shown(routed.assignee.person.as_ref());
        self.routing_rule = routed.rule.to_string();
        self.rule_version = routed.rule_version.into();
        self.tier = self.tier.max(rung(tier_of(&routed.assignee)));
    }

    fn splits(&mut self, split: &WorkOrderSplit) {
        self.children = i64::try_from(split.children.len()).unwrap_or(i64::MAX);
        self.children_open = self.children;
        self.children_closed = 0;
        if split.policy == ParentPolicy::ClosesWithChildren {
            self.asks.clear();
            self.stands(Status::Split);
        }
    }

    /// As the aggregate has it: where nothing came of any part the whole is with its assignee again.
    fn loses_part(&mut self, outcome: ChildOutcome) {
        self.children_open -= 1;
        self.children_closed += i64::from(outcome == ChildOutcome::Closed);
        let over = self.children_open == 0 && self.children_closed == 0;
        if over && self.status == Status::Split.as_str() {
            self.children = 0;
            self.stands(Status::Routed);
        }
    }

    fn is_due(&mut self, due: i64, at: i64) {
        self.due = due;
        if due > at {
            self.handling_overdue = 0;
        }
        if due.saturating_add(self.threefold_after) > at {
            self.threefold_overdue = 0;
        }
        if due.saturating_sub(self.at_risk_before) > at {
            self.at_risk = 0;
        }
    }

    /// Since when a clock is late that the ladder looks at: handling's before acceptance's.
    fn is_late(&mut self) {
        let stands = |some: &[Status]| some.iter().any(|one| one.as_str() == self.status);
        let waiting = stands(&[Status::Routed, Status::Returned]);
        let in_hand = waiting || stands(&[Status::Accepted, Status::Arrived]);
        let late = if self.handling_overdue == 1 && in_hand {
            Some((DeadlineKind::Handling, self.due))
        } else if self.accept_overdue == 1 && waiting {
            Some((DeadlineKind::Acceptance, self.accept_due))
        } else {
            None
        };
        self.late_since = late.map_or(i64::MAX, |(_, since)| since);
        self.late_stage = shown(late.map(|(stage, _)| stage));
    }

    fn stands(&mut self, status: Status) {
        status.as_str().clone_into(&mut self.status);
        self.open = i64::from(status.is_open());
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
        if !stands(&[
            Status::Routed,
            Status::Returned,
            Status::Accepted,
            Status::Arrived,
            Status::Split,
        ]) {
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

/// A tier as a number, the village's 0.
pub const fn rung(tier: Tier) -> i64 {
    match tier {
        Tier::Village => 0,
        Tier::Township => 1,
        Tier::County => 2,
        Tier::Prefecture => 3,
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
