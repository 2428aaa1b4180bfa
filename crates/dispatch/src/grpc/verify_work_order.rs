//! `VerifyWorkOrder`: somebody other than the handler looks at what was done (核查).

use api::dispatch::v1::{VerifyWorkOrderRequest, VerifyWorkOrderResponse};
use contracts::grid::MemberDuty;
use kernel::id::WorkOrderId;
use platform::{
    auth::{Principal, Scope},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Dispatch, command::is_grid_member};
use crate::{
    domain::{caller::Capacity, work_order::Line},
    projections::routing_members,
};

const TEXT_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn verify_work_order(
        &self,
        request: Request<VerifyWorkOrderRequest>,
    ) -> Result<VerifyWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        let text = if message.passed {
            v.text("text", &message.text, TEXT_CHARS)
        } else {
            v.required_text("text", &message.text, TEXT_CHARS)
        };
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "VerifyWorkOrder", &message);
        let text = self.seal(&call, &id, &request, "text", text).await?;
        let capacity = self.capacity(&call.principal);
        let (passed, found_true) = (message.passed, message.found_true);
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, move |by| {
                let text = text.clone();
                Line::VerifyWorkOrder { by, capacity, passed, found_true, text }.into()
            })
            .await?;
        Ok(VerifyWorkOrderResponse { version, position })
    }

    fn capacity(&self, principal: &Principal) -> Capacity {
        if !is_grid_member(principal) {
            return Capacity::Office;
        }
        let duty = match &principal.scope {
            Scope::Grid(grid) => {
                routing_members::duty(&self.facts.members, *grid, &principal.person)
            }
            Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => None,
        };
        if duty == Some(MemberDuty::Chief) { Capacity::GridChief } else { Capacity::GridMember }
    }
}
