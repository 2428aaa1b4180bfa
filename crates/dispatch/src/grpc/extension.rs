//! `ExtendWorkOrder` and `DecideExtension`: more time (延期).

use api::dispatch::v1::{
    DecideExtensionRequest, DecideExtensionResponse, ExtendWorkOrderRequest,
    ExtendWorkOrderResponse,
};
use kernel::limit::Limit;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::domain::work_order::{Terms, Time};

const EXPLANATION_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn extend_work_order(
        &self,
        request: Request<ExtendWorkOrderRequest>,
    ) -> Result<ExtendWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let limit = v.parse::<Limit>("limit", &message.limit);
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let Some(limit) = limit else { unreachable!("checked above") };
        let rules = &self.facts.rules;
        let terms = Terms {
            max_times: rules.extension.max_times,
            longest: rules.extension.longest,
            calendar: self.facts.calendar(),
        };
        let (version, position) = self
            .ask_saying(&call, "ExtendWorkOrder", &message, asked, move |by, why| {
                Time::RequestExtension(by, limit, why, terms.clone()).into()
            })
            .await?;
        Ok(ExtendWorkOrderResponse { version, position })
    }

    pub(super) async fn decide_extension(
        &self,
        request: Request<DecideExtensionRequest>,
    ) -> Result<DecideExtensionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = if message.granted {
            v.text("explanation", &message.explanation, EXPLANATION_CHARS)
        } else {
            v.required_text("explanation", &message.explanation, EXPLANATION_CHARS)
        };
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let calendar = self.facts.calendar();
        let method = "DecideExtension";
        let (version, position) = if message.granted {
            self.ask(&call, method, &message, asked, move |by, _| {
                Time::GrantExtension(by, calendar.clone()).into()
            })
            .await?
        } else {
            self.ask_saying(&call, method, &message, asked, move |by, why| {
                Time::RefuseExtension(by, why).into()
            })
            .await?
        };
        Ok(DecideExtensionResponse { version, position })
    }
}
