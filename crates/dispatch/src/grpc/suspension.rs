//! Time that stands still (挂起): asked for by the assignee, decided by the desk.

use api::dispatch::v1::{
    RefuseSuspensionRequest, RefuseSuspensionResponse, RequestSuspensionRequest,
    RequestSuspensionResponse, ResumeWorkOrderRequest, ResumeWorkOrderResponse,
    SuspendWorkOrderRequest, SuspendWorkOrderResponse,
};
use contracts::dispatch::SuspensionReason;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::domain::work_order::Time;

const EXPLANATION_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn request_suspension(
        &self,
        request: Request<RequestSuspensionRequest>,
    ) -> Result<RequestSuspensionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let reason = message.reason().as_str_name();
        let reason =
            v.required("reason", api::word::<SuspensionReason>(reason, "SUSPENSION_REASON_"));
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let Some(reason) = reason else { unreachable!("checked above") };
        let (version, position) = self
            .ask_saying(&call, "RequestSuspension", &message, asked, move |by, why| {
                Time::RequestSuspension(by, reason, why).into()
            })
            .await?;
        Ok(RequestSuspensionResponse { version, position })
    }

    pub(super) async fn refuse_suspension(
        &self,
        request: Request<RefuseSuspensionRequest>,
    ) -> Result<RefuseSuspensionResponse, ServiceError> {
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
        let (version, position) = self
            .ask_saying(&call, "RefuseSuspension", &message, asked, move |by, why| {
                Time::RefuseSuspension(by, why).into()
            })
            .await?;
        Ok(RefuseSuspensionResponse { version, position })
    }

    pub(super) async fn suspend_work_order(
        &self,
        request: Request<SuspendWorkOrderRequest>,
    ) -> Result<SuspendWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let reason = message.reason().as_str_name();
        let reason =
            v.required("reason", api::word::<SuspensionReason>(reason, "SUSPENSION_REASON_"));
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let Some(reason) = reason else { unreachable!("checked above") };
        let (version, position) = self
            .ask_saying(&call, "SuspendWorkOrder", &message, asked, move |by, why| {
                Time::SuspendWorkOrder(by, reason, why).into()
            })
            .await?;
        Ok(SuspendWorkOrderResponse { version, position })
    }

    pub(super) async fn resume_work_order(
        &self,
        request: Request<ResumeWorkOrderRequest>,
    ) -> Result<ResumeWorkOrderResponse, ServiceError> {
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
        let calendar = self.facts.calendar();
        let (version, position) = self
            .ask(&call, "ResumeWorkOrder", &message, asked, move |by, _| {
                Time::ResumeWorkOrder(by, calendar.clone()).into()
            })
            .await?;
        Ok(ResumeWorkOrderResponse { version, position })
    }
}
