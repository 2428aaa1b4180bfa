//! `FindSimilarCases`: what was reported nearby of late about the same matter, for whoever is about to
//! report it. Everybody may ask, so no id, no text and no person is answered, the distance and the
//! time are rounded, and of a confidential category there is nothing.

use api::intake::v1::{
    FindSimilarCasesRequest, FindSimilarCasesResponse, SimilarCase, report_case_request,
};
use contracts::intake::Place;
use kernel::{
    geo::{Position, distance_m},
    id::CategoryCode,
};
use platform::grpc::{ServiceError, Violations};
use tonic::Request;

use super::{Intake, report_case};
use crate::projections::cases::{self, CaseRow, Near};

/// How many are answered.
const AT_MOST: usize = 5;

/// How many rows are looked at.
const ROWS: i64 = 200;

const HOUR_MS: i64 = 60 * 60 * 1_000;

pub(super) async fn find_similar_cases(
    intake: &Intake,
    request: Request<FindSimilarCasesRequest>,
) -> Result<FindSimilarCasesResponse, ServiceError> {
    let message = request.into_inner();
    let mut v = Violations::new();
    let category = v.parse::<CategoryCode>("category", &message.category);
    let rules = category.as_ref().and_then(|code| intake.leaf_or_ended(&mut v, "category", code));
    let place = place(intake, &mut v, &message);
    v.finish()?;
    let (Some(category), Some(rules), Some(place)) = (category, rules, place) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let category = category.to_string();
    let mut similar = Vec::new();
    if !intake.is_confidential(&category) {
        let radius_m = rules.duplicate_radius_m(intake.config.similar_radius_m);
        let window_ms = rules.duplicate_window_ms(intake.config.similar_window_ms());
        let near = Near {
            category,
            since: intake.context.clock.now().plus_millis(-window_ms),
            position: place.position.map(Position::point),
            grid: place.grid,
            radius_m,
        };
        for (id, row) in cases::near(&intake.cases, &near, ROWS).await? {
            if let Some(distance) = distance(&place, &row, radius_m) {
                similar.push((distance, id, row));
            }
        }
    }
    similar.sort_by_key(|(distance, _, row)| (*distance == 0, *distance, -row.reported_at));
    similar.truncate(AT_MOST);
    let mut found = Vec::with_capacity(similar.len());
    for (distance, id, row) in similar {
        let case = intake.case(id, row).await?;
        found.push(SimilarCase {
            status: case.status,
            category: case.category,
            category_zh: case.category_zh,
            category_en: case.category_en,
            reported_at: case.reported_at - case.reported_at.rem_euclid(HOUR_MS),
            distance_m: distance,
        });
    }
    Ok(FindSimilarCasesResponse {
        cases: found,
        position: Some(position.into()),
        emergency_advice: rules.is_emergency(),
    })
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
