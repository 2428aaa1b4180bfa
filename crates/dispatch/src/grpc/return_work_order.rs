//! `ReturnWorkOrder`: the assignee gives the order back (退单).

use api::dispatch::v1::{ReturnWorkOrderRequest, ReturnWorkOrderResponse};
use contracts::dispatch::ReturnReason;
use kernel::id::WorkOrderId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Dispatch;
use crate::domain::work_order::Line;

const EXPLANATION_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn return_work_order(
        &self,
        request: Request<ReturnWorkOrderRequest>,
    ) -> Result<ReturnWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        let reason = api::word::<ReturnReason>(message.reason().as_str_name(), "RETURN_REASON_");
        let reason = v.required("reason", reason);
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let basis = v.text("basis", &message.basis, EXPLANATION_CHARS);
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(reason), Some(text), Some(basis))) =
            ((request_id, id), (reason, text, basis))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "ReturnWorkOrder", &message);
        let explanation = self.seal(&call, &id, &request, "text", text).await?;
        let basis = self.seal(&call, &id, &request, "basis", basis).await?;
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, move |by| {
                let (explanation, basis) = (explanation.clone(), basis.clone());
                Line::ReturnWorkOrder { by, reason, explanation, basis }.into()
            })
            .await?;
        Ok(ReturnWorkOrderResponse { version, position })
    }
}
