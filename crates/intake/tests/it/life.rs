//! A case from its report to the archive.

use api::intake::v1::{
    AcceptCaseRequest, AddInformationRequest, CaseStatus, PlaceSource, RateCaseRequest,
    RefusalReason, RefuseCaseRequest, Satisfaction, TrackCaseRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::ground::{Ground, OTHER_VILLAGE, TOWNSHIP, get, lamp, refusal, report};

on_both_databases! {
    a_report_is_accepted_resolved_rated_and_archived
    a_question_waits_for_an_operator
    a_refused_case_tells_its_reporter_why
    what_staff_report_is_archived_without_a_rating
    the_same_request_is_the_same_case
}

pub(crate) fn rating(request_id: &str, case: &str) -> RateCaseRequest {
    RateCaseRequest {
        request_id: request_id.to_owned(),
        case_id: case.to_owned(),
        contacted: true,
        solved: true,
        satisfaction: Satisfaction::Satisfied.into(),
        comment: "很快".to_owned(),
        ..RateCaseRequest::default()
    }
}

async fn a_report_is_accepted_resolved_rated_and_archived(db: Db) {
    let ground = Ground::start(db).await;
    let (mut resident, mut other) = (ground.resident(1), ground.resident(2));
    let reported = report(&mut resident, lamp("r1")).await;
    let case = reported.case_id.as_str();
    assert_eq!(reported.version, 1);
    assert_eq!(reported.place_source(), PlaceSource::PositionInGrid);

    // Read right after the write, and acted on right after it.
    let own = get(&mut resident, case, reported.position.clone()).await.unwrap();
    assert_eq!(own.text, "村口的路灯坏了");
    assert_eq!(own.case.unwrap().category_zh, "路灯不亮或损坏");
    let early = resident.rate_case(rating("early", case)).await;
    assert_eq!(refusal(early), (Code::FailedPrecondition, "CASE_NOT_RESOLVED_YET".into()));
    assert_eq!(ground.case(case).await.status(), CaseStatus::Accepted);

    let more = AddInformationRequest {
        request_id: "more".into(),
        case_id: case.into(),
        text: "一共三盏".into(),
        photos: Vec::new(),
    };
    assert_eq!(resident.add_information(more.clone()).await.unwrap().into_inner().version, 3);
    let strangers = other.add_information(more).await;
    assert_eq!(refusal(strangers), (Code::PermissionDenied, "NOT_THE_REPORTER".into()));

    ground.close_order(case).await;
    assert_eq!(ground.case(case).await.status(), CaseStatus::Resolved);
    let by_another = other.rate_case(rating("rate", case)).await;
    assert_eq!(refusal(by_another), (Code::PermissionDenied, "NOT_THE_REPORTER".into()));
    resident.rate_case(rating("rate", case)).await.unwrap();

    let end = ground.seen(case).await;
    let events: Vec<&str> = end.timeline.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(
        events,
        [
            "case_reported",
            "case_accepted",
            "information_added",
            "case_resolved",
            "case_rated",
            "case_archived"
        ]
    );
    let texts: Vec<&str> = end.timeline.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["村口的路灯坏了", "", "一共三盏", "", "很快", ""]);
    let row = end.case.unwrap();
    assert_eq!((row.status(), row.satisfaction()), (CaseStatus::Archived, Satisfaction::Satisfied));
    let again = resident.rate_case(rating("again", case)).await;
    assert_eq!(refusal(again), (Code::FailedPrecondition, "RATED_BEFORE".into()));

    // Whoever holds the code follows it, and learns neither texts nor persons.
    let mut anybody =
        api::intake::v1::intake_service_client::IntakeServiceClient::new(ground.suite.channel());
    let code = reported.tracking_code.to_lowercase().replace('-', " ");
    let track = |code: &str| TrackCaseRequest { tracking_code: code.into(), min_position: None };
    let tracked = anybody.track_case(track(&code)).await.unwrap().into_inner();
    assert_eq!(tracked.case.unwrap().status(), CaseStatus::Archived);
    assert_eq!(tracked.timeline.len(), 6);
    assert!(tracked.timeline.iter().all(|entry| entry.text.is_empty() && entry.actor.is_empty()));
    for unknown in ["0000-00000-0000", "", "张三", "x' OR 1=1 --"] {
        let answer = anybody.track_case(track(unknown)).await;
        assert_eq!(refusal(answer), (Code::NotFound, "CASE_NOT_FOUND".into()), "{unknown}");
    }
}

async fn a_question_waits_for_an_operator(db: Db) {
    let ground = Ground::start(db).await;
    for category in ["1308", "1311"] {
        let mut request = lamp(category);
        category.clone_into(&mut request.category);
        let case = report(&mut ground.resident(1), request).await.case_id;
        assert_eq!(ground.case(&case).await.status(), CaseStatus::Reported);

        let accept = |request_id: &str| AcceptCaseRequest {
            request_id: request_id.into(),
            case_id: case.clone(),
            category: "0101".into(),
            grid: String::new(),
        };
        let mut foreign = ground.of_division(Role::Operator, OTHER_VILLAGE);
        let refused = foreign.accept_case(accept("a")).await;
        assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
        let mut operator = ground.of_division(Role::Operator, TOWNSHIP);
        operator.accept_case(accept("a")).await.unwrap();
        operator.accept_case(accept("b")).await.unwrap();
        let accepted = ground.case(&case).await;
        assert_eq!(
            (accepted.status(), accepted.category.as_str(), accepted.version),
            (CaseStatus::Accepted, "0101", 2)
        );
    }
}

async fn a_refused_case_tells_its_reporter_why(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let mut request = lamp("r");
    request.category = "1308".into();
    let case = report(&mut resident, request).await.case_id;
    let refuse = RefuseCaseRequest {
        request_id: "no".into(),
        case_id: case.clone(),
        reason: RefusalReason::InOtherProcedure.into(),
        explanation: "法院已立案".into(),
    };
    let mut operator = ground.of_division(Role::Operator, TOWNSHIP);
    operator.refuse_case(refuse).await.unwrap();
    ground.suite.settled().await;
    let seen = get(&mut resident, &case, None).await.unwrap();
    assert_eq!(seen.case.unwrap().status(), CaseStatus::Refused);
    assert_eq!(seen.timeline[1].text, "法院已立案");
    assert_eq!(seen.timeline[1].actor, "", "which member of staff refused is not told");
    let more = AddInformationRequest {
        request_id: "m".into(),
        case_id: case,
        text: "可是".into(),
        photos: Vec::new(),
    };
    let refused = resident.add_information(more).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CASE_REFUSED".into()));
}

async fn what_staff_report_is_archived_without_a_rating(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.member(crate::ground::GRID), lamp("patrol")).await.case_id;
    ground.suite.settled().await;
    ground.close_order(&case).await;
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Archived);
}

async fn the_same_request_is_the_same_case(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let first = report(&mut resident, lamp("r")).await;
    let again = report(&mut resident, lamp("r")).await;
    assert_eq!(again, first);
    let mut other_text = lamp("r");
    other_text.text = "另一件事".into();
    let mut other_place = lamp("r");
    other_place.place = Some(crate::ground::position(100.0, 30.0));
    for other in [other_text, other_place] {
        let refused = resident.report_case(other).await;
        assert_eq!(refusal(refused), (Code::AlreadyExists, "REQUEST_ID_REUSED".into()));
    }
    // Another person's request of the same name is another case.
    let others = report(&mut ground.resident(2), lamp("r")).await;
    assert_ne!(others.case_id, first.case_id);
    assert_ne!(others.tracking_code, first.tracking_code);
}
