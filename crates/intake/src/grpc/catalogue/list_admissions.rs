//! `ListAdmissions`: the admission list and what is asked for, in the caller's scope.

use api::intake::v1::{
    Admission, AdmissionRefusal, AdmissionStatus, GridTask, ListAdmissionsRequest,
    ListAdmissionsResponse,
};
use kernel::{
    Timestamp,
    id::{CategoryCode, RecordId},
};
use platform::{
    audit::Object,
    auth::Scope,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
    projection::listing::{self, Listed},
};
use tonic::Request;

use super::Catalogue;
use crate::{catalogue::days, projections::admissions::AdmissionRow};

const METHOD: &str = "/weft.intake.v1.CatalogueService/ListAdmissions";

pub(super) async fn list_admissions(
    catalogue: &Catalogue,
    request: Request<ListAdmissionsRequest>,
) -> Result<ListAdmissionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let Catalogue { intake, neighbours } = catalogue;
    let mut v = Violations::new();
    let _form = v.parse_optional::<CategoryCode>("category", &message.category);
    let status = match AdmissionStatus::try_from(message.status) {
        Ok(AdmissionStatus::Unspecified) => String::new(),
        Ok(status) => status.as_str_name().trim_start_matches("ADMISSION_STATUS_").to_lowercase(),
        Err(_) => {
            v.push("status", "choose one of AdmissionStatus", "没有该状态，请重新选择");
            String::new()
        }
    };
    let caller = &call.principal;
    let scope = format!("{:?} {}", caller.scope, caller.person);
    let key = ListKey::new(METHOD, &[&status, &message.category, &scope]);
    let page = intake.context.page_tokens.read(&mut v, key, message.page_size, &message.page_token);
    v.finish()?;
    intake.context.wait(&neighbours.admissions, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&neighbours.admissions);
    let within = match &caller.scope {
        // A grid's member sees what the grids of the township are given.
        Scope::Grid(grid) => {
            let township = grid.village().township().unwrap_or(intake.context.county);
            Scope::Division(township).predicate(&caller.person, intake.context.county)
        }
        Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
            caller.predicate(intake.context.county)
        }
    };
    let filters = [("status", status), ("category", message.category)];
    let Listed { rows, next } =
        listing::list(&neighbours.admissions, &within, &filters, &page).await?;
    let mut admissions = Vec::with_capacity(rows.len());
    for (id, row) in rows {
        admissions.push(admission(catalogue, id, row).await?);
    }
    call.reads("list_admissions", Object::list("admission", admissions.len()));
    let next = next.map(|id| intake.context.page_tokens.next(key, &[SortValue::Text(id)]));
    Ok(ListAdmissionsResponse {
        admissions,
        next_page_token: next.unwrap_or_default(),
        position: Some(position.into()),
    })
}

async fn admission(
    catalogue: &Catalogue,
    id: String,
    row: AdmissionRow,
) -> Result<Admission, ServiceError> {
    let status = api::name(&row.status, "ADMISSION_STATUS_");
    let reason = api::name(&row.reason, "ADMISSION_REFUSAL_");
    let tasks = row.grid_tasks().into_iter().map(|task| {
        let name = api::name(&task.to_string(), "GRID_TASK_");
        GridTask::from_str_name(&name).unwrap_or_default().into()
    });
    Ok(Admission {
        admission_id: id,
        status: AdmissionStatus::from_str_name(&status).unwrap_or_default().into(),
        tasks: tasks.collect(),
        text: text(catalogue, &row.matter).await?,
        explanation: text(catalogue, &row.explanation).await?,
        reason: AdmissionRefusal::from_str_name(&reason).unwrap_or_default().into(),
        until: row.until.map(|until| days::last_day(Timestamp(until))).unwrap_or_default(),
        requested_at: row.requested_at,
        updated_at: row.updated_at,
        version: u64::try_from(row.version).unwrap_or_default(),
        category: row.category,
        division: row.division,
    })
}

/// What a record says; empty where there is none.
pub(super) async fn text(catalogue: &Catalogue, record: &str) -> Result<String, ServiceError> {
    match record.parse::<RecordId>() {
        Ok(record) => Ok(catalogue.intake.context.vault.text(&record).await?.unwrap_or_default()),
        Err(_) => Ok(String::new()),
    }
}
