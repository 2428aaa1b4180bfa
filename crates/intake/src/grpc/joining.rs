//! `JoinCase`, `MergeCases` and `UnmergeCase`: several reports of one matter.

use api::intake::v1::{
    FindSimilarCasesRequest, JoinCaseRequest, JoinCaseResponse, MergeCasesRequest,
    MergeCasesResponse, UnmergeCaseRequest, UnmergeCaseResponse,
};
use contracts::subject;
use kernel::id::{CaseId, RecordId};
use platform::{
    auth::Role,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, facts, find_similar_cases, report_case};
use crate::{
    domain::case::{Command, JoinCase, MergeCase, Primary, Standing},
    tracking::TrackingCode,
};

pub(super) async fn join_case(
    intake: &Intake,
    request: Request<JoinCaseRequest>,
) -> Result<JoinCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse_optional::<CaseId>("case_id", &message.case_id);
    let text = v.text("text", &message.text, intake.config.max_information_chars);
    let contact = message
        .contact
        .as_ref()
        .and_then(|contact| report_case::reachable(intake, &mut v, contact));
    let photos = v.parse_each("photos", &message.photos, intake.config.max_photos);
    let asked = FindSimilarCasesRequest {
        category: message.category.clone(),
        position: message.geo_position,
        grid: message.grid.clone(),
        min_position: None,
    };
    let sought = if case.is_none() && message.case_id.is_empty() {
        find_similar_cases::sought(intake, &mut v, &asked)
    } else {
        None
    };
    v.finish()?;
    let (Some(request_id), Some(text), Some(photos)) = (request_id, text, photos) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let caller = &call.principal;
    let (case, report) = match (case, sought) {
        (Some(case), _) => {
            let report = intake.report_in_scope(caller, &case).await?;
            (case, report)
        }
        (None, Some(sought)) => {
            let found = find_similar_cases::joined_with(intake, sought, &message.join_code).await?;
            let case = found.ok_or_else(facts::no_such_case)?;
            let report = intake.found(&case).await?.ok_or_else(facts::no_such_case)?;
            (case, report)
        }
        (None, None) => return Err(facts::no_such_case()),
    };
    // Whoever may not know of the case is told the same as of none.
    if report.confidential || intake.is_confidential(report.category.as_str()) {
        return Err(facts::no_such_case());
    }
    let for_others = caller.role != Role::Resident;
    let request = call.request(request_id, "JoinCase", &message);
    // A resident joins once, however often they ask; who speaks for others joins for each.
    let joiner = RecordId::new(intake.context.county, request.key("join")).to_string();
    let name = if for_others { joiner.clone() } else { caller.person.to_string() };
    let owner = if for_others { joiner } else { caller.person.to_string() };
    let contact = contact.unwrap_or_default();
    let (text, contact, ()) = futures::try_join!(
        intake.seal(&owner, &request, "text", &text),
        intake.seal(&owner, &request, "contact", &contact),
        intake.index_phone(&owner, message.contact.as_ref()),
    )?;
    let code = TrackingCode::of_joiner(&intake.context.tracking_secret, &case, &name);
    let (joiner, tracking) = (caller.person.clone(), code.hash());
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            Command::JoinCase(JoinCase {
                at: now,
                joiner: joiner.clone(),
                for_others,
                tracking,
                text: text.clone(),
                contact: contact.clone(),
                photos: photos.clone(),
            })
        })
        .await?;
    Ok(JoinCaseResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        tracking_code: code.to_string(),
    })
}

pub(super) async fn merge_cases(
    intake: &Intake,
    request: Request<MergeCasesRequest>,
) -> Result<MergeCasesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let into = v.parse::<CaseId>("into_case_id", &message.into_case_id);
    let reason = v.text("reason", &message.reason, intake.config.max_explanation_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(into), Some(reason)) = (request_id, case, into, reason)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let other = intake.report_in_scope(&call.principal, &into).await?;
    let (state, _) = intake.case_executor.load(&subject::case(&into)).await?;
    let primary = Primary {
        case: into,
        first_reported_at: other.first_reported_at,
        confidential: intake.is_confidential_case(&other),
        standing: Standing::of(&state),
    };
    let confidential = intake.is_confidential_case(&report);
    let request = call.request(request_id, "MergeCases", &message);
    let reason = intake.seal(&report.texts_owner(), &request, "text", &reason).await?;
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            let (by, reason, primary) = (by.clone(), reason.clone(), primary.clone());
            Command::MergeCase(MergeCase { at: now, by, reason, confidential, primary })
        })
        .await?;
    Ok(MergeCasesResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

pub(super) async fn unmerge_case(
    intake: &Intake,
    request: Request<UnmergeCaseRequest>,
) -> Result<UnmergeCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let reason = v.text("reason", &message.reason, intake.config.max_explanation_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(reason)) = (request_id, case, reason) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "UnmergeCase", &message);
    let reason = intake.seal(&report.texts_owner(), &request, "text", &reason).await?;
    let by = call.principal.person.clone();
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::UnmergeCase {
            at: now,
            by: by.clone(),
            reason: reason.clone(),
        })
        .await?;
    Ok(UnmergeCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
