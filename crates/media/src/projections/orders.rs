//! The table `photo_orders`: who handles what. Keyed by the order's id.

use contracts::dispatch::WorkOrderEvent;
use kernel::{DecodeError, division::InvalidDivision};
use platform::{
    auth::Placement,
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// An order.
    pub struct OrderRow in "photo_orders" version 1 {
        /// The case that it serves.
        pub case_id: String,
        /// The code of the division where it is handled.
        pub division: String,
        /// The organisation to which it is assigned, or empty.
        pub org: String,
        /// The person to whom it is assigned, or empty.
        pub assignee: String,
    }
    indexes ["case_id"]
}

/// Folds orders.
pub struct Orders;

impl Projection for Orders {
    type Row = OrderRow;
    type Event = WorkOrderEvent;

    fn read(&self, event: &Recorded) -> Result<Option<WorkOrderEvent>, DecodeError> {
        super::read(WorkOrderEvent::CATEGORY, event)
    }

    fn keys(&self, event: &WorkOrderEvent) -> Vec<String> {
        let order = match event {
            WorkOrderEvent::WorkOrderCreated(event) => &event.work_order,
            WorkOrderEvent::WorkOrderRouted(event) => &event.work_order,
            WorkOrderEvent::WorkOrderAccepted(_)
            | WorkOrderEvent::WorkOrderReturned(_)
            | WorkOrderEvent::FeedbackSubmitted(_)
            | WorkOrderEvent::WorkOrderVerified(_)
            | WorkOrderEvent::WorkOrderSentBack(_)
            | WorkOrderEvent::WorkOrderClosed(_)
            | WorkOrderEvent::WorkOrderOverdue(_)
            | WorkOrderEvent::WorkOrderAtRisk(_)
            | WorkOrderEvent::DeadlineReplanned(_)
            | WorkOrderEvent::WorkOrderArrived(_)
            | WorkOrderEvent::ReturnUpheld(_)
            | WorkOrderEvent::ReturnRejected(_)
            | WorkOrderEvent::ExtensionRequested(_)
            | WorkOrderEvent::ExtensionGranted(_)
            | WorkOrderEvent::ExtensionRefused(_)
            | WorkOrderEvent::SuspensionRequested(_)
            | WorkOrderEvent::SuspensionRefused(_)
            | WorkOrderEvent::WorkOrderSuspended(_)
            | WorkOrderEvent::WorkOrderResumed(_)
            | WorkOrderEvent::WorkOrderEscalated(_)
            | WorkOrderEvent::WorkOrderReminded(_)
            | WorkOrderEvent::WorkOrderAssisted(_)
            | WorkOrderEvent::AssistanceSubmitted(_)
            | WorkOrderEvent::WorkOrderSplit(_)
            | WorkOrderEvent::ChildWorkOrderEnded(_)
            | WorkOrderEvent::WorkOrderWithdrawn(_)
            | WorkOrderEvent::WorkOrderReinstated(_)
            | WorkOrderEvent::WorkOrderCalledBack(_) => return Vec::new(),
        };
        vec![order.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<OrderRow>,
        event: &WorkOrderEvent,
        _recorded: &Recorded,
    ) -> Option<OrderRow> {
        let shown = |id: Option<String>| id.unwrap_or_default();
        match event {
            WorkOrderEvent::WorkOrderCreated(event) => Some(OrderRow {
                case_id: event.case.to_string(),
                division: event.division.to_string(),
                org: String::new(),
                assignee: String::new(),
            }),
            WorkOrderEvent::WorkOrderRouted(event) => Some(OrderRow {
                org: shown(event.assignee.organisation.as_ref().map(ToString::to_string)),
                assignee: shown(event.assignee.person.as_ref().map(ToString::to_string)),
                ..row?
            }),
            WorkOrderEvent::WorkOrderAccepted(_)
            | WorkOrderEvent::WorkOrderReturned(_)
            | WorkOrderEvent::FeedbackSubmitted(_)
            | WorkOrderEvent::WorkOrderVerified(_)
            | WorkOrderEvent::WorkOrderSentBack(_)
            | WorkOrderEvent::WorkOrderClosed(_)
            | WorkOrderEvent::WorkOrderOverdue(_)
            | WorkOrderEvent::WorkOrderAtRisk(_)
            | WorkOrderEvent::DeadlineReplanned(_)
            | WorkOrderEvent::WorkOrderArrived(_)
            | WorkOrderEvent::ReturnUpheld(_)
            | WorkOrderEvent::ReturnRejected(_)
            | WorkOrderEvent::ExtensionRequested(_)
            | WorkOrderEvent::ExtensionGranted(_)
            | WorkOrderEvent::ExtensionRefused(_)
            | WorkOrderEvent::SuspensionRequested(_)
            | WorkOrderEvent::SuspensionRefused(_)
            | WorkOrderEvent::WorkOrderSuspended(_)
            | WorkOrderEvent::WorkOrderResumed(_)
            | WorkOrderEvent::WorkOrderEscalated(_)
            | WorkOrderEvent::WorkOrderReminded(_)
            | WorkOrderEvent::WorkOrderAssisted(_)
            | WorkOrderEvent::AssistanceSubmitted(_)
            | WorkOrderEvent::WorkOrderSplit(_)
            | WorkOrderEvent::ChildWorkOrderEnded(_)
            | WorkOrderEvent::WorkOrderWithdrawn(_)
            | WorkOrderEvent::WorkOrderReinstated(_)
            | WorkOrderEvent::WorkOrderCalledBack(_) => row,
        }
    }
}

impl OrderRow {
    /// Where the order stands, as far as a scope asks.
    pub fn placement(&self) -> Result<Placement, InvalidDivision> {
        let (org, assignee) = (self.org.parse().ok(), self.assignee.parse().ok());
        Ok(Placement { org, assignee, ..Placement::of_division(self.division.parse()?) })
    }
}

/// All orders of a case.
pub async fn of_case(orders: &View<OrderRow>, case_id: &str) -> Result<Vec<OrderRow>, SqlError> {
    let statement = table::select::<OrderRow>().with(" WHERE case_id = ?", case_id);
    Ok(orders.fetch(statement).await?.into_iter().map(|(_, row)| row).collect())
}
