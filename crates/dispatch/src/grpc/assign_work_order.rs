//! `AssignWorkOrder`: an operator or supervisor gives the order to somebody.

use api::dispatch::v1::{self as proto, AssignWorkOrderRequest, AssignWorkOrderResponse};
use contracts::dispatch::Assignee;
use kernel::id::WorkOrderId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Dispatch;
use crate::domain::work_order::Line;

impl Dispatch {
    pub(super) async fn assign_work_order(
        &self,
        request: Request<AssignWorkOrderRequest>,
    ) -> Result<AssignWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        let assignee = self.assignee(&mut v, "assignee", message.assignee.as_ref());
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "AssignWorkOrder", &message);
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, move |by| {
                Line::AssignWorkOrder(by, assignee.clone()).into()
            })
            .await?;
        Ok(AssignWorkOrderResponse { version, position })
    }

    /// Somebody must be named, and an organisation must be one that takes orders.
    pub(super) fn assignee(
        &self,
        v: &mut Violations,
        field: &str,
        named: Option<&proto::Assignee>,
    ) -> Assignee {
        let nobody = proto::Assignee::default();
        let named = named.unwrap_or(&nobody);
        if *named == nobody {
            v.push(field, "name an organisation, a person, or both", "请填写承办单位或承办人");
        }
        let body = format!("{field}.organisation_id");
        let organisation = v.parse_optional(&body, &named.organisation_id);
        if organisation.as_ref().is_some_and(|id| !self.facts.takes_orders(id)) {
            v.push(
                &body,
                "no such organisation takes orders: choose one of the register",
                "没有这个承办单位，请从名册中选择",
            );
        }
        let person = v.parse_optional(&format!("{field}.person_id"), &named.person_id);
        Assignee { organisation, person }
    }
}
