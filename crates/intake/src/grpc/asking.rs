//! `RequestInformation` and `AnswerCase`: what passes between the desk and the reporter before there is
//! an order.

use api::intake::v1::{
    AnswerCaseRequest, AnswerCaseResponse, RequestInformationRequest, RequestInformationResponse,
};
use contracts::intake::CaseEvent;
use kernel::id::CaseId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::Command;

pub(super) async fn request_information(
    intake: &Intake,
    request: Request<RequestInformationRequest>,
) -> Result<RequestInformationResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let max_chars = intake.config.max_explanation_chars;
    let question = v.required_text("question", &message.question, max_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(question)) = (request_id, case, question) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "RequestInformation", &message);
    let sealed = intake.seal(&report.texts_owner(), &request, "text", &question).await?;
    let Some(question) = sealed else { unreachable!("an empty text was refused before") };
    let by = call.principal.person.clone();
    let window_ms = intake.config.answer_window_ms();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::RequestInformation {
            at: now,
            by: by.clone(),
            question: question.clone(),
            window_ms,
        })
        .await?;
    let due = outcome.events.iter().find_map(|event| {
        if let CaseEvent::InformationRequested(event) = event {
            Some(event.answer_due.0)
        } else {
            None
        }
    });
    Ok(RequestInformationResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        answer_due: due.unwrap_or_default(),
    })
}

pub(super) async fn answer_case(
    intake: &Intake,
    request: Request<AnswerCaseRequest>,
) -> Result<AnswerCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let answer = v.required_text("answer", &message.answer, intake.config.max_information_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(answer)) = (request_id, case, answer) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "AnswerCase", &message);
    let sealed = intake.seal(&report.texts_owner(), &request, "text", &answer).await?;
    let Some(answer) = sealed else { unreachable!("an empty text was refused before") };
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::AnswerCase {
            at: now,
            by: by.clone(),
            answer: answer.clone(),
        })
        .await?;
    Ok(AnswerCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
