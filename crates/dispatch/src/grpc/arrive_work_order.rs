//! `ArriveWorkOrder`: the handler is on site (到场).

use api::dispatch::v1::{ArriveWorkOrderRequest, ArriveWorkOrderResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::domain::work_order::Line;

impl Dispatch {
    pub(super) async fn arrive_work_order(
        &self,
        request: Request<ArriveWorkOrderRequest>,
    ) -> Result<ArriveWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let v = Violations::new();
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            Some(String::new()),
        )?;
        let (version, position) = self
            .ask(&call, "ArriveWorkOrder", &message, asked, move |by, _| {
                Line::ArriveWorkOrder(by).into()
            })
            .await?;
        Ok(ArriveWorkOrderResponse { version, position })
    }
}
