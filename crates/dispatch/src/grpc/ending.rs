//! `WithdrawWorkOrder`, `ReinstateWorkOrder` and `CallBackWorkOrder`: the end of an order, and after.

use api::dispatch::v1::{
    CallBackWorkOrderRequest, CallBackWorkOrderResponse, ReinstateWorkOrderRequest,
    ReinstateWorkOrderResponse, Said, WithdrawWorkOrderRequest, WithdrawWorkOrderResponse,
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::domain::work_order::{CallBack, Ending};

const EXPLANATION_CHARS: usize = 1_000;
const SAID_CHARS: usize = 2_000;

impl Dispatch {
    pub(super) async fn withdraw_work_order(
        &self,
        request: Request<WithdrawWorkOrderRequest>,
    ) -> Result<WithdrawWorkOrderResponse, ServiceError> {
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
            .ask_saying(&call, "WithdrawWorkOrder", &message, asked, move |by, why| {
                Ending::WithdrawWorkOrder(by, why).into()
            })
            .await?;
        Ok(WithdrawWorkOrderResponse { version, position })
    }

    pub(super) async fn reinstate_work_order(
        &self,
        request: Request<ReinstateWorkOrderRequest>,
    ) -> Result<ReinstateWorkOrderResponse, ServiceError> {
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
            .ask(&call, "ReinstateWorkOrder", &message, asked, move |by, _| {
                Ending::ReinstateWorkOrder(by).into()
            })
            .await?;
        Ok(ReinstateWorkOrderResponse { version, position })
    }

    pub(super) async fn call_back_work_order(
        &self,
        request: Request<CallBackWorkOrderRequest>,
    ) -> Result<CallBackWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.text("text", &message.text, SAID_CHARS);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let reached = message.reached;
        let (solved, satisfied) = (said(message.solved()), said(message.satisfied()));
        let (version, position) = self
            .ask(&call, "CallBackWorkOrder", &message, asked, move |by, text| {
                Ending::CallBackWorkOrder(by, CallBack { reached, solved, satisfied, text }).into()
            })
            .await?;
        Ok(CallBackWorkOrderResponse { version, position })
    }
}

const fn said(word: Said) -> Option<bool> {
    match word {
        Said::Unspecified => None,
        Said::Yes => Some(true),
        Said::No => Some(false),
    }
}
