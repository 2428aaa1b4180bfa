//! An order as lists and the heads of forms show it.

use api::dispatch::v1::{GetWorkOrderRequest, WorkOrder, WorkOrderStatus};

use super::sent::word;
use crate::{
    problem::{Part, Problem},
    session::StaffSession,
};

/// An order.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: String,
    /// The category's code.
    pub(super) category: String,
    /// The code of the grid, or of the division where there is none.
    pub(super) place: String,
    /// `routed`, `accepted`, …
    pub(super) status: String,
    /// The kind of the status' badge.
    pub(super) level: &'static str,
    /// `urgent`, `emergency`; empty for what is not pressing.
    pub(super) pressing: String,
    /// The deadline that runs, in UTC milliseconds, if one does.
    pub(super) due: Option<i64>,
    /// Whether a deadline passed unmet.
    pub(super) overdue: bool,
    pub(super) created_at: i64,
}

impl Task {
    /// As a service answers it.
    pub(super) fn of(order: &WorkOrder) -> Self {
        use WorkOrderStatus as S;
        let (level, due) = match order.status() {
            S::Routed => ("info", Some(order.accept_due)),
            S::Accepted | S::Arrived | S::Split => ("plain", Some(order.due)),
            S::Returned => ("warn", Some(order.due)),
            S::Handled => ("info", None),
            S::Verified | S::Closed => ("ok", None),
            S::Unspecified | S::Suspended | S::Withdrawn => ("plain", None),
        };
        let place = if order.grid.is_empty() { &order.division } else { &order.grid };
        let pressing = ["urgent", "emergency"].contains(&order.urgency.as_str());
        Self {
            id: order.work_order_id.clone(),
            category: order.category.clone(),
            place: place.clone(),
            status: word(order.status().as_str_name(), "WORK_ORDER_STATUS_"),
            level,
            pressing: if pressing { order.urgency.clone() } else { String::new() },
            due: due.filter(|due| *due > 0),
            overdue: order.overdue,
            created_at: order.created_at,
        }
    }
}

/// The order above a form. A form is shown without it while the service is away; who may not see the
/// order is not shown the form either.
pub(super) async fn head(session: &StaffSession, order: &str) -> Result<Part<Task>, Problem> {
    let gateway = &session.visit.gateway;
    let request = GetWorkOrderRequest {
        work_order_id: order.to_owned(),
        min_position: session.visit.seen.clone(),
    };
    let answer = gateway.clients.dispatch(session.token()).get_work_order(request).await;
    let part = Part::of(answer)?;
    let part = part.map(|answer| Task::of(&answer.work_order.unwrap_or_default()));
    if let Part::Here(task) = &part {
        gateway.names.learn_places(gateway, [task.place.as_str()]).await;
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_shows_the_deadline_that_runs() {
        let order = |status: WorkOrderStatus| WorkOrder {
            status: status.into(),
            accept_due: 5,
            due: 9,
            division: "620821101203".into(),
            ..WorkOrder::default()
        };
        assert_eq!(Task::of(&order(WorkOrderStatus::Routed)).due, Some(5));
        assert_eq!(Task::of(&order(WorkOrderStatus::Accepted)).due, Some(9));
        assert_eq!(Task::of(&order(WorkOrderStatus::Handled)).due, None);
        let task = Task::of(&order(WorkOrderStatus::Handled));
        assert_eq!((task.status.as_str(), task.place.as_str()), ("handled", "620821101203"));
    }
}
