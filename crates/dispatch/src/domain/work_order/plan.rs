//! How the deadlines of an order were planned, and how they are planned anew.
//!
//! An order's due time moves when it is suspended or extended. What warns before it and what rings
//! after it keep their distance from it, so that whatever moves it moves them; and what was added to
//! it stays added when the calendar or the limit changes.

use contracts::{
    dispatch::{DeadlineKind, DeadlineReplanned, WorkOrderCreated},
    intake::Urgency,
};
use kernel::{Timestamp, limit::Limit};

use super::{Order, Replan, Status};

/// How the deadlines of an order were planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How pressing the order is.
    pub urgency: Urgency,
    /// When the clock of handling started.
    pub start: Timestamp,
    /// How long handling may take.
    pub limit: Limit,
    /// By when it was to be handled by limit and calendar alone.
    pub planned_due: Timestamp,
    /// How many milliseconds before its due time the order is at risk.
    pub at_risk_before: i64,
    /// How many milliseconds after its due time three times the limit is over.
    pub threefold_after: i64,
    /// Whether the warning was given.
    pub at_risk_rang: bool,
    /// The version of the working calendar that gave the deadlines.
    pub calendar_version: u32,
    /// The version of the catalogue that the limit comes from.
    pub catalogue_version: u32,
}

/// How long before and after its due time an order is at risk, and three times overdue, in
/// milliseconds. Orders of old events said neither: a fifth of the time, and twice the time.
pub fn distances(created: &WorkOrderCreated) -> (i64, i64) {
    let (start, due) = (created.occurred_at.0, created.due.0);
    let whole = due.saturating_sub(start).max(0);
    let before = created.at_risk.map_or(whole / 5, |at| due.saturating_sub(at.0));
    let after = created
        .threefold_due
        .map_or_else(|| whole.saturating_mul(2), |threefold| threefold.0.saturating_sub(due));
    (before.max(0), after.max(0))
}

impl Plan {
    pub(super) fn of(created: &WorkOrderCreated) -> Self {
        let (at_risk_before, threefold_after) = distances(created);
        Self {
            urgency: created.urgency,
            start: created.occurred_at,
            limit: created.limit,
            planned_due: created.due,
            at_risk_before,
            threefold_after,
            at_risk_rang: false,
            calendar_version: created.calendar_version,
            catalogue_version: created.catalogue_version,
        }
    }
}

impl Order {
    /// When little of the limit is left.
    pub fn at_risk(&self) -> Timestamp {
        self.due.plus_millis(-self.plan.at_risk_before)
    }

    /// When three times the limit is over.
    pub fn threefold_due(&self) -> Timestamp {
        self.due.plus_millis(self.plan.threefold_after)
    }

    /// Whether a warning is to be given now: not any more once the time is over.
    pub(super) fn is_at_risk(&self, at: Timestamp) -> bool {
        at >= self.at_risk()
            && !self.plan.at_risk_rang
            && !self.rung.contains(&DeadlineKind::Handling)
    }

    /// The deadlines as they are now; none where they are as planned, or have passed already.
    pub(super) fn replanned(&self, replan: &Replan) -> Option<DeadlineReplanned> {
        let plan = &self.plan;
        let (limit, catalogue_version) =
            replan.limit.unwrap_or((plan.limit, plan.catalogue_version));
        let calendar = &replan.calendar;
        let is_planned_so = calendar.version() <= plan.calendar_version && limit == plan.limit;
        // A deadline that has rung is a fact: it is not taken back.
        if is_planned_so || self.rung.contains(&DeadlineKind::Handling) {
            return None;
        }
        let added = self.due.0.saturating_sub(plan.planned_due.0);
        // Nothing is planned into the past, wherever the clock stands.
        let earliest = replan.at.max(plan.start);
        let due = calendar.due(plan.start, &limit).plus_millis(added).max(earliest);
        let at_risk = calendar
            .at_risk(plan.start, due, &limit, replan.at_risk_percent)
            .max(earliest)
            .min(due);
        let waits = matches!(self.status, Status::Routed | Status::Returned)
            && !self.rung.contains(&DeadlineKind::Acceptance);
        Some(DeadlineReplanned {
            occurred_at: replan.at,
            work_order: self.id.clone(),
            reason: replan.reason,
            limit,
            // Acceptance runs in minutes, day and night: only an earlier end of all moves it.
            accept_due: if waits { self.accept_due.min(due) } else { self.accept_due },
            due,
            at_risk,
            threefold_due: calendar.times(plan.start, &limit, 3).plus_millis(added).max(due),
            calendar_version: calendar.version().max(plan.calendar_version),
            catalogue_version,
        })
    }

    pub(super) fn replan(&mut self, replanned: &DeadlineReplanned) {
        let added = self.due.0.saturating_sub(self.plan.planned_due.0);
        self.accept_due = replanned.accept_due;
        self.due = replanned.due;
        self.plan = Plan {
            urgency: self.plan.urgency,
            start: self.plan.start,
            limit: replanned.limit,
            planned_due: replanned.due.plus_millis(-added),
            at_risk_before: replanned.due.0.saturating_sub(replanned.at_risk.0),
            threefold_after: replanned.threefold_due.0.saturating_sub(replanned.due.0),
            at_risk_rang: self.plan.at_risk_rang,
            calendar_version: replanned.calendar_version,
            catalogue_version: replanned.catalogue_version,
        };
    }
}
