//! What comes up often in one place.

use std::time::Duration;

use api::intake::v1::{
    AcknowledgeHotspotRequest, ConcludeHotspotRequest, Hotspot, HotspotStatus, ListHotspotsRequest,
    RefusalReason, RefuseCaseRequest, ReportCaseRequest,
};
use contracts::{
    intake::{CaseEvent, CaseMerged, CaseUnmerged},
    subject,
};
use kernel::{Role, id::CaseId};
use testkit::{Db, until};
use tonic::Code;

use crate::ground::{GRID, Ground, OTHER_VILLAGE, TOWNSHIP, VILLAGE, lamp, refusal, report};

on_both_databases! {
    the_third_case_makes_a_hot_spot_which_falls_silent_after_four_market_days
    merged_cases_are_one_until_they_are_apart_again
    what_was_refused_or_is_confidential_or_lies_elsewhere_counts_for_nothing
}

const DAY: Duration = Duration::from_hours(24);

/// 占道经营: stalls on the road.
fn stall(request_id: &str) -> ReportCaseRequest {
    ReportCaseRequest { category: "0502".into(), ..lamp(request_id) }
}

async fn hot(ground: &Ground, division: &str, status: HotspotStatus) -> Vec<Hotspot> {
    ground.suite.settled().await;
    let request = ListHotspotsRequest { status: status.into(), ..ListHotspotsRequest::default() };
    let mut client = ground.catalogue(Role::Operator, division);
    client.list_hotspots(request).await.unwrap().into_inner().hotspots
}

async fn the_third_case_makes_a_hot_spot_which_falls_silent_after_four_market_days(db: Db) {
    let mut ground = Ground::start(db).await;
    let open = HotspotStatus::Unspecified;
    for (n, days) in [(1, 0), (2, 3), (3, 3)] {
        assert!(hot(&ground, "620821", open).await.is_empty(), "{n}");
        ground.suite.clock().advance(DAY * days);
        report(&mut ground.resident(n), stall(&format!("stall {n}").replace(' ', "-"))).await;
    }
    let found = hot(&ground, VILLAGE, open).await;
    let [spot] = &found[..] else { panic!("{found:?}") };
    assert_eq!((spot.grid.as_str(), spot.category.as_str()), (GRID, "0502"));
    assert_eq!((spot.count, spot.window_days, spot.status()), (3, 15, HotspotStatus::Raised));
    assert!(!spot.category_zh.is_empty());
    assert!(hot(&ground, OTHER_VILLAGE, open).await.is_empty(), "not another village's");
    let head = ground.suite.head().await;
    let events = hot(&ground, TOWNSHIP, open).await[0].version;
    report(&mut ground.resident(4), stall("stall-4")).await;
    assert_eq!(hot(&ground, TOWNSHIP, open).await[0].version, events, "warned once");
    assert!(ground.suite.head().await > head);

    let id = spot.hotspot_id.clone();
    let see = |request_id: &str| AcknowledgeHotspotRequest {
        request_id: request_id.into(),
        hotspot_id: id.clone(),
        measure: "请交警和城管联合查看".into(),
    };
    let mut elsewhere = ground.catalogue(Role::Operator, OTHER_VILLAGE);
    let foreign = elsewhere.acknowledge_hotspot(see("foreign")).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let mut desk = ground.catalogue(Role::Operator, TOWNSHIP);
    let first = desk.acknowledge_hotspot(see("see")).await.unwrap().into_inner();
    assert_eq!(desk.acknowledge_hotspot(see("see")).await.unwrap().into_inner(), first);
    let done = ConcludeHotspotRequest {
        request_id: "done".into(),
        hotspot_id: id.clone(),
        measure: "摊位移至固定市场".into(),
    };
    ground.suite.clock().advance(DAY);
    desk.conclude_hotspot(done).await.unwrap();
    let late = desk.acknowledge_hotspot(see("late")).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "HOTSPOT_CONCLUDED".into()));
    let spot = hot(&ground, TOWNSHIP, open).await.remove(0);
    assert_eq!(
        (spot.status(), spot.measure.as_str()),
        (HotspotStatus::Concluded, "摊位移至固定市场")
    );

    // Quiet for twelve days, eleven of which nobody was there to see.
    ground.suite.clock().advance(DAY * 11);
    ground.suite = ground.suite.restart().await;
    assert_eq!(hot(&ground, TOWNSHIP, open).await.len(), 1);
    ground.suite.clock().advance(DAY);
    until("it is cleared", || async { hot(&ground, TOWNSHIP, open).await.is_empty() }).await;
    let cleared = hot(&ground, TOWNSHIP, HotspotStatus::Cleared).await;
    assert_eq!((cleared.len(), cleared[0].version), (1, 4), "raised, seen, concluded, cleared");
    // Another case is the first of the next three.
    report(&mut ground.resident(5), stall("stall-5")).await;
    assert!(hot(&ground, TOWNSHIP, open).await.is_empty());
    ground.suite = ground.suite.restart_without_databases().await;
    assert_eq!(
        hot(&ground, TOWNSHIP, HotspotStatus::Cleared).await,
        cleared_but_for(&cleared, &ground)
    );
}

/// The row after the last case: only when it was last reported differs.
fn cleared_but_for(cleared: &[Hotspot], ground: &Ground) -> Vec<Hotspot> {
    let last_reported_at = ground.suite.clock_now().0;
    cleared.iter().map(|spot| Hotspot { last_reported_at, ..spot.clone() }).collect()
}

async fn merged_cases_are_one_until_they_are_apart_again(db: Db) {
    let ground = Ground::start(db).await;
    let mut cases: Vec<CaseId> = Vec::new();
    for n in 1..=3 {
        let reported = report(&mut ground.resident(n), stall(&format!("stall-{n}"))).await;
        cases.push(reported.case_id.parse().unwrap());
        let [first, second] = &cases[..] else { continue };
        let merged = CaseMerged {
            occurred_at: ground.suite.clock_now(),
            case: second.clone(),
            into: first.clone(),
            by: ground.suite.person(9),
            reason: None,
        };
        ground.suite.settled().await;
        let (subject, id) = (subject::case(second), second.to_string());
        ground.suite.append(&subject, &id, &[CaseEvent::from(merged)]).await;
        ground.suite.settled().await;
    }
    assert!(hot(&ground, VILLAGE, HotspotStatus::Unspecified).await.is_empty(), "two, not three");
    let apart = CaseUnmerged {
        occurred_at: ground.suite.clock_now(),
        case: cases[1].clone(),
        from: cases[0].clone(),
        by: ground.suite.person(9),
        reason: None,
    };
    let (subject, id) = (subject::case(&cases[1]), cases[1].to_string());
    ground.suite.append(&subject, &id, &[CaseEvent::from(apart)]).await;
    assert_eq!(hot(&ground, VILLAGE, HotspotStatus::Raised).await[0].count, 3);
}

async fn what_was_refused_or_is_confidential_or_lies_elsewhere_counts_for_nothing(db: Db) {
    let ground = Ground::start(db).await;
    let mut desk = ground.of_division(Role::Operator, "620821");
    // Questions wait for the desk, which refuses two of them.
    for n in 0..4 {
        let question =
            ReportCaseRequest { category: "1301".into(), ..lamp(&format!("question-{n}")) };
        let case = report(&mut ground.resident(n), question).await.case_id;
        if n < 2 {
            let refuse = RefuseCaseRequest {
                request_id: format!("refuse-{n}"),
                case_id: case,
                reason: RefusalReason::Untrue.into(),
                explanation: String::new(),
            };
            desk.refuse_case(refuse).await.unwrap();
        }
        ground.suite.settled().await;
    }
    let list = api::intake::v1::ListCategoriesRequest { min_position: None };
    let list = desk.list_categories(list).await.unwrap().into_inner().categories;
    let confidential = list.iter().find(|category| category.confidential).unwrap().code.clone();
    for n in 0..4 {
        let secret =
            ReportCaseRequest { category: confidential.clone(), ..lamp(&format!("secret-{n}")) };
        report(&mut ground.resident(n), secret).await;
        let place = api::intake::v1::report_case_request::Place::Division(
            if n % 2 == 0 { OTHER_VILLAGE } else { VILLAGE }.into(),
        );
        let spread = ReportCaseRequest { place: Some(place), ..stall(&format!("spread-{n}")) };
        report(&mut ground.resident(n), spread).await;
    }
    let found = hot(&ground, "620821", HotspotStatus::Unspecified).await;
    assert!(found.is_empty(), "{found:?}");
}
