//! `HandleOnSite`, `ConfirmSpotCheck` and `CountAlarm`.

use api::intake::v1::{
    ConfirmSpotCheckRequest, ConfirmSpotCheckResponse, CountAlarmRequest, CountAlarmResponse,
    HandleOnSiteRequest, HandleOnSiteResponse, ReportCaseRequest,
};
use contracts::{
    intake::{CaseEvent, CaseReported},
    subject,
};
use kernel::id::{CaseId, MediaId};
use platform::{
    executor::{self, Outcome, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, facts, report_case};
use crate::domain::case::{Case, Command, HandleOnSite};

/// What was done, when every field is good.
struct Done {
    text: String,
    photos_before: Vec<MediaId>,
    photos_after: Vec<MediaId>,
}

pub(super) async fn handle_on_site(
    intake: &Intake,
    request: Request<HandleOnSiteRequest>,
) -> Result<HandleOnSiteResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = match &message.report {
        Some(_) => None,
        None => v.parse::<CaseId>("case_id", &message.case_id),
    };
    let done = done(intake, &mut v, &message);
    v.finish()?;
    let (Some(request_id), Some(done)) = (request_id, done) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let request = call.request(request_id.clone(), "HandleOnSite", &message);
    let (case, outcome) = match (&message.report, case) {
        (Some(report), _) => {
            let report = ReportCaseRequest { request_id, ..report.clone() };
            report_handled(intake, &call, request, &report, done).await?
        }
        (None, Some(case)) => {
            let outcome = handle_reported(intake, &call, request, &case, done).await?;
            (case, outcome)
        }
        (None, None) => {
            unreachable!("what is missing was noted, and finish has answered with it")
        }
    };
    let to_be_checked =
        outcome.events.iter().any(|event| matches!(event, CaseEvent::SpotCheckDrawn(_)));
    Ok(HandleOnSiteResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        case_id: case.to_string(),
        to_be_checked,
    })
}

fn done(intake: &Intake, v: &mut Violations, message: &HandleOnSiteRequest) -> Option<Done> {
    let most = intake.config.max_photos;
    let text = v.text("text", &message.text, intake.config.max_information_chars);
    let photos_before = v.parse_each("photos_before", &message.photos_before, most);
    let photos_after = v.parse_each("photos_after", &message.photos_after, most);
    if message.photos_after.is_empty() {
        v.push(
            "photos_after",
            "add a photo of how it looks now: nobody verifies what is settled on the spot",
            "请附处置后的照片：自行处置没有核查环节",
        );
    }
    Some(Done { text: text?, photos_before: photos_before?, photos_after: photos_after? })
}

/// A new matter that was settled when it was found. It must lie where the caller may handle.
async fn report_handled(
    intake: &Intake,
    call: &Call,
    request: executor::Request,
    message: &ReportCaseRequest,
    done: Done,
) -> Result<(CaseId, Outcome<Case>), ServiceError> {
    let valid = report_case::validate(intake, &call.principal, message).await?;
    call.principal.require(&valid.placement())?;
    let prepared = report_case::prepare(intake, call, &request, message, valid).await?;
    let case = prepared.report.case.clone();
    let text = intake.seal(&prepared.owner, &request, "handling", &done.text).await?;
    let settling = settling(intake, call, done, text);
    let target = Target { subject: subject::case(&case), id: case.to_string(), creates: true };
    let outcome = intake
        .case_executor
        .execute(target, request, move |now| {
            let report = prepared.report.clone();
            let report = CaseReported { occurred_at: now, first_reported_at: now, ..report };
            let handled = HandleOnSite { at: now, ..settling.clone() };
            Command::ReportHandled(Box::new(report), handled)
        })
        .await?;
    Ok((case, outcome))
}

async fn handle_reported(
    intake: &Intake,
    call: &Call,
    request: executor::Request,
    case: &CaseId,
    done: Done,
) -> Result<Outcome<Case>, ServiceError> {
    let report = intake.report_in_scope(&call.principal, case).await?;
    let text = intake.seal(&report.texts_owner(), &request, "handling", &done.text).await?;
    let settling = settling(intake, call, done, text);
    let command = move |now| Command::HandleOnSite(HandleOnSite { at: now, ..settling.clone() });
    Ok(intake.case_executor.execute(facts::target(case), request, command).await?)
}

fn settling(
    intake: &Intake,
    call: &Call,
    done: Done,
    text: Option<kernel::id::RecordId>,
) -> HandleOnSite {
    HandleOnSite {
        at: kernel::Timestamp::default(),
        by: call.principal.person.clone(),
        text,
        photos_before: done.photos_before,
        photos_after: done.photos_after,
        share_percent: intake.config.spot_check_percent,
    }
}

pub(super) async fn confirm_spot_check(
    intake: &Intake,
    request: Request<ConfirmSpotCheckRequest>,
) -> Result<ConfirmSpotCheckResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let note = v.text("note", &message.note, intake.config.max_explanation_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(note)) = (request_id, case, note) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "ConfirmSpotCheck", &message);
    let note = intake.seal(&report.texts_owner(), &request, "text", &note).await?;
    let (by, found_true) = (call.principal.person.clone(), message.found_true);
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::ConfirmSpotCheck {
            at: now,
            by: by.clone(),
            found_true,
            note: note.clone(),
        })
        .await?;
    Ok(ConfirmSpotCheckResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn count_alarm(
    intake: &Intake,
    request: Request<CountAlarmRequest>,
) -> Result<CountAlarmResponse, ServiceError> {
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
    let request = call.request(request_id, "CountAlarm", &message);
    let count = message.count;
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| Command::CountAlarm { at: now, count })
        .await?;
    Ok(CountAlarmResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
