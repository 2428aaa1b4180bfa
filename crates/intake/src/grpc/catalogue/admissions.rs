//! `RequestAdmission`, `GrantAdmission`, `RefuseAdmission` and `EndAdmission`: which matters the grids
//! may be given.

use api::intake::v1::{
    EndAdmissionRequest, EndAdmissionResponse, GrantAdmissionRequest, GrantAdmissionResponse,
    GridTask as ProtoTask, RefuseAdmissionRequest, RefuseAdmissionResponse,
    RequestAdmissionRequest, RequestAdmissionResponse,
};
use contracts::{
    intake::admission::{AdmissionRefusal, AdmissionRequested, GridTask},
    subject,
};
use kernel::{
    Division, ErrorCode, Timestamp,
    id::{AdmissionId, CategoryCode, PersonId, RecordId},
};
use platform::{
    auth::{Placement, Principal},
    executor::{Outcome, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Catalogue, last_day};
use crate::{
    domain::admission::Command,
    grpc::{disclose::unit, facts},
    projections::categories::catalogue_version,
};

pub(super) async fn request_admission(
    catalogue: &Catalogue,
    request: Request<RequestAdmissionRequest>,
) -> Result<RequestAdmissionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let intake = &catalogue.intake;
    let caller = &call.principal;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let category = v.parse_optional::<CategoryCode>("category", &message.category);
    if let Some(code) = &category {
        // Only noted here: what the grids may do with it is decided below.
        let _known = intake.leaf(&mut v, "category", code);
    }
    let division = v.parse::<Division>("division", &message.division);
    let tasks = tasks(&mut v, &message);
    let text = v.required_text("text", &message.text, intake.config.max_catalogue_chars);
    let until = last_day(&mut v, "until", &message.until);
    if until.is_some_and(|until| until <= intake.context.clock.now()) {
        v.push("until", "this day is past: choose a later one", "该日期已过，请重新选择");
    }
    v.finish()?;
    let (Some(request_id), Some(division), Some(text)) = (request_id, division, text) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    let unit = unit(caller);
    caller.require(&Placement { org: unit.clone(), ..Placement::of_division(division) })?;
    let request = call.request(request_id, "RequestAdmission", &message);
    let id = AdmissionId::new(division, request.key("admission"));
    let matter = RecordId::new(intake.context.county, request.record("text"));
    intake.context.vault.seal(&owner(&caller.person), &matter, text.as_bytes()).await?;
    let target = Target { subject: subject::admission(&id), id: id.to_string(), creates: true };
    let asked = AdmissionRequested {
        occurred_at: Timestamp::default(),
        admission: id.clone(),
        category,
        division,
        tasks,
        matter,
        by: caller.person.clone(),
        unit,
        until,
    };
    let make = move |now| {
        let asked = AdmissionRequested { occurred_at: now, ..asked.clone() };
        Command::RequestAdmission(Box::new(asked))
    };
    let executor = &catalogue.neighbours.admission_executor;
    let outcome = executor.execute(target, request, make).await?;
    Ok(RequestAdmissionResponse {
        admission_id: id.to_string(),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn grant_admission(
    catalogue: &Catalogue,
    request: Request<GrantAdmissionRequest>,
) -> Result<GrantAdmissionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let until = last_day(&mut v, "until", &message.until);
    let (request_id, id) = of_one(v, &message.request_id, &message.admission_id)?;
    require(catalogue, &call.principal, &id).await?;
    let request = call.request(request_id, "GrantAdmission", &message);
    let by = call.principal.person.clone();
    let version = catalogue_version(&catalogue.intake.categories);
    let make =
        move |at| Command::GrantAdmission { at, by: by.clone(), until, catalogue_version: version };
    let executor = &catalogue.neighbours.admission_executor;
    let Outcome { version, position, .. } = executor.execute(target(&id), request, make).await?;
    Ok(GrantAdmissionResponse { version, position: Some(position.into()) })
}

pub(super) async fn refuse_admission(
    catalogue: &Catalogue,
    request: Request<RefuseAdmissionRequest>,
) -> Result<RefuseAdmissionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let intake = &catalogue.intake;
    let mut v = Violations::new();
    let word = api::word(message.reason().as_str_name(), "ADMISSION_REFUSAL_");
    let reason = facts::word::<AdmissionRefusal>(&mut v, "reason", word);
    let most = intake.config.max_catalogue_chars;
    let explanation = v.text("explanation", &message.explanation, most);
    let (request_id, id) = of_one(v, &message.request_id, &message.admission_id)?;
    let (Some(reason), Some(explanation)) = (reason, explanation) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    require(catalogue, &call.principal, &id).await?;
    let request = call.request(request_id, "RefuseAdmission", &message);
    let by = call.principal.person.clone();
    let explanation = intake.seal(&owner(&by), &request, "text", &explanation).await?;
    let make = move |at| Command::RefuseAdmission {
        at,
        by: by.clone(),
        reason,
        explanation: explanation.clone(),
    };
    let executor = &catalogue.neighbours.admission_executor;
    let Outcome { version, position, .. } = executor.execute(target(&id), request, make).await?;
    Ok(RefuseAdmissionResponse { version, position: Some(position.into()) })
}

pub(super) async fn end_admission(
    catalogue: &Catalogue,
    request: Request<EndAdmissionRequest>,
) -> Result<EndAdmissionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, id) = of_one(Violations::new(), &message.request_id, &message.admission_id)?;
    require(catalogue, &call.principal, &id).await?;
    let request = call.request(request_id, "EndAdmission", &message);
    let by = call.principal.person.clone();
    let make = move |at| Command::EndAdmission { at, by: Some(by.clone()) };
    let executor = &catalogue.neighbours.admission_executor;
    let Outcome { version, position, .. } = executor.execute(target(&id), request, make).await?;
    Ok(EndAdmissionResponse { version, position: Some(position.into()) })
}

/// What staff write of their work is theirs: erasing them erases it.
fn owner(person: &PersonId) -> String {
    person.to_string()
}

fn target(id: &AdmissionId) -> Target {
    Target { subject: subject::admission(id), id: id.to_string(), creates: false }
}

/// The fields that every command on an admission has.
fn of_one(
    mut v: Violations,
    request_id: &str,
    admission: &str,
) -> Result<(String, AdmissionId), ServiceError> {
    let request_id = v.request_id(request_id);
    let id = v.parse::<AdmissionId>("admission_id", admission);
    v.finish()?;
    let (Some(request_id), Some(id)) = (request_id, id) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    Ok((request_id, id))
}

/// An admission is there and the caller may decide on it. To all others it is as if there were none:
/// its id says the division.
async fn require(
    catalogue: &Catalogue,
    caller: &Principal,
    id: &AdmissionId,
) -> Result<(), ServiceError> {
    caller.require(&Placement::of_division(id.division()))?;
    let none = || {
        ServiceError::new(
            ErrorCode::NotFound,
            "ADMISSION_NOT_FOUND",
            "nobody asked for this admission: check the id",
            "没有该准入申请，请核对编号",
        )
    };
    if !catalogue.intake.context.county.contains(id.division()) {
        return Err(none());
    }
    let executor = &catalogue.neighbours.admission_executor;
    let (state, _) = executor.load(&subject::admission(id)).await?;
    let _asked = state.request().ok_or_else(none)?;
    Ok(())
}

fn tasks(v: &mut Violations, message: &RequestAdmissionRequest) -> Vec<GridTask> {
    let words = message.tasks.iter().map(|task| {
        let task = ProtoTask::try_from(*task).ok()?;
        api::word::<GridTask>(task.as_str_name(), "GRID_TASK_")
    });
    let mut tasks: Vec<GridTask> = words.clone().flatten().collect();
    tasks.sort();
    tasks.dedup();
    if tasks.is_empty() || words.flatten().count() != message.tasks.len() {
        v.push("tasks", "choose one or more of GridTask", "请选择至少一种任务");
    }
    tasks
}
