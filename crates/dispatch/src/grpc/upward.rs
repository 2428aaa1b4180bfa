//! `EscalateWorkOrder` and `RemindWorkOrder`: up the tiers (提级), and where it stays (催办).

use api::dispatch::v1::{
    EscalateWorkOrderRequest, EscalateWorkOrderResponse, RemindWorkOrderRequest,
    RemindWorkOrderResponse,
};
use contracts::dispatch::RemindedBy;
use kernel::{
    Role,
    id::{CaseId, WorkOrderId},
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{
    Dispatch,
    command::{Asked, caller, no_such_order, out_of_scope},
};
use crate::{
    domain::work_order::Upward,
    projections::work_orders::{self, Filter, OrderBy, Sight},
};

const EXPLANATION_CHARS: usize = 1_000;

/// The most open orders that a case has.
const PARTS_AND_WHOLE: u32 = 32;

impl Dispatch {
    pub(super) async fn escalate_work_order(
        &self,
        request: Request<EscalateWorkOrderRequest>,
    ) -> Result<EscalateWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let desks = self.facts.desks(asked.id.division());
        let (version, position) = self
            .ask_saying(&call, "EscalateWorkOrder", &message, asked, move |by, why| {
                Upward::EscalateWorkOrder(by, desks.clone(), why).into()
            })
            .await?;
        Ok(EscalateWorkOrderResponse { version, position })
    }

    pub(super) async fn remind_work_order(
        &self,
        request: Request<RemindWorkOrderRequest>,
    ) -> Result<RemindWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.text("explanation", &message.explanation, EXPLANATION_CHARS);
        let order = if message.case_id.is_empty() {
            message.work_order_id.clone()
        } else {
            match v.parse::<CaseId>("case_id", &message.case_id) {
                Some(case) => self.order_of(&call, &case).await?.to_string(),
                None => String::new(),
            }
        };
        let asked = Asked::of(v, &message.request_id, &order, message.expected_version, text)?;
        let reminded_by = match call.principal.role {
            Role::Operator | Role::Supervisor => RemindedBy::Desk,
            Role::Resident
            | Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Integrator
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator => RemindedBy::Reporter,
        };
        let (version, position) = self
            .ask(&call, "RemindWorkOrder", &message, asked, move |by, why| {
                Upward::RemindWorkOrder(by, reminded_by, why).into()
            })
            .await?;
        Ok(RemindWorkOrderResponse { version, position })
    }

    /// The open order of a case that the caller sees, or reported: who reported a case need not know
    /// its order.
    async fn order_of(&self, call: &Call, case: &CaseId) -> Result<WorkOrderId, ServiceError> {
        let sight = Sight::of(&call.principal, self.context.county);
        let case_id = Some(case.to_string());
        let filter = Filter { case_id, open: true, ..Filter::default() };
        let found = work_orders::page(
            &self.facts.orders,
            &sight,
            &filter,
            OrderBy::NewestFirst,
            None,
            PARTS_AND_WHOLE,
        )
        .await?;
        let whole = found.into_iter().find(|(_, row)| row.parent.is_empty());
        whole.and_then(|(id, _)| id.parse().ok()).ok_or_else(|| {
            let asking = caller(&call.principal);
            if asking.knows(case.division()) {
                no_such_order(&asking, &WorkOrderId::new(case.division(), case.key().clone()))
            } else {
                out_of_scope()
            }
        })
    }
}
