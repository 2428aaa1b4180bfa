//! `CloseWorkOrder`: a verified order is done with (办结).

use api::dispatch::v1::{CloseWorkOrderRequest, CloseWorkOrderResponse};
use kernel::id::WorkOrderId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Dispatch;
use crate::domain::work_order::Line;

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
        let request = call.request(request_id, "CloseWorkOrder", &message);
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, |by| {
                Line::CloseWorkOrder(by).into()
            })
            .await?;
        Ok(CloseWorkOrderResponse { version, position })
    }
}
