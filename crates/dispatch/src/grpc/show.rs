//! How rows and events are shown to callers.

use api::{
    common::v1::TimelineEntry,
    dispatch::v1::{Assignee, WorkOrder, WorkOrderStatus},
};
use contracts::dispatch::WorkOrderEvent;
use kernel::id::{MediaId, RecordId};
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
        round: u32::try_from(row.round).unwrap_or_default(),
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
        E::WorkOrderCreated(_)
        | E::WorkOrderRouted(_)
        | E::WorkOrderAccepted(_)
        | E::WorkOrderReturned(_)
        | E::WorkOrderVerified(_)
        | E::WorkOrderSentBack(_)
        | E::WorkOrderClosed(_)
        | E::WorkOrderOverdue(_)
        | E::WorkOrderAtRisk(_)
        | E::DeadlineReplanned(_) => (Vec::new(), Vec::new()),
    }
}

/// The record of what was typed with an event.
pub(super) fn record_of(event: &WorkOrderEvent) -> Option<&RecordId> {
    use WorkOrderEvent as E;
    match event {
        E::WorkOrderReturned(event) => event.explanation.as_ref(),
        E::FeedbackSubmitted(event) => event.text.as_ref(),
        E::WorkOrderVerified(event) => event.text.as_ref(),
        E::WorkOrderSentBack(event) => event.text.as_ref(),
        E::WorkOrderCreated(_)
        | E::WorkOrderRouted(_)
        | E::WorkOrderAccepted(_)
        | E::WorkOrderClosed(_)
        | E::WorkOrderOverdue(_)
        | E::WorkOrderAtRisk(_)
        | E::DeadlineReplanned(_) => None,
    }
}
