//! `CloseWorkOrder`: a verified order is done with (办结).

use api::dispatch::v1::{CloseWorkOrderRequest, CloseWorkOrderResponse};
use kernel::id::WorkOrderId;
use platform::{
    executor::ExecuteError,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Dispatch;
use crate::domain::{refusal::Refusal, work_order::Line};

impl Dispatch {
    pub(super) async fn close_work_order(
        &self,
        request: Request<CloseWorkOrderRequest>,
    ) -> Result<CloseWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        // Of an incident it closes after the stand-down; only who sees the order is told.
        if self.facts.is_held(&id).await? {
            self.visible(&call, &id).await?;
            return Err(ExecuteError::Rejected(Refusal::IncidentOpen).into());
        }
        let request = call.request(request_id, "CloseWorkOrder", &message);
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, |by| {
                Line::CloseWorkOrder(by).into()
            })
            .await?;
        Ok(CloseWorkOrderResponse { version, position })
    }
}
