//! What an event changes.

use contracts::dispatch::{
    ChildOutcome, ChildWorkOrderEnded, DeadlineKind, ParentPolicy, RemindedBy, WorkOrderEvent,
    WorkOrderRouted, WorkOrderSplit,
};
use kernel::Timestamp;

use super::{Assistant, Order, Part, Status, Suspension, Withdrawal};

impl Order {
    /// The order after an event of it. Total: whatever comes can be applied.
    pub(in super::super) fn after(mut self, event: &WorkOrderEvent) -> Self {
        use WorkOrderEvent as E;
        self.version += 1;
        match event {
            E::WorkOrderCreated(_) => {}
            E::WorkOrderRouted(routed) => self.goes_to(routed),
            E::WorkOrderAccepted(accepted) => {
                self.status = Status::Accepted;
                self.acceptor = Some(accepted.by.clone());
            }
            E::WorkOrderArrived(_) => self.status = Status::Arrived,
            E::WorkOrderReturned(returned) => {
                self.status = Status::Returned;
                self.returned.push(self.assignee.clone());
                self.returned_by = Some(returned.by.clone());
                self.accepted_before = self.acceptor.take();
                self.forgets_requests();
            }
            // Where it goes is told by the routing that follows.
            E::ReturnUpheld(_) => {}
            E::ReturnRejected(rejected) => {
                self.acceptor.clone_from(&rejected.acceptor);
                self.status =
                    if self.acceptor.is_some() { Status::Accepted } else { Status::Routed };
            }
            E::FeedbackSubmitted(feedback) => {
                self.status = Status::Handled;
                self.handler = Some(feedback.by.clone());
                self.result = feedback.result;
                self.forgets_requests();
            }
            E::WorkOrderVerified(verified) => {
                self.status = Status::Verified;
                self.verifier = Some(verified.by.clone());
                self.found_true = verified.found_true;
            }
            E::WorkOrderSentBack(_) => self.status = Status::Accepted,
            E::WorkOrderClosed(_) => self.status = Status::Closed,
            E::WorkOrderOverdue(overdue) => self.rung.push(overdue.deadline),
            E::WorkOrderAtRisk(_) => self.plan.at_risk_rang = true,
            E::DeadlineReplanned(replanned) => self.replan(replanned),
            E::ExtensionRequested(requested) => self.extension_asked = Some(requested.limit),
            E::ExtensionGranted(granted) => {
                self.extension_asked = None;
                self.extensions = granted.number;
                self.is_due(granted.due, granted.occurred_at);
            }
            E::ExtensionRefused(_) => self.extension_asked = None,
            E::SuspensionRequested(requested) => self.suspension_asked = Some(requested.reason),
            E::SuspensionRefused(_) => self.suspension_asked = None,
            E::WorkOrderSuspended(suspended) => {
                let from = self.status;
                let (reason, since) = (suspended.reason, suspended.occurred_at);
                self.suspension = Some(Suspension { reason, since, from });
                self.suspension_asked = None;
                self.status = Status::Suspended;
            }
            E::WorkOrderResumed(resumed) => {
                self.status = self.suspension.take().map_or(self.status, |it| it.from);
                self.accept_due = resumed.accept_due;
                self.is_due(resumed.due, resumed.occurred_at);
            }
            E::WorkOrderEscalated(escalated) => {
                self.climbed = self.climbed.max(Some(escalated.to));
                self.climbs.extend(escalated.stage.map(|stage| (stage, escalated.to)));
            }
            E::WorkOrderReminded(reminded) => {
                self.reminders = reminded.number;
                if reminded.reminded_by == RemindedBy::Reporter {
                    self.reporter_reminded = Some(reminded.occurred_at);
                }
            }
            E::WorkOrderAssisted(assisted) => {
                self.assistants.extend(assisted.assistants.iter().map(|organisation| Assistant {
                    organisation: organisation.clone(),
                    submitted_by: None,
                }));
            }
            E::AssistanceSubmitted(submitted) => {
                for assistant in &mut self.assistants {
                    if assistant.organisation == submitted.organisation {
                        assistant.submitted_by = Some(submitted.by.clone());
                    }
                }
            }
            E::WorkOrderSplit(split) => self.splits(split),
            E::ChildWorkOrderEnded(ended) => self.loses_part(ended),
            E::WorkOrderWithdrawn(withdrawn) => {
                self.withdrawal = Some(Withdrawal {
                    reason: withdrawn.reason,
                    from: self.status,
                    children: withdrawn.children.clone(),
                });
                self.status = Status::Withdrawn;
            }
            E::WorkOrderReinstated(_) => {
                self.status = self.withdrawal.take().map_or(self.status, |it| it.from);
            }
            E::WorkOrderCalledBack(called) => self.called_back |= called.reached,
        }
        self
    }

    fn goes_to(&mut self, routed: &WorkOrderRouted) {
        self.status = Status::Routed;
        self.assignee = routed.assignee.clone();
        self.acceptor = None;
        self.forgets_requests();
    }

    /// What an assignee asked for ends with the assignment.
    fn forgets_requests(&mut self) {
        self.extension_asked = None;
        self.suspension_asked = None;
    }

    /// A clock that has rung rings again only where its time lies ahead once more.
    fn is_due(&mut self, due: Timestamp, at: Timestamp) {
        self.due = due;
        if due > at {
            self.rung.retain(|clock| *clock != DeadlineKind::Handling);
        }
        if self.threefold_due() > at {
            self.rung.retain(|clock| *clock != DeadlineKind::HandlingThreefold);
        }
        if self.at_risk() > at {
            self.plan.at_risk_rang = false;
        }
    }

    fn splits(&mut self, split: &WorkOrderSplit) {
        self.policy = split.policy;
        self.children = split
            .children
            .iter()
            .map(|child| Part {
                id: child.work_order.clone(),
                outcome: None,
                result: None,
                by: None,
            })
            .collect();
        if split.policy == ParentPolicy::ClosesWithChildren {
            self.status = Status::Split;
            self.forgets_requests();
        }
    }

    fn loses_part(&mut self, ended: &ChildWorkOrderEnded) {
        for part in self.children.iter_mut().filter(|part| part.id == ended.child) {
            part.outcome = Some(ended.outcome);
            part.result = ended.result.zip(ended.found_true);
            part.by.clone_from(&ended.by);
        }
        // Where nothing came of any part the whole is with its assignee again.
        let withdrawn = |part: &Part| part.outcome == Some(ChildOutcome::Withdrawn);
        if self.status == Status::Split && self.children.iter().all(withdrawn) {
            self.status = Status::Routed;
            self.acceptor = None;
            self.children.clear();
        }
    }
}
