//! A resolved case that is taken up again, round after round.

use std::time::Duration;

use api::intake::v1::{
    CaseStatus, RateCaseRequest, ReopenCaseRequest, Satisfaction, TrackCaseRequest,
    TrackCaseResponse, intake_service_client::IntakeServiceClient,
};
use kernel::Role;
use testkit::{Db, until};
use tonic::Code;

use crate::{
    ground::{GRID, Ground, OTHER_VILLAGE, TOWNSHIP, get, lamp, refusal, report, wrong_fields},
    life::rating,
};

on_both_databases! {
    a_case_goes_round_again_until_its_reporter_is_satisfied
    the_window_for_reopening_runs_from_the_resolution
    only_the_reporter_and_the_desk_reopen_and_once
    a_reopened_case_is_not_archived_before_its_next_resolution
}

const DAY: Duration = Duration::from_hours(24);
const ALMOST_A_DAY: Duration = Duration::from_millis(86_399_999);

fn reopening(request_id: &str, case: &str) -> ReopenCaseRequest {
    ReopenCaseRequest {
        request_id: request_id.to_owned(),
        case_id: case.to_owned(),
        text: "又不亮了".to_owned(),
    }
}

fn low(request_id: &str, case: &str) -> RateCaseRequest {
    RateCaseRequest {
        solved: false,
        satisfaction: Satisfaction::VeryDissatisfied.into(),
        ..rating(request_id, case)
    }
}

async fn resolved(ground: &Ground, request_id: &str) -> (String, String) {
    let reported = report(&mut ground.resident(1), lamp(request_id)).await;
    ground.suite.settled().await;
    ground.close_order(&reported.case_id).await;
    (reported.case_id, reported.tracking_code)
}

async fn tracked(ground: &Ground, code: &str) -> TrackCaseResponse {
    ground.suite.settled().await;
    let request = TrackCaseRequest { tracking_code: code.to_owned(), min_position: None };
    let mut anybody = IntakeServiceClient::new(ground.suite.channel());
    anybody.track_case(request).await.unwrap().into_inner()
}

async fn a_case_goes_round_again_until_its_reporter_is_satisfied(db: Db) {
    let ground = Ground::start(db).await;
    let (case, code) = resolved(&ground, "r").await;
    let case = case.as_str();
    let mut resident = ground.resident(1);
    let may = tracked(&ground, &code).await;
    assert!(may.can_rate && may.can_reopen);
    resident.rate_case(low("rate1", case)).await.unwrap();
    let may = tracked(&ground, &code).await;
    assert_eq!(may.case.unwrap().status(), CaseStatus::Archived);
    assert!(!may.can_rate && may.can_reopen);

    let answer = resident.reopen_case(reopening("again", case)).await.unwrap().into_inner();
    assert_eq!(answer.round, 2);
    let seen = get(&mut resident, case, answer.position).await.unwrap().case.unwrap();
    assert_eq!((seen.status(), seen.round), (CaseStatus::Accepted, 2));
    assert_eq!(seen.satisfaction(), Satisfaction::Unspecified, "each round is rated for itself");
    let may = tracked(&ground, &code).await;
    assert!(!may.can_rate && !may.can_reopen);
    let early = resident.rate_case(rating("early", case)).await;
    assert_eq!(refusal(early), (Code::FailedPrecondition, "CASE_NOT_RESOLVED_YET".into()));

    // The first round's order, closed once more as if it came late, closes nothing.
    ground.close_order(case).await;
    assert_eq!(ground.case(case).await.status(), CaseStatus::Accepted);
    ground.close_order_named(case, "second").await;
    assert_eq!(ground.case(case).await.status(), CaseStatus::Resolved);
    resident.rate_case(rating("rate2", case)).await.unwrap();
    let end = ground.seen(case).await;
    let events: Vec<(&str, &str)> =
        end.timeline.iter().map(|entry| (entry.event.as_str(), entry.text.as_str())).collect();
    assert_eq!(
        events,
        [
            ("case_reported", "村口的路灯坏了"),
            ("case_accepted", ""),
            ("case_resolved", ""),
            ("case_rated", "很快"),
            ("case_archived", ""),
            ("case_reopened", "又不亮了"),
            ("case_resolved", ""),
            ("case_rated", "很快"),
            ("case_archived", ""),
        ]
    );
    let row = end.case.unwrap();
    assert_eq!((row.satisfaction(), row.round), (Satisfaction::Satisfied, 2));
    assert_eq!(row.first_reported_at, row.reported_at);
    for table in ground.suite.context().running.tables() {
        if let Some(differences) = table.verify().await.unwrap() {
            assert_eq!(differences, [""; 0], "{}", table.table);
        }
    }
}

async fn the_window_for_reopening_runs_from_the_resolution(db: Db) {
    let ground = Ground::start(db).await;
    let (in_time, code) = resolved(&ground, "in-time").await;
    let (late, late_code) = resolved(&ground, "late").await;
    let mut resident = ground.resident(1);
    // A touch later on does not make the window longer.
    ground.suite.clock().advance(6 * DAY);
    for case in [&in_time, &late] {
        resident.rate_case(low(&format!("rate-{case}"), case)).await.unwrap();
    }
    ground.suite.clock().advance(8 * DAY + ALMOST_A_DAY);
    assert!(tracked(&ground, &code).await.can_reopen);
    resident.reopen_case(reopening("a", &in_time)).await.unwrap();
    ground.suite.clock().advance(Duration::from_millis(1));
    assert!(!tracked(&ground, &late_code).await.can_reopen);
    for mut caller in [ground.resident(1), ground.of_division(Role::Operator, TOWNSHIP)] {
        let refused = caller.reopen_case(reopening("b", &late)).await;
        let over = (Code::FailedPrecondition, "CASE_REOPEN_WINDOW_OVER".to_owned());
        assert_eq!(refusal(refused), over);
    }
    assert_eq!(ground.case(&late).await.status(), CaseStatus::Archived);
    // The next round has a window of its own.
    ground.close_order_named(&in_time, "second").await;
    ground.suite.clock().advance(10 * DAY);
    let answer = resident.reopen_case(reopening("c", &in_time)).await.unwrap().into_inner();
    assert_eq!(answer.round, 3);
}

async fn only_the_reporter_and_the_desk_reopen_and_once(db: Db) {
    let ground = Ground::start(db).await;
    let open = report(&mut ground.resident(1), lamp("open")).await.case_id;
    let (case, _) = resolved(&ground, "r").await;
    for mut other in [ground.resident(2), ground.member(GRID)] {
        let refused = other.reopen_case(reopening("x", &case)).await;
        assert_eq!(refusal(refused), (Code::PermissionDenied, "NOT_THE_REPORTER".into()));
    }
    let elsewhere = ground.of_division(Role::Operator, OTHER_VILLAGE);
    let refused = elsewhere.clone().reopen_case(reopening("x", &case)).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let hostile = ReopenCaseRequest {
        request_id: "a b".into(),
        case_id: "620821;DROP".into(),
        text: "长".repeat(1_001),
    };
    let mut desk = ground.of_division(Role::Supervisor, TOWNSHIP);
    assert_eq!(wrong_fields(desk.reopen_case(hostile).await), ["request_id", "case_id", "text"]);
    let silent = ReopenCaseRequest { text: " ".into(), ..reopening("x", &case) };
    assert_eq!(wrong_fields(desk.reopen_case(silent).await), ["text"]);
    let refused = desk.reopen_case(reopening("x", &open)).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CASE_NOT_RESOLVED_YET".into()));

    let first = desk.reopen_case(reopening("desk", &case)).await.unwrap().into_inner();
    let again = desk.reopen_case(reopening("desk", &case)).await.unwrap().into_inner();
    assert_eq!(again, first);
    let second = ground.resident(1).reopen_case(reopening("own", &case)).await;
    assert_eq!(refusal(second), (Code::FailedPrecondition, "CASE_NOT_RESOLVED_YET".into()));
    let other_text = ReopenCaseRequest { text: "别的".into(), ..reopening("desk", &case) };
    let another = desk.reopen_case(other_text).await;
    assert_eq!(refusal(another), (Code::AlreadyExists, "REQUEST_ID_REUSED".into()));
    let seen = ground.seen(&case).await;
    let reopened = seen.timeline.iter().filter(|entry| entry.event == "case_reopened").count();
    assert_eq!(reopened, 1);
    // Who of the staff reopened it, and what they wrote, is not the reporter's to read.
    let own = get(&mut ground.resident(1), &case, None).await.unwrap();
    let entry = own.timeline.last().unwrap();
    assert_eq!(
        (entry.event.as_str(), entry.actor.as_str(), entry.text.as_str()),
        ("case_reopened", "", "")
    );
}

async fn a_reopened_case_is_not_archived_before_its_next_resolution(db: Db) {
    let ground = Ground::start(db).await;
    let (case, _) = resolved(&ground, "r").await;
    let (other, _) = resolved(&ground, "other").await;
    ground.resident(1).reopen_case(reopening("a", &case)).await.unwrap();
    ground.suite.clock().advance(7 * DAY);
    let ended = async |case: &str| ground.case(case).await.status() == CaseStatus::Archived;
    // The other's window has ended, so the timer has looked.
    until("the other is archived", || ended(&other)).await;
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Accepted);
    ground.close_order_named(&case, "second").await;
    ground.suite.clock().advance(6 * DAY + ALMOST_A_DAY);
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Resolved);
    ground.suite.clock().advance(Duration::from_millis(1));
    until("the window of the second round ends", || ended(&case)).await;
}
