//! What may be done with a case now, and how it is sent. Which buttons there are is a guess by the
//! role and the status that spares a refusal; what is allowed is for the services to say.

use api::{
    common::v1::Position,
    dispatch::v1::{
        AssignWorkOrderRequest, CloseWorkOrderRequest, VerifyWorkOrderRequest, WorkOrderStatus,
    },
    intake::v1::{
        AcceptCaseRequest, CaseStatus, RefusalReason, RefuseCaseRequest, ReopenCaseRequest,
    },
};
use kernel::Role;
use serde::Deserialize;
use tonic::Status;

use super::super::{choices::assignee_of, word};
use crate::{gateway::Gateway, session::StaffSession};

/// Something that the desk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Takes the case on.
    Accept,
    /// Tells the reporter why it is not taken on.
    Refuse,
    /// Gives the order to somebody, or to somebody else.
    Assign,
    /// Says whether it is done.
    Verify,
    /// Closes what was verified.
    Close,
    /// Takes a resolved case up again.
    Reopen,
}

/// What a form of this page carries; each action reads its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    pub(super) request_id: String,
    pub(super) order: String,
    pub(super) category: String,
    pub(super) grid: String,
    pub(super) reason: String,
    pub(super) text: String,
    pub(super) assignee: String,
    pub(super) passed: String,
    pub(super) found_true: String,
}

/// The reasons of a refusal, in the order in which they are offered.
const REFUSALS: [RefusalReason; 5] = [
    RefusalReason::OutOfRemit,
    RefusalReason::InOtherProcedure,
    RefusalReason::NotActionable,
    RefusalReason::AlreadyHandled,
    RefusalReason::Untrue,
];

/// Those reasons as forms carry them.
pub(super) fn refusals() -> Vec<String> {
    REFUSALS.map(refusal_word).to_vec()
}

fn refusal_word(reason: RefusalReason) -> String {
    word(reason.as_str_name(), "REFUSAL_REASON_")
}

/// What this role may do with a case and its order that stand so; the likeliest first.
pub(super) fn allowed(
    role: Role,
    case: Option<CaseStatus>,
    order: Option<WorkOrderStatus>,
) -> Vec<Action> {
    let desk = matches!(role, Role::Operator | Role::Supervisor);
    let verifies = desk || role == Role::Verifier;
    let mut actions = Vec::new();
    if desk && case == Some(CaseStatus::Reported) {
        actions.extend([Action::Accept, Action::Refuse]);
    }
    match order {
        Some(WorkOrderStatus::Routed | WorkOrderStatus::Accepted | WorkOrderStatus::Returned)
            if desk =>
        {
            actions.push(Action::Assign);
        }
        Some(WorkOrderStatus::Handled) if verifies => actions.push(Action::Verify),
        Some(WorkOrderStatus::Verified) if verifies => actions.push(Action::Close),
        Some(_) | None => {}
    }
    if desk && matches!(case, Some(CaseStatus::Resolved | CaseStatus::Rated)) {
        actions.push(Action::Reopen);
    }
    actions
}

impl Action {
    /// As addresses and catalogues name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Assign => "assign",
            Self::Verify => "verify",
            Self::Close => "close",
            Self::Reopen => "reopen",
        }
    }

    /// The action of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Accept, Self::Refuse, Self::Assign, Self::Verify, Self::Close, Self::Reopen]
            .into_iter()
            .find(|action| action.name() == name)
    }

    /// Sends it to the service that decides; the position at which it shows.
    pub(super) async fn send(
        self,
        gateway: &Gateway,
        session: &StaffSession,
        case: &str,
        sent: &Sent,
    ) -> Result<Option<Position>, Status> {
        let clients = &gateway.clients;
        let mut intake = clients.intake(session.token());
        let mut dispatch = clients.dispatch(session.token());
        let (request_id, case_id) = (sent.request_id.clone(), case.to_owned());
        let (work_order_id, text) = (sent.order.clone(), sent.text.clone());
        Ok(match self {
            Self::Accept => {
                let (category, grid) = (sent.category.clone(), sent.grid.clone());
                let request = AcceptCaseRequest { request_id, case_id, category, grid };
                intake.accept_case(request).await?.into_inner().position
            }
            Self::Refuse => {
                let named = |reason: &RefusalReason| refusal_word(*reason) == sent.reason;
                let reason = REFUSALS.into_iter().find(named).unwrap_or_default().into();
                let request = RefuseCaseRequest { request_id, case_id, reason, explanation: text };
                intake.refuse_case(request).await?.into_inner().position
            }
            Self::Assign => {
                let assignee = Some(assignee_of(&sent.assignee));
                let request = AssignWorkOrderRequest {
                    request_id,
                    work_order_id,
                    assignee,
                    ..AssignWorkOrderRequest::default()
                };
                dispatch.assign_work_order(request).await?.into_inner().position
            }
            Self::Verify => {
                let request = VerifyWorkOrderRequest {
                    request_id,
                    work_order_id,
                    passed: sent.passed == "yes",
                    found_true: sent.found_true == "yes",
                    text,
                    ..VerifyWorkOrderRequest::default()
                };
                dispatch.verify_work_order(request).await?.into_inner().position
            }
            Self::Close => {
                let request = CloseWorkOrderRequest {
                    request_id,
                    work_order_id,
                    ..CloseWorkOrderRequest::default()
                };
                dispatch.close_work_order(request).await?.into_inner().position
            }
            Self::Reopen => {
                let request = ReopenCaseRequest { request_id, case_id, text };
                intake.reopen_case(request).await?.into_inner().position
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_fits_the_role_and_the_status() {
        use {Action as A, CaseStatus as C, WorkOrderStatus as W};
        let of = |role, case, order| allowed(role, Some(case), order);
        assert_eq!(of(Role::Operator, C::Reported, None), [A::Accept, A::Refuse]);
        assert_eq!(of(Role::Operator, C::Accepted, Some(W::Returned)), [A::Assign]);
        assert_eq!(of(Role::Verifier, C::Accepted, Some(W::Returned)), []);
        assert_eq!(of(Role::Verifier, C::Accepted, Some(W::Handled)), [A::Verify]);
        assert_eq!(of(Role::Supervisor, C::Accepted, Some(W::Verified)), [A::Close]);
        assert_eq!(of(Role::Operator, C::Rated, Some(W::Closed)), [A::Reopen]);
        assert_eq!(of(Role::Administrator, C::Reported, None), []);
        assert_eq!(of(Role::Operator, C::Archived, Some(W::Closed)), []);
    }
}
