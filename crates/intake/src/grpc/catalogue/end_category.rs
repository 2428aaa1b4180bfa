//! `EndCategory`: a category ends, now or after a last day, also while cases of it are open.

use api::intake::v1::{EndCategoryRequest, EndCategoryResponse};
use contracts::subject;
use kernel::{ErrorCode, id::CategoryCode};
use platform::{
    auth::Placement,
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Catalogue, last_day};
use crate::{
    domain::category::{Command, EndCategory},
    grpc::Intake,
    projections::categories::catalogue_version,
};

pub(super) async fn end_category(
    catalogue: &Catalogue,
    request: Request<EndCategoryRequest>,
) -> Result<EndCategoryResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let intake = &catalogue.intake;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let code = v.parse::<CategoryCode>("code", &message.code);
    let until = last_day(&mut v, "until", &message.until);
    let successor = v.parse_optional::<CategoryCode>("successor", &message.successor);
    if let (Some(code), Some(successor)) = (&code, &successor) {
        check_successor(intake, &mut v, code, successor);
    }
    v.finish()?;
    let (Some(request_id), Some(code)) = (request_id, code) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    call.principal.require(&Placement::of_division(intake.context.county))?;
    let in_use = intake
        .categories
        .cached(|rows| rows.values().any(|row| row.is_in_force() && row.parent == code.as_str()));
    if in_use {
        return Err(has_categories(&code));
    }
    let version = catalogue_version(&intake.categories) + 1;
    let id = subject::category_id(intake.context.county, &code);
    let target = Target { subject: subject::category(&id), id: id.to_string(), creates: false };
    let request = call.request(request_id, "EndCategory", &message);
    let by = call.principal.person.clone();
    let outcome = intake
        .category_executor
        .execute(target, request, move |now| {
            Command::EndCategory(EndCategory {
                at: now,
                category: code.clone(),
                ends_at: until.unwrap_or(now),
                successor: successor.clone(),
                catalogue_version: version,
                by: by.clone(),
            })
        })
        .await?;
    Ok(EndCategoryResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        catalogue_version: version,
    })
}

/// What takes the place of a category is another one of the same sort that goes on.
fn check_successor(
    intake: &Intake,
    v: &mut Violations,
    code: &CategoryCode,
    successor: &CategoryCode,
) {
    let fits = intake.categories.cached(|rows| {
        let (Some(ending), Some(next)) = (rows.get(code.as_str()), rows.get(successor.as_str()))
        else {
            // A category that is not there is refused by itself.
            return rows.contains_key(successor.as_str());
        };
        code != successor && next.is_in_force() && next.is_leaf() == ending.is_leaf()
    });
    if !fits {
        v.push(
            "successor",
            "name another category of the same sort that goes on",
            "请填写同级且未终止的其他类别",
        );
    }
}

fn has_categories(code: &CategoryCode) -> ServiceError {
    ServiceError::new(
        ErrorCode::Refused,
        "CATEGORY_HAS_CATEGORIES",
        format!("there are categories in force under {code}: end or move them first"),
        format!("{code} 之下还有生效的类别，请先终止或移走"),
    )
}
