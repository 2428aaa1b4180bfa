//! A case leaves the place or the sight that it had: handed on, taken back, confidential.

use api::intake::v1::{
    CaseStatus, ReportCaseRequest, SetConfidentialRequest, TransferCaseRequest, WithdrawCaseRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::{
    ground::{Ground, OTHER_VILLAGE, TOWNSHIP, VILLAGE, get, lamp, refusal, report, wrong_fields},
    together::{events, track},
};

on_both_databases! {
    a_transferred_case_goes_on_elsewhere_with_all_that_belongs_to_it
    a_case_is_not_transferred_out_of_the_county
    a_reporter_takes_a_case_back_until_it_is_resolved
    what_is_confidential_is_read_by_the_upper_desk_and_its_reporter_alone
}

fn transferring(request_id: &str, case: &str, to: &str) -> TransferCaseRequest {
    TransferCaseRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        to_division: to.into(),
        reason: "属于邻村".into(),
    }
}

async fn a_transferred_case_goes_on_elsewhere_with_all_that_belongs_to_it(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let photo = "620821101203-01jz8q4m7x3v5t9a2b6c8d0ep1".to_owned();
    let reported = ReportCaseRequest { photos: vec![photo.clone()], ..lamp("a") };
    let reported = report(&mut resident, reported).await;
    let before = ground.case(&reported.case_id).await;
    ground.suite.clock().advance(std::time::Duration::from_hours(1));
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let request = transferring("t", &reported.case_id, OTHER_VILLAGE);
    let handed = desk.transfer_case(request.clone()).await.unwrap().into_inner();
    let again = desk.transfer_case(request).await.unwrap().into_inner();
    assert_eq!(again.successor_case_id, handed.successor_case_id);
    ground.suite.settled().await;

    assert_eq!(ground.case(&reported.case_id).await.status(), CaseStatus::Transferred);
    let mut other_desk = ground.of_division(Role::Operator, OTHER_VILLAGE);
    let there = get(&mut other_desk, &handed.successor_case_id, None).await.unwrap();
    assert_eq!((there.text.as_str(), there.photos), ("村口的路灯坏了", vec![photo]));
    assert_eq!(there.contact.unwrap().name, "张*");
    let case = there.case.unwrap();
    assert_eq!((case.status(), case.division.as_str()), (CaseStatus::Accepted, OTHER_VILLAGE));
    assert_eq!(case.first_reported_at, before.reported_at);
    assert!(case.reported_at > before.reported_at);

    // The first code leads to where the case goes on, and its reporter rates it there.
    ground.close_order(&handed.successor_case_id).await;
    let tracked = track(&ground, &reported.tracking_code).await;
    assert_eq!(tracked.case.as_ref().unwrap().case_id, handed.successor_case_id);
    assert!(tracked.can_rate);
    assert_eq!(
        events(&tracked),
        ["case_reported", "case_accepted", "case_transferred", "case_accepted", "case_resolved"]
    );
    let rating = crate::life::rating("r", "");
    let by_code = api::intake::v1::RateCaseRequest {
        tracking_code: reported.tracking_code.clone(),
        ..rating
    };
    resident.rate_case(by_code).await.unwrap();
    assert_eq!(ground.case(&handed.successor_case_id).await.status(), CaseStatus::Archived);
}

async fn a_case_is_not_transferred_out_of_the_county(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.resident(1), lamp("a")).await.case_id;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    for elsewhere in ["620822", "620821999", "x"] {
        let answer = desk.transfer_case(transferring("t", &case, elsewhere)).await;
        assert_eq!(wrong_fields(answer), ["to_division"], "{elsewhere}");
    }
    let stays = desk.transfer_case(transferring("s", &case, VILLAGE)).await;
    assert_eq!(refusal(stays), (Code::FailedPrecondition, "CASE_IS_THERE_ALREADY".into()));
    let mut foreign = ground.of_division(Role::Operator, OTHER_VILLAGE);
    let refused = foreign.transfer_case(transferring("f", &case, OTHER_VILLAGE)).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
}

async fn a_reporter_takes_a_case_back_until_it_is_resolved(db: Db) {
    let ground = Ground::start(db).await;
    let (mut resident, mut other) = (ground.resident(1), ground.resident(2));
    let withdrawal = |request_id: &str, case: &str, code: &str| WithdrawCaseRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        tracking_code: code.into(),
        reason: String::new(),
    };
    let first = report(&mut resident, lamp("a")).await;
    let strangers = other.withdraw_case(withdrawal("x", &first.case_id, "")).await;
    assert_eq!(refusal(strangers), (Code::PermissionDenied, "NOT_THE_REPORTER".into()));
    resident.withdraw_case(withdrawal("w", &first.case_id, "")).await.unwrap();
    assert_eq!(ground.case(&first.case_id).await.status(), CaseStatus::Withdrawn);

    // Whoever holds the code is the reporter, on whatever phone.
    let second = report(&mut resident, lamp("b")).await;
    ground.suite.settled().await;
    other.withdraw_case(withdrawal("w2", "", &second.tracking_code)).await.unwrap();
    assert_eq!(ground.case(&second.case_id).await.status(), CaseStatus::Withdrawn);

    let third = report(&mut resident, lamp("c")).await;
    ground.suite.settled().await;
    ground.close_order(&third.case_id).await;
    let late = resident.withdraw_case(withdrawal("w3", &third.case_id, "")).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "CASE_ALREADY_RESOLVED".into()));
}

async fn what_is_confidential_is_read_by_the_upper_desk_and_its_reporter_alone(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, lamp("a")).await.case_id;
    ground.suite.settled().await;
    let mut village = ground.of_division(Role::Operator, VILLAGE);
    assert!(!get(&mut village, &case, None).await.unwrap().text.is_empty());
    let wish = SetConfidentialRequest {
        request_id: "c".into(),
        case_id: case.clone(),
        confidential: true,
    };
    resident.set_confidential(wish.clone()).await.unwrap();
    let refused = ground.resident(2).set_confidential(wish).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "NOT_THE_REPORTER".into()));
    ground.suite.settled().await;

    for mut upper in [
        ground.of_division(Role::Operator, TOWNSHIP),
        ground.of_division(Role::Operator, "620821"),
        ground.resident(1),
    ] {
        let seen = get(&mut upper, &case, None).await.unwrap();
        assert_eq!(seen.text, "村口的路灯坏了");
        assert!(seen.case.unwrap().confidential);
    }
    for mut near in
        [village, ground.of_division(Role::Verifier, VILLAGE), ground.member(crate::ground::GRID)]
    {
        let seen = get(&mut near, &case, None).await.unwrap();
        assert_eq!((seen.text.as_str(), seen.contact), ("", None));
        assert!(seen.timeline.iter().all(|entry| entry.text.is_empty() && entry.data.is_empty()));
        assert_eq!(seen.case.unwrap().status(), CaseStatus::Accepted);
    }
}
