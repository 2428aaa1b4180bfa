//! What everybody may know of cases nearby before reporting the same.

use std::time::Duration;

use api::{
    common::v1::GeoPosition,
    intake::v1::{
        CaseStatus, FindSimilarCasesRequest, ReportCaseRequest, SimilarCase,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
};
use testkit::Db;

use crate::ground::{CATALOGUE, GRID, Ground, LAMP, VILLAGE, lamp, position, report, wrong_fields};

on_both_databases! {
    what_is_near_and_of_late_is_found_and_nothing_of_anybody
    what_is_confidential_over_or_long_ago_is_not_found
}

pub(crate) fn here() -> FindSimilarCasesRequest {
    FindSimilarCasesRequest {
        category: LAMP.to_owned(),
        position: Some(GeoPosition { longitude: 107.365, latitude: 35.335, crs: 0 }),
        grid: String::new(),
        min_position: None,
    }
}

fn in_grid() -> FindSimilarCasesRequest {
    FindSimilarCasesRequest { position: None, grid: GRID.to_owned(), ..here() }
}

pub(crate) async fn found(ground: &Ground, request: FindSimilarCasesRequest) -> Vec<SimilarCase> {
    ground.suite.settled().await;
    let mut anybody = IntakeServiceClient::new(ground.suite.channel());
    anybody.find_similar_cases(request).await.unwrap().into_inner().cases
}

fn at(request_id: &str, place: Place) -> ReportCaseRequest {
    ReportCaseRequest { place: Some(place), ..lamp(request_id) }
}

async fn what_is_near_and_of_late_is_found_and_nothing_of_anybody(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    assert_eq!(found(&ground, here()).await, []);
    // About 44 m and 91 m away, 111 m away, at another place of the grid, somewhere in the grid,
    // somewhere in the village, and another matter.
    for (name, place) in [
        ("44m", position(107.365, 35.3354)),
        ("91m", position(107.366, 35.335)),
        ("111m", position(107.365, 35.336)),
        ("grid", Place::Grid(GRID.into())),
        ("village", Place::Division(VILLAGE.into())),
    ] {
        report(&mut resident, at(name, place)).await;
    }
    report(&mut resident, ReportCaseRequest { category: "0102".into(), ..lamp("other") }).await;
    let near = found(&ground, here()).await;
    let distances: Vec<u32> = near.iter().map(|case| case.distance_m).collect();
    assert_eq!(distances, [50, 100, 0]);
    for case in &near {
        assert_eq!((case.category.as_str(), case.status()), (LAMP, CaseStatus::Accepted));
        assert_eq!(case.category_zh, "路灯不亮或损坏");
        assert_eq!(case.reported_at % 3_600_000, 0, "the hour and no more");
    }
    // Of a grid alone no distance is known, and at most five are shown.
    let distances: Vec<u32> =
        found(&ground, in_grid()).await.iter().map(|case| case.distance_m).collect();
    assert_eq!(distances, [0; 4]);
    report(&mut resident, lamp("one-more")).await;
    report(&mut resident, lamp("and-another")).await;
    assert_eq!(found(&ground, in_grid()).await.len(), 5);

    let mut anybody = IntakeServiceClient::new(ground.suite.channel());
    let hostile = FindSimilarCasesRequest {
        category: "' OR 1=1".into(),
        position: None,
        grid: "1".into(),
        min_position: None,
    };
    assert_eq!(wrong_fields(anybody.find_similar_cases(hostile).await), ["category", "grid"]);
    let nowhere = FindSimilarCasesRequest { position: None, ..here() };
    assert_eq!(wrong_fields(anybody.find_similar_cases(nowhere).await), ["place"]);
    let position = Some(GeoPosition { longitude: f64::NAN, latitude: 1e9, crs: 9 });
    let off = FindSimilarCasesRequest { position, ..here() };
    assert_eq!(wrong_fields(anybody.find_similar_cases(off).await), ["position"]);
}

async fn what_is_confidential_over_or_long_ago_is_not_found(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let confidential = CATALOGUE
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .find(|cells| cells.len() == 20 && cells[10] == "yes")
        .unwrap()[2];
    report(&mut resident, ReportCaseRequest { category: confidential.into(), ..lamp("c") }).await;
    let asked = FindSimilarCasesRequest { category: confidential.into(), ..here() };
    assert_eq!(found(&ground, asked).await, []);

    report(&mut resident, lamp("old")).await;
    assert_eq!(found(&ground, here()).await.len(), 1);
    ground.suite.clock().advance(Duration::from_hours(30 * 24));
    assert_eq!(found(&ground, here()).await.len(), 1);
    ground.suite.clock().advance(Duration::from_millis(1));
    assert_eq!(found(&ground, here()).await, []);

    let done = report(&mut ground.member(GRID), lamp("done")).await.case_id;
    assert_eq!(found(&ground, here()).await.len(), 1);
    ground.close_order(&done).await;
    assert_eq!(found(&ground, here()).await, [], "archived at once, for staff reported it");
}
