//! `AssistWorkOrder` and `SubmitAssistance`: helpers beside the lead (协办).

use api::dispatch::v1::{
    AssistWorkOrderRequest, AssistWorkOrderResponse, SubmitAssistanceRequest,
    SubmitAssistanceResponse,
};
use contracts::dispatch::HandlingResult;
use kernel::id::OrganisationId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::domain::work_order::Parts;

/// The most helpers that one call names.
const MAX_ASSISTANTS: usize = 10;

const TEXT_CHARS: usize = 2_000;

impl Dispatch {
    pub(super) async fn assist_work_order(
        &self,
        request: Request<AssistWorkOrderRequest>,
    ) -> Result<AssistWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let ids = &message.organisation_ids;
        let assistants = v.parse_each::<OrganisationId>("organisation_ids", ids, MAX_ASSISTANTS);
        let unknown = |id: &OrganisationId| !self.facts.takes_orders(id);
        if ids.is_empty() {
            v.push("organisation_ids", "name at least one organisation", "请至少填写一个协办单位");
        } else if assistants.iter().flatten().any(unknown) {
            v.push(
                "organisation_ids",
                "no such organisation takes orders: choose from the register",
                "没有这个承办单位，请从名册中选择",
            );
        }
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            Some(String::new()),
        )?;
        let Some(assistants) = assistants else { unreachable!("checked above") };
        let (version, position) = self
            .ask(&call, "AssistWorkOrder", &message, asked, move |by, _| {
                Parts::AssistWorkOrder(by, assistants.clone()).into()
            })
            .await?;
        Ok(AssistWorkOrderResponse { version, position })
    }

    pub(super) async fn submit_assistance(
        &self,
        request: Request<SubmitAssistanceRequest>,
    ) -> Result<SubmitAssistanceResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let result = api::word(message.result().as_str_name(), "HANDLING_RESULT_");
        let result: Option<HandlingResult> = v.required("result", result);
        let text = match result {
            Some(HandlingResult::Solved) | None => v.text("text", &message.text, TEXT_CHARS),
            Some(
                HandlingResult::PartlySolved | HandlingResult::NotSo | HandlingResult::CannotSolve,
            ) => v.required_text("text", &message.text, TEXT_CHARS),
        };
        let photos = v.parse_each("photos", &message.photos, self.facts.rules.max_photos);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let (Some(result), Some(photos)) = (result, photos) else { unreachable!("checked above") };
        let (version, position) = self
            .ask(&call, "SubmitAssistance", &message, asked, move |by, text| {
                Parts::SubmitAssistance { by, result, text, photos: photos.clone() }.into()
            })
            .await?;
        Ok(SubmitAssistanceResponse { version, position })
    }
}
