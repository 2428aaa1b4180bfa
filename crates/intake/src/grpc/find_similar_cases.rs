//! `FindSimilarCases`: what was reported nearby of late about the same matter, for whoever is about to
//! report it. Everybody may ask, so no id, no text and no person is answered, the distance and the
//! time are rounded, and of what is confidential there is nothing. The code by which a case can be
//! joined tells nothing of it either. `ListSimilar` asks the same for the desk, of a case that is there.

use api::intake::v1::{
    FindSimilarCasesRequest, FindSimilarCasesResponse, ListSimilarRequest, ListSimilarResponse,
    SimilarCase, SimilarTo, report_case_request,
};
use contracts::intake::Place;
use kernel::{
    geo::{Position, distance_m},
    id::{CaseId, CategoryCode},
};
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, report_case};
use crate::{
    projections::{
        cases::{self, CaseRow, Near},
        categories::CategoryRow,
    },
    tracking::TrackingCode,
};

/// How many are answered.
const AT_MOST: usize = 5;

/// How many the desk is answered.
const FOR_THE_DESK: usize = 20;

/// How many rows are looked at.
const ROWS: i64 = 200;

const HOUR_MS: i64 = 60 * 60 * 1_000;

pub(super) async fn find_similar_cases(
    intake: &Intake,
    request: Request<FindSimilarCasesRequest>,
) -> Result<FindSimilarCasesResponse, ServiceError> {
    let message = request.into_inner();
    let mut v = Violations::new();
    let sought = sought(intake, &mut v, &message);
    v.finish()?;
    let Some(sought) = sought else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let mut similar = similar(intake, &sought).await?;
    similar.truncate(AT_MOST);
    let mut found = Vec::with_capacity(similar.len());
    for Similar { distance_m, id, row } in similar {
        let join_code = join_code(intake, &id, &row);
        let case = intake.case(id, row).await?;
        found.push(SimilarCase {
            status: case.status,
            category: case.category,
            category_zh: case.category_zh,
            category_en: case.category_en,
            reported_at: case.reported_at - case.reported_at.rem_euclid(HOUR_MS),
            distance_m,
            join_code,
        });
    }
    Ok(FindSimilarCasesResponse {
        cases: found,
        position: Some(position.into()),
        emergency_advice: sought.rules.is_emergency(),
    })
}

pub(super) async fn list_similar(
    intake: &Intake,
    request: Request<ListSimilarRequest>,
) -> Result<ListSimilarResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    v.finish()?;
    let Some(case) = case else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let caller = &call.principal;
    let report = intake.report_in_scope(caller, &case).await?;
    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let place = Place { grid: report.grid, ..report.reported.place.clone() };
    let row = intake.categories.cached(|rows| rows.get(report.category.as_str()).cloned());
    let sought = row.map(|rules| Sought { category: report.category.clone(), rules, place });
    let similar = match &sought {
        Some(sought) => similar(intake, sought).await?,
        None => Vec::new(),
    };
    let mut cases = Vec::new();
    for Similar { distance_m, id, row } in similar {
        let placement = row.placement().map_err(ServiceError::corrupt)?;
        if id != case.to_string() && caller.covers(&placement) && cases.len() < FOR_THE_DESK {
            cases.push(SimilarTo { case: Some(intake.case(id, row).await?), distance_m });
        }
    }
    call.reads("list_similar", Object::list("case", cases.len()));
    Ok(ListSimilarResponse { cases, position: Some(position.into()) })
}

/// A matter and its place, about which others may have reported.
pub(super) struct Sought {
    category: CategoryCode,
    rules: CategoryRow,
    place: Place,
}

/// A case that may be about it.
struct Similar {
    distance_m: u32,
    id: String,
    row: CaseRow,
}

/// What is asked about; notes what is wrong with it.
pub(super) fn sought(
    intake: &Intake,
    v: &mut Violations,
    message: &FindSimilarCasesRequest,
) -> Option<Sought> {
    let category = v.parse::<CategoryCode>("category", &message.category);
    let rules = category.as_ref().and_then(|code| intake.leaf_or_ended(v, "category", code));
    let place = place(intake, v, message);
    Some(Sought { category: category?, rules: rules?, place: place? })
}

/// The case that a join code leads to, among those that are similar.
pub(super) async fn joined_with(
    intake: &Intake,
    sought: Sought,
    code: &str,
) -> Result<Option<CaseId>, ServiceError> {
    let Some(code) = TrackingCode::read(code) else { return Ok(None) };
    let secret = &intake.context.tracking_secret;
    let found = similar(intake, &sought).await?.into_iter().find_map(|similar| {
        let case = similar.id.parse().ok()?;
        (TrackingCode::to_join(secret, &case) == code).then_some(case)
    });
    Ok(found)
}

/// What a case can be joined with; empty once it is resolved.
fn join_code(intake: &Intake, id: &str, row: &CaseRow) -> String {
    match (row.status.as_str(), id.parse::<CaseId>()) {
        ("reported" | "awaiting_information" | "accepted", Ok(case)) => {
            TrackingCode::to_join(&intake.context.tracking_secret, &case).to_string()
        }
        (_, Ok(_) | Err(_)) => String::new(),
    }
}

/// The similar cases, the nearest first, those of which only the grid is known last; nothing of what is
/// confidential.
async fn similar(intake: &Intake, sought: &Sought) -> Result<Vec<Similar>, ServiceError> {
    let (category, place) = (sought.category.to_string(), &sought.place);
    if intake.is_confidential(&category) {
        return Ok(Vec::new());
    }
    let radius_m = sought.rules.duplicate_radius_m(intake.config.similar_radius_m);
    let window_ms = sought.rules.duplicate_window_ms(intake.config.similar_window_ms());
    let near = Near {
        category,
        since: intake.context.clock.now().plus_millis(-window_ms),
        position: place.position.map(Position::point),
        grid: place.grid,
        radius_m,
    };
    let mut similar = Vec::new();
    for (id, row) in cases::near(&intake.cases, &near, ROWS).await? {
        if let Some(distance_m) = distance(place, &row, radius_m) {
            similar.push(Similar { distance_m, id, row });
        }
    }
    similar.sort_by_key(|found| (found.distance_m == 0, found.distance_m, -found.row.reported_at));
    Ok(similar)
}

/// The place that is asked about, as a report of it would be filed.
fn place(intake: &Intake, v: &mut Violations, message: &FindSimilarCasesRequest) -> Option<Place> {
    use report_case_request::Place as Given;
    let given = match (&message.position, message.grid.as_str()) {
        (Some(position), _) => Some(Given::Position(*position)),
        (None, "") => None,
        (None, grid) => Some(Given::Grid(grid.to_owned())),
    };
    let given = v.required("place", given)?;
    report_case::locate(intake, v, &given)
}

/// How far a case is, in metres, and 0 where only the grid is known to be the same; none where it is
/// not near.
fn distance(place: &Place, row: &CaseRow, radius_m: u32) -> Option<u32> {
    if let (Some(here), Some(there)) = (place.position, row.position()) {
        let metres = distance_m(here, there);
        return (metres <= f64::from(radius_m)).then(|| up_to_tens(metres));
    }
    place.grid.is_some_and(|grid| grid.to_string() == row.grid).then_some(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance is not negative, and a large one is cut"
)]
fn up_to_tens(metres: f64) -> u32 {
    ((metres / 10.0).ceil().max(1.0) * 10.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_rounded_up_to_tens() {
        let rounded = [0.0, 0.1, 10.0, 10.1, 99.9].map(up_to_tens);
        assert_eq!(rounded, [10, 10, 10, 20, 100]);
    }
}
