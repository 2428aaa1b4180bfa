//! The deadlines of a new order.

use std::sync::Arc;

use contracts::intake::Urgency;
use kernel::{Timestamp, limit::Limit};

use super::Facts;
use crate::{config::Rules, domain::calendar::WorkingCalendar};

/// By when an order must be accepted and handled, and what warns of it.
#[derive(Clone, Debug)]
pub struct Deadlines {
    calendar: Arc<WorkingCalendar>,
    rules: Arc<Rules>,
}

impl Facts {
    /// What gives the deadlines of new orders: the calendar as it is now.
    pub fn deadlines(&self) -> Deadlines {
        Deadlines { calendar: self.calendar(), rules: Arc::clone(&self.rules) }
    }
}

impl Deadlines {
    /// The version of the calendar.
    pub fn calendar_version(&self) -> u32 {
        self.calendar.version()
    }

    /// By when an order of now must be accepted.
    pub fn accept_due(&self, now: Timestamp, urgency: Urgency) -> Timestamp {
        self.calendar.due(now, &self.rules.accept_within(urgency))
    }

    /// By when it must be handled.
    pub fn due(&self, now: Timestamp, limit: &Limit) -> Timestamp {
        self.calendar.due(now, limit)
    }

    /// When little of the limit is left.
    pub fn at_risk(&self, now: Timestamp, limit: &Limit) -> Timestamp {
        let due = self.due(now, limit);
        self.calendar.at_risk(now, due, limit, self.rules.at_risk_percent)
    }

    /// When three times the limit is over.
    pub fn threefold_due(&self, now: Timestamp, limit: &Limit) -> Timestamp {
        self.calendar.times(now, limit, 3)
    }
}
