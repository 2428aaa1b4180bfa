//! What the world is told of work orders: which organisation has one and how far it is, never who.

use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, OrganisationId, WorkOrderId},
    limit::Limit,
};

use crate::{
    codec::{event_set, payloads},
    dispatch::{
        self, DeadlineKind, HandlingResult, ReplanReason, ReturnReason, RoutingRule, Shortfall,
        SuspensionReason, Tier, WithdrawalReason,
    },
    intake::Urgency,
};

payloads! {
    /// An order exists for an accepted case. The clocks start here.
    pub struct WorkOrderCreated {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case that it serves.
        pub case: CaseId,
        /// The category by which it is handled.
        pub category: CategoryCode,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// How long handling may take.
        pub limit: Limit,
        /// By when it must be accepted.
        pub accept_due: Timestamp,
        /// By when it must be handled.
        pub due: Timestamp,
    }

    /// An order goes to somebody.
    pub struct WorkOrderRouted {
        /// The order.
        pub work_order: WorkOrderId,
        /// The organisation, if it goes to one.
        pub organisation: Option<OrganisationId>,
        /// By which rule.
        pub rule: RoutingRule,
        /// What was missing, where routing fell back.
        pub shortfall: Option<Shortfall>,
    }

    /// The assignee accepted (接单).
    pub struct WorkOrderAccepted {
        /// The order.
        pub work_order: WorkOrderId,
    }

    /// The assignee gave it back (退单).
    pub struct WorkOrderReturned {
        /// The order.
        pub work_order: WorkOrderId,
        /// Why.
        pub reason: ReturnReason,
    }

    /// The handler says that it was handled (反馈).
    pub struct FeedbackSubmitted {
        /// The order.
        pub work_order: WorkOrderId,
        /// What came out.
        pub result: HandlingResult,
    }

    /// Somebody other than the handler found it so (核查通过).
    pub struct WorkOrderVerified {
        /// The order.
        pub work_order: WorkOrderId,
        /// Whether the report itself was true (属实).
        pub found_true: bool,
    }

    /// The verifier found it not done: it goes back to the handler.
    pub struct WorkOrderSentBack {
        /// The order.
        pub work_order: WorkOrderId,
    }

    /// The order is closed (办结).
    pub struct WorkOrderClosed {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case that it served.
        pub case: CaseId,
        /// What came out.
        pub result: HandlingResult,
        /// Whether the report was true.
        pub found_true: bool,
    }

    /// A deadline passed unmet. Once for each clock of an order.
    pub struct WorkOrderOverdue {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which clock.
        pub deadline: DeadlineKind,
        /// When it was due.
        pub due: Timestamp,
    }

    /// The deadlines of an order moved, because the calendar or the category's limit changed.
    pub struct DeadlineReplanned {
        /// The order.
        pub work_order: WorkOrderId,
        /// Why.
        pub reason: ReplanReason,
        /// By when it must be accepted now.
        pub accept_due: Timestamp,
        /// By when it must be handled now.
        pub due: Timestamp,
    }

    /// There is more time to handle it (延期).
    pub struct ExtensionGranted {
        /// The order.
        pub work_order: WorkOrderId,
        /// By when it is to be handled now.
        pub due: Timestamp,
    }

    /// The clock stops (挂起).
    pub struct WorkOrderSuspended {
        /// The order.
        pub work_order: WorkOrderId,
        /// For which of the stated reasons.
        pub reason: SuspensionReason,
    }

    /// The clock runs again (恢复).
    pub struct WorkOrderResumed {
        /// The order.
        pub work_order: WorkOrderId,
        /// By when it must be accepted now.
        pub accept_due: Timestamp,
        /// By when it must be handled now.
        pub due: Timestamp,
    }

    /// The order climbs a tier (提级).
    pub struct WorkOrderEscalated {
        /// The order.
        pub work_order: WorkOrderId,
        /// Where it was.
        pub from: Tier,
        /// Where it is now.
        pub to: Tier,
    }

    /// The order ends without being done (撤回).
    pub struct WorkOrderWithdrawn {
        /// The order.
        pub work_order: WorkOrderId,
        /// Why.
        pub reason: WithdrawalReason,
    }

    /// The order is as it was before it was withdrawn.
    pub struct WorkOrderReinstated {
        /// The order.
        pub work_order: WorkOrderId,
    }
}

event_set! {
    /// What the world is told of a work order.
    "public.dispatch" "work_order"
    pub enum WorkOrderEvent {
        /// Created.
        WorkOrderCreated "work_order_created" 1 [];
        /// Routed.
        WorkOrderRouted "work_order_routed" 1 [];
        /// Accepted.
        WorkOrderAccepted "work_order_accepted" 1 [];
        /// Returned.
        WorkOrderReturned "work_order_returned" 1 [];
        /// Handled.
        FeedbackSubmitted "feedback_submitted" 1 [];
        /// Verified.
        WorkOrderVerified "work_order_verified" 1 [];
        /// Sent back.
        WorkOrderSentBack "work_order_sent_back" 1 [];
        /// Closed.
        WorkOrderClosed "work_order_closed" 1 [];
        /// Overdue.
        WorkOrderOverdue "work_order_overdue" 1 [];
        /// More time.
        ExtensionGranted "extension_granted" 1 [];
        /// The clock stopped.
        WorkOrderSuspended "work_order_suspended" 1 [];
        /// The clock runs again.
        WorkOrderResumed "work_order_resumed" 1 [];
        /// A tier higher.
        WorkOrderEscalated "work_order_escalated" 1 [];
        /// Withdrawn.
        WorkOrderWithdrawn "work_order_withdrawn" 1 [];
        /// As before the withdrawal.
        WorkOrderReinstated "work_order_reinstated" 1 [];
        /// Its deadlines moved.
        DeadlineReplanned "deadline_replanned" 1 [];
    }
}

/// What is public of what happened to an order. Whether anything of it may be told at all, its case
/// and category say; the outlet asks that first.
#[expect(clippy::too_many_lines, reason = "a table: an arm is an event")]
pub fn of_work_order(event: &dispatch::WorkOrderEvent) -> Option<WorkOrderEvent> {
    Some(match event {
        dispatch::WorkOrderEvent::WorkOrderCreated(event) => WorkOrderCreated {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            case: event.case.clone(),
            category: event.category.clone(),
            urgency: event.urgency,
            division: event.division,
            grid: event.grid,
            limit: event.limit,
            accept_due: event.accept_due,
            due: event.due,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderRouted(event) => WorkOrderRouted {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            organisation: event.assignee.organisation.clone(),
            rule: event.rule,
            shortfall: event.shortfall,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderAccepted(event) => WorkOrderAccepted {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderReturned(event) => WorkOrderReturned {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            reason: event.reason,
        }
        .into(),
        dispatch::WorkOrderEvent::FeedbackSubmitted(event) => FeedbackSubmitted {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            result: event.result,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderVerified(event) => WorkOrderVerified {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            found_true: event.found_true,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderSentBack(event) => WorkOrderSentBack {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderClosed(event) => WorkOrderClosed {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            case: event.case.clone(),
            result: event.result,
            found_true: event.found_true,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderOverdue(event) => WorkOrderOverdue {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            deadline: event.deadline,
            due: event.due,
        }
        .into(),
        dispatch::WorkOrderEvent::DeadlineReplanned(event) => DeadlineReplanned {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            reason: event.reason,
            accept_due: event.accept_due,
            due: event.due,
        }
        .into(),
        dispatch::WorkOrderEvent::ExtensionGranted(event) => ExtensionGranted {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            due: event.due,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderSuspended(event) => WorkOrderSuspended {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            reason: event.reason,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderResumed(event) => WorkOrderResumed {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            accept_due: event.accept_due,
            due: event.due,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderEscalated(event) => WorkOrderEscalated {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            from: event.from,
            to: event.to,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderWithdrawn(event) => WorkOrderWithdrawn {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
            reason: event.reason,
        }
        .into(),
        dispatch::WorkOrderEvent::WorkOrderReinstated(event) => WorkOrderReinstated {
            occurred_at: event.occurred_at,
            work_order: event.work_order.clone(),
        }
        .into(),
        // What bodies ask of each other, and who helps whom, is told by what comes of it.
        dispatch::WorkOrderEvent::WorkOrderArrived(_)
        | dispatch::WorkOrderEvent::ReturnUpheld(_)
        | dispatch::WorkOrderEvent::ReturnRejected(_)
        | dispatch::WorkOrderEvent::ExtensionRequested(_)
        | dispatch::WorkOrderEvent::ExtensionRefused(_)
        | dispatch::WorkOrderEvent::SuspensionRequested(_)
        | dispatch::WorkOrderEvent::SuspensionRefused(_)
        | dispatch::WorkOrderEvent::WorkOrderReminded(_)
        | dispatch::WorkOrderEvent::WorkOrderAssisted(_)
        | dispatch::WorkOrderEvent::AssistanceSubmitted(_)
        | dispatch::WorkOrderEvent::WorkOrderSplit(_)
        | dispatch::WorkOrderEvent::ChildWorkOrderEnded(_)
        | dispatch::WorkOrderEvent::WorkOrderCalledBack(_)
        // A warning to whoever handles it; the world is told when a deadline has passed.
        | dispatch::WorkOrderEvent::WorkOrderAtRisk(_) => return None,
    })
}
