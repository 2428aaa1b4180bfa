//! A returned order is routed again, past whoever returned it: where the configuration lets the rules
//! decide about returns. A part of a split order waits for the desk all the same.

use contracts::dispatch::WorkOrderEvent;
use kernel::{DecodeError, StoredEvent as _, id::WorkOrderId};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::{behind, database, target, unknown};
use crate::{
    domain::work_order::{Command, Line, Order, Status, WorkOrder},
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
    let event = WorkOrderEvent::decode(&event.ce_type, &event.payload)?;
    Ok(if let WorkOrderEvent::WorkOrderReturned(returned) = event {
        Some(returned.work_order)
    } else {
        None
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
        let waits = |order: &Order| order.status == Status::Returned && order.parent.is_none();
        let Some(order) = state.order.filter(waits) else {
            return Ok(());
        };
        let category =
            self.facts.category(&order.category).ok_or_else(|| unknown(&order.category))?;
        let routing =
            self.facts.route(order.matter(&category)).await.map_err(|error| database(&error))?;
        let make = move |now| Command::from(Line::RouteAgain { at: now, routing: routing.clone() });
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}
