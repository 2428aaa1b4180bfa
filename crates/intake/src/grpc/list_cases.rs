//! `ListCases`: the cases in the caller's scope, by the time of their report.

use api::intake::v1::{CaseStatus, ListCasesRequest, ListCasesResponse};
use kernel::{Division, id::CategoryCode};
use platform::{
    audit::Object,
    auth::{Placement, Principal, Scope, ScopePredicate},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::Intake;
use crate::projections::cases::{self, Filter, Slice};

const METHOD: &str = "/weft.intake.v1.IntakeService/ListCases";

pub(super) async fn list_cases(
    intake: &Intake,
    request: Request<ListCasesRequest>,
) -> Result<ListCasesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let status = status_word(&mut v, message.status);
    let category = v.parse_optional::<CategoryCode>("category", &message.category);
    let division = v.parse_optional::<Division>("division", &message.division);
    let newest_first = match message.order_by.as_str() {
        "" | "reported_at desc" => true,
        "reported_at" | "reported_at asc" => false,
        _ => {
            v.push(
                "order_by",
                "write reported_at or reported_at desc",
                "排序应为 reported_at 或 reported_at desc",
            );
            true
        }
    };
    let scope = format!("{:?} {}", call.principal.scope, call.principal.person);
    let (order, status_text) = (newest_first.to_string(), status.clone());
    let key =
        ListKey::new(METHOD, &[&status_text, &message.category, &message.division, &order, &scope]);
    let page = intake.context.page_tokens.read(&mut v, key, message.page_size, &message.page_token);
    v.finish()?;

    let within = within(intake, &call.principal, division)?;
    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let filter = Filter {
        within,
        status,
        category: category.map(|code| code.to_string()).unwrap_or_default(),
    };
    let size = usize::try_from(page.size).unwrap_or(1);
    let slice =
        Slice { newest_first, after: page.after.and_then(after), limit: i64::from(page.size) + 1 };
    let mut rows = cases::list(&intake.cases, &filter, &slice).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    let next_page_token = match rows.last() {
        Some((id, row)) if more => {
            let last = [SortValue::Integer(row.reported_at), SortValue::Text(id.clone())];
            intake.context.page_tokens.next(key, &last)
        }
        Some(_) | None => String::new(),
    };
    let mut found = Vec::with_capacity(rows.len());
    for (id, row) in rows {
        found.push(intake.case(id, row).await?);
    }
    call.reads("list_cases", Object::list("case", found.len()));
    Ok(ListCasesResponse { cases: found, next_page_token, position: Some(position.into()) })
}

/// The caller's scope and, if asked for, a division that must lie in it.
pub(super) fn within(
    intake: &Intake,
    caller: &Principal,
    division: Option<Division>,
) -> Result<Vec<ScopePredicate>, ServiceError> {
    let county = intake.context.county;
    let scope = caller.predicate(county);
    let Some(division) = division else { return Ok(vec![scope]) };
    caller.require(&Placement::of_division(division))?;
    let asked = Scope::Division(division).predicate(&caller.person, county);
    Ok(match caller.scope {
        // The scope holds all of what is asked for: naming it too would only mislead the database in
        // its choice of an index.
        Scope::Division(_) => vec![asked],
        Scope::Grid(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
            vec![scope, asked]
        }
    })
}

/// The word of a status that is asked for; empty for none.
fn status_word(v: &mut Violations, status: i32) -> String {
    match CaseStatus::try_from(status) {
        Ok(CaseStatus::Unspecified) => String::new(),
        Ok(status) => status.as_str_name().trim_start_matches("CASE_STATUS_").to_lowercase(),
        Err(_) => {
            v.push(
                "status",
                "there is no such status: choose one of CaseStatus",
                "没有该状态，请重新选择",
            );
            String::new()
        }
    }
}

fn after(values: Vec<SortValue>) -> Option<(i64, String)> {
    match <[SortValue; 2]>::try_from(values) {
        Ok([SortValue::Integer(at), SortValue::Text(id)]) => Some((at, id)),
        Ok(_) | Err(_) => None,
    }
}
