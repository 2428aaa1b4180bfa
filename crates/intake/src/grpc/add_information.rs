//! `AddInformation`: the reporter or the desk adds to a case.

use api::intake::v1::{AddInformationRequest, AddInformationResponse};
use kernel::id::{CaseId, RecordId};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::Command;

pub(super) async fn add_information(
    intake: &Intake,
    request: Request<AddInformationRequest>,
) -> Result<AddInformationResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let max_chars = intake.config.max_information_chars;
    let text = if message.photos.is_empty() {
        v.required_text("text", &message.text, max_chars)
    } else {
        v.text("text", &message.text, max_chars)
    };
    let photos = v.parse_each("photos", &message.photos, intake.config.max_photos);
    v.finish()?;
    let (Some(request_id), Some(case), Some(text), Some(photos)) = (request_id, case, text, photos)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_for_reporter_or_desk(&call.principal, &case).await?;
    let request = call.request(request_id, "AddInformation", &message);
    // Sealed also where it is empty, so that the record which the event names is there.
    let record = RecordId::new(intake.context.county, request.record("text"));
    intake.context.vault.seal(&report.texts_owner(), &record, text.as_bytes()).await?;
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::AddInformation {
            at: now,
            by: by.clone(),
            text: record.clone(),
            photos: photos.clone(),
        })
        .await?;
    Ok(AddInformationResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
