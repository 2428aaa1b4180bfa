//! How rows and events are shown to callers.

use api::{
    common::v1::TimelineEntry,
    dispatch::v1::{Assignee, WorkOrder, WorkOrderStatus},
};
use contracts::dispatch::{Tier, WorkOrderEvent};
use kernel::id::MediaId;
use platform::log::Recorded;

use crate::projections::work_orders::WorkOrderRow;

/// An order as its row has it.
pub(super) fn work_order(id: String, row: WorkOrderRow) -> WorkOrder {
    let status = api::name(&row.status, "WORK_ORDER_STATUS_");
    let status = WorkOrderStatus::from_str_name(&status).unwrap_or_default();
    WorkOrder {
        work_order_id: id,
        case_id: row.case_id,
        status: status.into(),
        category: row.category,
        division: row.division,
        grid: row.grid,
        assignee: Some(Assignee { organisation_id: row.org, person_id: row.assignee }),
        created_at: row.created_at,
        accept_due: row.accept_due,
        due: row.due,
        overdue: row.overdue != 0,
        limit: row.time_limit,
        urgency: row.urgency,
        handler_id: row.handler,
        version: u64::try_from(row.version).unwrap_or_default(),
        updated_at: row.updated_at,
        routing_rule: row.routing_rule,
        round: number(row.round),
        parent_id: row.parent,
        children: number(row.children),
        children_open: number(row.children_open),
        assistant_ids: row
            .assistants
            .split(',')
            .filter(|id| !id.is_empty())
            .map(ToOwned::to_owned)
            .collect(),
        tier: tier(row.tier).to_string(),
        returns: number(row.returns),
        extensions: number(row.extensions),
        reminders: number(row.reminders),
        asks: row.asks,
        origin: row.origin,
    }
}

fn number(count: i64) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

/// The tier of a rung of the ladder.
const fn tier(rung: i64) -> Tier {
    match rung {
        ..=0 => Tier::Village,
        1 => Tier::Township,
        2 => Tier::County,
        3.. => Tier::Prefecture,
    }
}

/// An assignee as events have it.
pub(super) fn assignee(assignee: &contracts::dispatch::Assignee) -> Assignee {
    Assignee {
        organisation_id: assignee
            .organisation
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        person_id: assignee.person.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// An entry of the history, without what was typed or photographed.
pub(super) fn entry(recorded: &Recorded) -> TimelineEntry {
    let actor = &recorded.meta.actor;
    TimelineEntry {
        event: recorded.ce_type.split('.').nth(2).unwrap_or_default().to_owned(),
        occurred_at: recorded.meta.occurred_at.0,
        actor: actor.split_once(':').map_or(actor.as_str(), |(_, who)| who).to_owned(),
        sequence: recorded.meta.sequence,
        ..TimelineEntry::default()
    }
}

/// The photos that came with an event: of what was before, and of what is now.
pub(super) fn photos_of(event: &WorkOrderEvent) -> (Vec<String>, Vec<String>) {
    use WorkOrderEvent as E;
    let shown = |photos: &[MediaId]| photos.iter().map(ToString::to_string).collect();
    match event {
        E::FeedbackSubmitted(event) => (shown(&event.photos_before), shown(&event.photos_after)),
        E::AssistanceSubmitted(event) => (Vec::new(), shown(&event.photos)),
        E::WorkOrderCreated(_)
        | E::WorkOrderRouted(_)
        | E::WorkOrderAccepted(_)
        | E::WorkOrderReturned(_)
        | E::WorkOrderVerified(_)
        | E::WorkOrderSentBack(_)
        | E::WorkOrderClosed(_)
        | E::WorkOrderOverdue(_)
        | E::WorkOrderAtRisk(_)
        | E::DeadlineReplanned(_)
        | E::WorkOrderArrived(_)
        | E::ReturnUpheld(_)
        | E::ReturnRejected(_)
        | E::ExtensionRequested(_)
        | E::ExtensionGranted(_)
        | E::ExtensionRefused(_)
        | E::SuspensionRequested(_)
        | E::SuspensionRefused(_)
        | E::WorkOrderSuspended(_)
        | E::WorkOrderResumed(_)
        | E::WorkOrderEscalated(_)
        | E::WorkOrderReminded(_)
        | E::WorkOrderAssisted(_)
        | E::WorkOrderSplit(_)
        | E::ChildWorkOrderEnded(_)
        | E::WorkOrderWithdrawn(_)
        | E::WorkOrderReinstated(_)
        | E::WorkOrderCalledBack(_) => (Vec::new(), Vec::new()),
    }
}
