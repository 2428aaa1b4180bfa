//! Where reports are filed.

use api::intake::v1::{PlaceSource, report_case_request::Place};
use testkit::Db;

use crate::ground::{
    GRID, Ground, OTHER_VILLAGE, TOWNSHIP, VILLAGE, lamp, position, report, wrong_fields,
};

on_both_databases! {
    every_position_is_filed_somewhere
    unknown_places_are_answered_with_what_to_do
    a_grid_that_is_drawn_is_found_at_once
}

async fn every_position_is_filed_somewhere(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let places = [
        (position(107.365, 35.335), PlaceSource::PositionInGrid, VILLAGE, GRID),
        // Some 450 m east of the grid, then some 27 km, then in Paris.
        (position(107.375, 35.335), PlaceSource::PositionInGap, TOWNSHIP, ""),
        (position(107.665, 35.335), PlaceSource::PositionOutside, "620821", ""),
        (position(2.35, 48.85), PlaceSource::PositionOutside, "620821", ""),
        (Place::Grid(GRID.into()), PlaceSource::Grid, VILLAGE, GRID),
        (Place::Division(OTHER_VILLAGE.into()), PlaceSource::Division, OTHER_VILLAGE, ""),
        (Place::Division(TOWNSHIP.into()), PlaceSource::Division, TOWNSHIP, ""),
        (Place::Division("620821".into()), PlaceSource::Division, "620821", ""),
    ];
    for (number, (place, source, division, grid)) in places.into_iter().enumerate() {
        let request = api::intake::v1::ReportCaseRequest {
            place: Some(place.clone()),
            ..lamp(&number.to_string())
        };
        let answer = report(&mut resident, request).await;
        assert_eq!(
            (answer.place_source(), answer.division.as_str(), answer.grid.as_str()),
            (source, division, grid),
            "{place:?}"
        );
        let padded = format!("{division:0<12}");
        assert!(answer.case_id.starts_with(&padded), "{} is filed in {division}", answer.case_id);
        let case = ground.case(&answer.case_id).await;
        assert_eq!((case.division.as_str(), case.place_source()), (division, source));
    }
}

async fn unknown_places_are_answered_with_what_to_do(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let places = [
        (Place::Grid("620821101203002".into()), "grid"),
        (Place::Grid("620822101203001".into()), "grid"),
        (Place::Grid("' OR 1=1".into()), "grid"),
        (Place::Division("620821101204".into()), "division"),
        (Place::Division("620822".into()), "division"),
        (Place::Division("6208".into()), "division"),
        (Place::Division("泾川县".into()), "division"),
        (position(f64::NAN, 35.0), "position"),
        (position(35.3, 107.3), "position"),
    ];
    for (place, field) in places {
        let request =
            api::intake::v1::ReportCaseRequest { place: Some(place.clone()), ..lamp("r") };
        assert_eq!(wrong_fields(resident.report_case(request).await), [field], "{place:?}");
    }
    let nowhere = api::intake::v1::ReportCaseRequest { place: None, ..lamp("r") };
    assert_eq!(wrong_fields(resident.report_case(nowhere).await), ["place"]);
}

async fn a_grid_that_is_drawn_is_found_at_once(db: Db) {
    let ground = Ground::bare(db).await;
    ground.import("catalogue", crate::ground::CATALOGUE).await.unwrap();
    ground.suite.settled().await;
    let mut resident = ground.resident(1);
    let before = report(&mut resident, lamp("before")).await;
    assert_eq!(before.place_source(), PlaceSource::PositionOutside);
    ground.draw(GRID.parse().unwrap()).await;
    ground.suite.settled().await;
    let after = report(&mut resident, lamp("after")).await;
    assert_eq!((after.place_source(), after.grid.as_str()), (PlaceSource::PositionInGrid, GRID));
    // What was reported before the grid was drawn stays where it was filed.
    assert_eq!(report(&mut resident, lamp("before")).await, before);
}
