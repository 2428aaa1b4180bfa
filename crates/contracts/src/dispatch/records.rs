//! What was typed with an event of an order.

use kernel::id::RecordId;

use super::WorkOrderEvent;

impl WorkOrderEvent {
    /// The sealed texts that came with it, in the order in which they are read.
    pub fn records(&self) -> Vec<&RecordId> {
        let (first, second) = match self {
            Self::WorkOrderCreated(event) => (event.instruction.as_ref(), None),
            Self::WorkOrderReturned(event) => (event.explanation.as_ref(), event.basis.as_ref()),
            Self::ReturnUpheld(event) => (event.explanation.as_ref(), None),
            Self::ReturnRejected(event) => (Some(&event.explanation), None),
            Self::FeedbackSubmitted(event) => {
                (event.text.as_ref(), event.without_assistance.as_ref())
            }
            Self::WorkOrderVerified(event) => (event.text.as_ref(), None),
            Self::WorkOrderSentBack(event) => (event.text.as_ref(), None),
            Self::ExtensionRequested(event) => (Some(&event.explanation), None),
            Self::ExtensionRefused(event) => (Some(&event.explanation), None),
            Self::SuspensionRequested(event) => (Some(&event.explanation), None),
            Self::SuspensionRefused(event) => (Some(&event.explanation), None),
            Self::WorkOrderSuspended(event) => (event.explanation.as_ref(), None),
            Self::WorkOrderEscalated(event) => (event.explanation.as_ref(), None),
            Self::WorkOrderReminded(event) => (event.explanation.as_ref(), None),
            Self::AssistanceSubmitted(event) => (event.text.as_ref(), None),
            Self::WorkOrderWithdrawn(event) => (event.explanation.as_ref(), None),
            Self::WorkOrderCalledBack(event) => (event.text.as_ref(), None),
            // What is to be done of each part is read with the part.
            Self::WorkOrderSplit(_)
            | Self::WorkOrderRouted(_)
            | Self::WorkOrderAccepted(_)
            | Self::WorkOrderArrived(_)
            | Self::WorkOrderClosed(_)
            | Self::WorkOrderOverdue(_)
            | Self::WorkOrderAtRisk(_)
            | Self::DeadlineReplanned(_)
            | Self::ExtensionGranted(_)
            | Self::WorkOrderResumed(_)
            | Self::WorkOrderAssisted(_)
            | Self::ChildWorkOrderEnded(_)
            | Self::WorkOrderReinstated(_) => (None, None),
        };
        first.into_iter().chain(second).collect()
    }
}
