//! A returned order is routed again, past whoever returned it.

use contracts::dispatch::WorkOrderEvent;
use kernel::{DecodeError, StoredEvent as _, id::WorkOrderId};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::{behind, database, target, unknown};
use crate::{
    domain::work_order::{Command, Status, WorkOrder},
    facts::Facts,
};

/// The process.
pub struct RouteReturnedOrders {
    /// What routing decides from.
    pub facts: Facts,
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// The order that an event of the log gives back, if it does.
fn returned(event: &Recorded) -> Result<Option<WorkOrderId>, DecodeError> {
    if event.category() != WorkOrderEvent::CATEGORY {
        return Ok(None);
    }
    Ok(match WorkOrderEvent::decode(&event.ce_type, &event.payload)? {
        WorkOrderEvent::WorkOrderReturned(returned) => Some(returned.work_order),
        WorkOrderEvent::WorkOrderCreated(_)
        | WorkOrderEvent::WorkOrderRouted(_)
        | WorkOrderEvent::WorkOrderAccepted(_)
        | WorkOrderEvent::FeedbackSubmitted(_)
        | WorkOrderEvent::WorkOrderVerified(_)
        | WorkOrderEvent::WorkOrderSentBack(_)
        | WorkOrderEvent::WorkOrderClosed(_)
        | WorkOrderEvent::WorkOrderOverdue(_)
        | WorkOrderEvent::WorkOrderAtRisk(_)
        | WorkOrderEvent::DeadlineReplanned(_) => None,
    })
}

impl Process for RouteReturnedOrders {
    const NAME: &'static str = "dispatch.route_returned_orders";
    const START: Start = Start::Beginning;
    type Command = WorkOrderId;

    fn react(&self, event: &Recorded) -> Result<Vec<WorkOrderId>, DecodeError> {
        Ok(returned(event)?.into_iter().collect())
    }

    async fn carry_out(&self, id: WorkOrderId, cause: &Cause) -> Result<(), CarryOutError> {
        self.facts.reach(cause.sequence).await.map_err(|error| behind(&error))?;
        let target = target(&id, false);
        let (state, _version) = self.executor.load(&target.subject).await?;
        // Somebody may have given it to somebody meanwhile.
        let Some(order) = state.order.filter(|order| order.status == Status::Returned) else {
            return Ok(());
        };
        let category =
            self.facts.category(&order.category).ok_or_else(|| unknown(&order.category))?;
        let routing =
            self.facts.route(order.matter(&category)).await.map_err(|error| database(&error))?;
        let make = move |now| Command::RouteAgain { at: now, routing: routing.clone() };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}
