//! `AcceptCase`: an operator accepts a case, with another category or grid if they are known better.

use api::intake::v1::{AcceptCaseRequest, AcceptCaseResponse};
use contracts::intake::AcceptedBy;
use kernel::{
    GridCode,
    id::{CaseId, CategoryCode},
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{AcceptCase, Command};

pub(super) async fn accept_case(
    intake: &Intake,
    request: Request<AcceptCaseRequest>,
) -> Result<AcceptCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let category = v.parse_optional::<CategoryCode>("category", &message.category);
    let grid = v.parse_optional::<GridCode>("grid", &message.grid);
    if grid.is_some_and(|grid| intake.places.of_grid(grid).is_none()) {
        v.push(
            "grid",
            "this is no grid of this county: choose one of its grids",
            "本县没有该网格，请重新选择",
        );
    }
    if let Some(code) = &category {
        // Only noted here: which category it is in the end depends on the case.
        let _known = intake.leaf(&mut v, "category", code);
    }
    v.finish()?;
    let (Some(request_id), Some(case)) = (request_id, case) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let category = category.unwrap_or(report.category);
    let mut v = Violations::new();
    // It may have ended since it was reported: what is open is handled by the rules that it had.
    let rules = intake.leaf_or_ended(&mut v, "category", &category);
    v.finish()?;
    let Some(rules) = rules else {
        unreachable!("a category that is no leaf was noted, and finish has answered with it")
    };
    let (urgency, catalogue_version) = (rules.leaf_urgency(), rules.version());

    let request = call.request(request_id, "AcceptCase", &message);
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            Command::AcceptCase(AcceptCase {
                at: now,
                accepted_by: AcceptedBy::Operator,
                rule_version: None,
                category: category.clone(),
                catalogue_version,
                urgency,
                grid,
            })
        })
        .await?;
    Ok(AcceptCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
