//! `SubmitFeedback`: the handler says what was done (反馈).

use api::dispatch::v1::{SubmitFeedbackRequest, SubmitFeedbackResponse};
use contracts::dispatch::HandlingResult;
use kernel::id::WorkOrderId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Dispatch;
use crate::domain::work_order::Line;

const TEXT_CHARS: usize = 2_000;
const WHY_ALONE_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn submit_feedback(
        &self,
        request: Request<SubmitFeedbackRequest>,
    ) -> Result<SubmitFeedbackResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        let result = api::word(message.result().as_str_name(), "HANDLING_RESULT_");
        let result: Option<HandlingResult> = v.required("result", result);
        // What is solved may go without saying; what is not must be explained.
        let text = match result {
            Some(HandlingResult::Solved) | None => v.text("text", &message.text, TEXT_CHARS),
            Some(
                HandlingResult::PartlySolved | HandlingResult::NotSo | HandlingResult::CannotSolve,
            ) => v.required_text("text", &message.text, TEXT_CHARS),
        };
        let max_photos = self.facts.rules.max_photos;
        let before = v.parse_each("photos_before", &message.photos_before, max_photos);
        let after = v.parse_each("photos_after", &message.photos_after, max_photos);
        let alone = v.text("without_assistance", &message.without_assistance, WHY_ALONE_CHARS);
        v.finish()?;
        let (
            (Some(request_id), Some(id), Some(result)),
            (Some(text), Some(before), Some(after), Some(alone)),
        ) = ((request_id, id, result), (text, before, after, alone))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "SubmitFeedback", &message);
        let text = self.seal(&call, &id, &request, "text", text).await?;
        let alone = self.seal(&call, &id, &request, "without_assistance", alone).await?;
        let (version, position) = self
            .carry_out(&call, &id, message.expected_version, request, move |by| {
                let feedback = Line::SubmitFeedback {
                    by,
                    result,
                    text: text.clone(),
                    photos_before: before.clone(),
                    photos_after: after.clone(),
                    without_assistance: alone.clone(),
                };
                feedback.into()
            })
            .await?;
        Ok(SubmitFeedbackResponse { version, position })
    }
}
