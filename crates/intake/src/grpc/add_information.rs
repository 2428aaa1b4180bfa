//! `AddInformation`: the reporter or the desk adds to a case.

use api::intake::v1::{AddInformationRequest, AddInformationResponse};
use kernel::{ErrorCode, id::CaseId};
use platform::{
    auth::Role,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{Command, Report};

pub(super) async fn add_information(
    intake: &Intake,
    request: Request<AddInformationRequest>,
) -> Result<AddInformationResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let text = v.required_text("text", &message.text, intake.config.max_information_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(text)) = (request_id, case, text) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_of(&case).await?;
    may_add(&call, &report)?;
    let request = call.request(request_id, "AddInformation", &message);
    let sealed = intake.seal(&report.texts_owner(), &request, "text", &text).await?;
    let Some(text) = sealed else { unreachable!("an empty text was refused before") };
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::AddInformation {
            at: now,
            by: by.clone(),
            text: text.clone(),
            photos: Vec::new(),
        })
        .await?;
    Ok(AddInformationResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

/// The reporter may, and the desk within its scope.
fn may_add(call: &Call, report: &Report) -> Result<(), ServiceError> {
    let caller = &call.principal;
    if caller.person == report.reporter {
        return Ok(());
    }
    match caller.role {
        Role::Operator | Role::Supervisor => caller.require(&report.placement()),
        Role::Resident
        | Role::GridMember
        | Role::DepartmentClerk
        | Role::Verifier
        | Role::Administrator
        | Role::Integrator => Err(ServiceError::new(
            ErrorCode::PermissionDenied,
            "NOT_THE_REPORTER",
            "only who reported this case and the desk can add to it: call the desk",
            "只有反映人本人和调度岗可以补充情况，请联系调度岗",
        )),
    }
}
