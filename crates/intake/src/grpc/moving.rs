//! `TransferCase`, `WithdrawCase` and `SetConfidential`: a case leaves the place or the sight that it had.

use api::intake::v1::{
    SetConfidentialRequest, SetConfidentialResponse, TransferCaseRequest, TransferCaseResponse,
    WithdrawCaseRequest, WithdrawCaseResponse,
};
use kernel::{Division, id::CaseId};
use platform::{
    executor::ExecuteError,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{Command, Rater, Rejection, TransferCase};

pub(super) async fn transfer_case(
    intake: &Intake,
    request: Request<TransferCaseRequest>,
) -> Result<TransferCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let to = v.parse::<Division>("to_division", &message.to_division);
    if to.is_some_and(|to| intake.places.of_division(to).is_none()) {
        v.push(
            "to_division",
            "this is no division of this county: choose one that is; a matter of another county is \
             refused with the name of who is in charge there",
            "这不是本县的区划，请重新选择；属于外县的事项请不予受理，并告知主管单位",
        );
    }
    let reason = v.text("reason", &message.reason, intake.config.max_explanation_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(to), Some(reason)) = (request_id, case, to, reason)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "TransferCase", &message);
    let reason = intake.seal(&report.texts_owner(), &request, "text", &reason).await?;
    let by = call.principal.person.clone();
    let successor = CaseId::new(to, request.key("successor"));
    let successor_case_id = successor.to_string();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            let (by, successor, reason) = (by.clone(), successor.clone(), reason.clone());
            Command::TransferCase(TransferCase { at: now, by, to, successor, reason })
        })
        .await?;
    Ok(TransferCaseResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        successor_case_id,
    })
}

pub(super) async fn withdraw_case(
    intake: &Intake,
    request: Request<WithdrawCaseRequest>,
) -> Result<WithdrawCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let reason = v.text("reason", &message.reason, intake.config.max_explanation_chars);
    let case = if message.tracking_code.is_empty() {
        v.parse::<CaseId>("case_id", &message.case_id)
    } else {
        None
    };
    v.finish()?;
    let (Some(request_id), Some(reason)) = (request_id, reason) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let by = call.principal.person.clone();
    let (case, tracking) = intake.named(case, &message.tracking_code).await?;
    let report = match intake.found(&case).await? {
        Some(report) if report.rater(&by, tracking) == Some(Rater::Reporter) => report,
        // Nothing of a stranger's is sealed under the reporter's key, and whether there is such a case
        // is nobody else's to learn.
        Some(_) | None => return Err(ExecuteError::Rejected(Rejection::NotTheReporter).into()),
    };
    let request = call.request(request_id, "WithdrawCase", &message);
    let reason = intake.seal(&report.texts_owner(), &request, "text", &reason).await?;
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::WithdrawCase {
            at: now,
            by: by.clone(),
            tracking,
            reason: reason.clone(),
        })
        .await?;
    Ok(WithdrawCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

pub(super) async fn set_confidential(
    intake: &Intake,
    request: Request<SetConfidentialRequest>,
) -> Result<SetConfidentialResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    v.finish()?;
    let (Some(request_id), Some(case)) = (request_id, case) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    intake.report_for_reporter_or_desk(&call.principal, &case).await?;
    let request = call.request(request_id, "SetConfidential", &message);
    let by = call.principal.person.clone();
    let confidential = message.confidential;
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::SetConfidential {
            at: now,
            by: by.clone(),
            confidential,
        })
        .await?;
    Ok(SetConfidentialResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}
