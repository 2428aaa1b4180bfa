//! `RefuseCase`: an operator refuses a case and tells the reporter why.

use api::intake::v1::{RefuseCaseRequest, RefuseCaseResponse};
use contracts::intake::RefusalReason;
use kernel::id::CaseId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::Command;

pub(super) async fn refuse_case(
    intake: &Intake,
    request: Request<RefuseCaseRequest>,
) -> Result<RefuseCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let reason = api::word::<RefusalReason>(message.reason().as_str_name(), "REFUSAL_REASON_");
    let reason = facts::word(&mut v, "reason", reason);
    let explanation =
        v.text("explanation", &message.explanation, intake.config.max_explanation_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(reason), Some(explanation)) =
        (request_id, case, reason, explanation)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "RefuseCase", &message);
    let explanation = intake.seal(&report.texts_owner(), &request, "text", &explanation).await?;
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::RefuseCase {
            at: now,
            by: by.clone(),
            reason,
            explanation: explanation.clone(),
        })
        .await?;
    Ok(RefuseCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
