//! `ReopenCase`: the reporter or the desk takes up a resolved case again.

use api::intake::v1::{ReopenCaseRequest, ReopenCaseResponse};
use contracts::intake::CaseEvent;
use kernel::id::CaseId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{Command, ReopenCase};

pub(super) async fn reopen_case(
    intake: &Intake,
    request: Request<ReopenCaseRequest>,
) -> Result<ReopenCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let text = v.required_text("text", &message.text, intake.config.max_reopening_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(text)) = (request_id, case, text) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_for_reporter_or_desk(&call.principal, &case).await?;
    let request = call.request(request_id, "ReopenCase", &message);
    let sealed = intake.seal(&report.texts_owner(), &request, "text", &text).await?;
    let Some(reason) = sealed else { unreachable!("an empty text was refused before") };
    let by = call.principal.person.clone();
    let window_ms = intake.config.reopen_window_ms();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            Command::ReopenCase(ReopenCase {
                at: now,
                by: by.clone(),
                reason: reason.clone(),
                window_ms,
            })
        })
        .await?;
    let round = outcome.events.iter().find_map(|event| match event {
        CaseEvent::CaseReopened(event) => Some(event.round),
        CaseEvent::CaseReported(_)
        | CaseEvent::InformationAdded(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => None,
    });
    Ok(ReopenCaseResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        round: round.unwrap_or_default(),
    })
}
