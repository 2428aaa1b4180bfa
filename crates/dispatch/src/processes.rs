//! What dispatch does by itself: orders for accepted cases, parts for split ones, another way for
//! returned ones, tasks of campaigns, the clocks and the ladder.

pub mod create_parts;
pub mod end_campaign_tasks;
pub mod escalate_late_orders;
pub mod follow_cases;
pub mod give_out_campaign_tasks;
pub mod join_parts;
pub mod mark_overdue;
pub mod mediation_dates;
pub mod order_accepted_cases;
pub mod queue_notifications;
pub mod raise_escalated_mediations;
pub mod raise_unanswered;
pub mod replan_deadlines;
pub mod ring_coordination;
pub mod route_returned_orders;
pub mod send_notifications;

use contracts::subject;
use kernel::id::{CategoryCode, WorkOrderId};
use platform::{database::SqlError, executor::Target, process::CarryOutError, projection::Behind};

use crate::{domain::work_order::Order, facts::Matter, projections::category_rules::Category};

/// Where an order's history is.
fn target(id: &WorkOrderId, creates: bool) -> Target {
    Target { subject: subject::work_order(id), id: id.to_string(), creates }
}

fn behind(error: &Behind) -> CarryOutError {
    CarryOutError::Later(error.to_string())
}

fn database(error: &SqlError) -> CarryOutError {
    CarryOutError::Later(format!("the database failed: {error}"))
}

fn unknown(category: &CategoryCode) -> CarryOutError {
    CarryOutError::Later(format!(
        "the category {category} is not in the catalogue; import the catalogue that has it"
    ))
}

impl Order {
    /// What routing looks at, for this order.
    pub(crate) fn matter<'a>(&'a self, category: &'a Category) -> Matter<'a> {
        Matter {
            code: &self.category,
            category,
            urgency: self.plan.urgency,
            division: self.division,
            grid: self.grid,
            reporter: Some(self.reporter.clone()),
            returned: self.returned.clone(),
        }
    }
}
