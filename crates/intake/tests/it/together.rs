//! Several reports of one matter: joined, merged, taken apart again; and each reporter hears of each
//! status once.

use std::time::Duration;

use api::intake::v1::{
    CaseStatus, JoinCaseRequest, JoinCaseResponse, ListSimilarRequest, MergeCasesRequest,
    RateCaseRequest, ReportCaseRequest, TrackCaseRequest, TrackCaseResponse, UnmergeCaseRequest,
    intake_service_client::IntakeServiceClient,
};
use kernel::Role;
use testkit::Db;
use tonic::{Code, Status};

use crate::{
    ground::{Client, GRID, Ground, LAMP, TOWNSHIP, lamp, position, refusal, report},
    life::rating,
    similar::{found, here},
};

on_both_databases! {
    a_joiner_follows_and_rates_the_case_of_another
    a_joining_is_refused_where_it_tells_or_doubles
    what_is_merged_ends_with_its_primary_and_each_reporter_hears_it_once
    after_an_unmerge_both_histories_are_as_if_never_merged
    merges_are_the_desks_and_never_go_in_circles
    what_a_primary_comes_to_alone_lets_the_others_go
    the_desk_lists_what_is_similar_without_the_case_itself
}

pub(crate) async fn track(ground: &Ground, code: &str) -> TrackCaseResponse {
    ground.suite.settled().await;
    let mut anybody = IntakeServiceClient::new(ground.suite.channel());
    let request = TrackCaseRequest { tracking_code: code.to_owned(), min_position: None };
    anybody.track_case(request).await.unwrap().into_inner()
}

pub(crate) fn events(tracked: &TrackCaseResponse) -> Vec<&str> {
    tracked.timeline.iter().map(|entry| entry.event.as_str()).collect()
}

fn joining(request_id: &str, join_code: &str) -> JoinCaseRequest {
    JoinCaseRequest {
        request_id: request_id.into(),
        join_code: join_code.into(),
        case_id: String::new(),
        category: LAMP.into(),
        geo_position: here().position,
        grid: String::new(),
        text: "我家门口也黑".into(),
        contact: None,
        photos: Vec::new(),
    }
}

async fn join(
    client: &mut Client,
    request_id: &str,
    join_code: &str,
) -> Result<JoinCaseResponse, Status> {
    Ok(client.join_case(joining(request_id, join_code)).await?.into_inner())
}

/// Which of two reports was the first is told by the clock.
fn later(ground: &Ground) {
    ground.suite.clock().advance(Duration::from_mins(1));
}

pub(crate) fn merging(request_id: &str, case: &str, into: &str) -> MergeCasesRequest {
    MergeCasesRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        into_case_id: into.into(),
        reason: "同一盏灯".into(),
    }
}

async fn a_joiner_follows_and_rates_the_case_of_another(db: Db) {
    let ground = Ground::start(db).await;
    let (mut first, mut second) = (ground.resident(1), ground.resident(2));
    let case = report(&mut first, lamp("a")).await;
    let code = found(&ground, here()).await[0].join_code.clone();
    let joined = join(&mut second, "b", &code).await.unwrap();
    // The same request, and the same wish in another, is the same joining.
    assert_eq!(join(&mut second, "b", &code).await.unwrap().tracking_code, joined.tracking_code);
    let again = join(&mut second, "c", &code).await.unwrap();
    assert_eq!((again.version, &again.tracking_code), (joined.version, &joined.tracking_code));
    assert_ne!(joined.tracking_code, case.tracking_code);
    assert_eq!(ground.case(&case.case_id).await.joiners, 1);

    ground.close_order(&case.case_id).await;
    let followed = track(&ground, &joined.tracking_code).await;
    assert_eq!(followed.case.as_ref().unwrap().status(), CaseStatus::Resolved);
    assert_eq!((followed.can_rate, followed.can_reopen), (true, false));
    assert!(followed.timeline.iter().all(|entry| entry.text.is_empty()));

    // The first reporter's rating is not the last word: the joiner rates, too, once.
    first.rate_case(rating("ra", &case.case_id)).await.unwrap();
    assert_eq!(ground.case(&case.case_id).await.status(), CaseStatus::Rated);
    let by_code = RateCaseRequest {
        case_id: String::new(),
        tracking_code: joined.tracking_code.clone(),
        ..rating("rb", "")
    };
    second.rate_case(by_code.clone()).await.unwrap();
    let twice = second.rate_case(RateCaseRequest { request_id: "rc".into(), ..by_code }).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "RATED_BEFORE".into()));
    assert_eq!(ground.case(&case.case_id).await.status(), CaseStatus::Archived);
    assert!(!track(&ground, &joined.tracking_code).await.can_rate);
}

async fn a_joining_is_refused_where_it_tells_or_doubles(db: Db) {
    let ground = Ground::start(db).await;
    let mut first = ground.resident(1);
    let case = report(&mut first, lamp("a")).await;
    let code = found(&ground, here()).await[0].join_code.clone();
    let own = join(&mut first, "own", &code).await;
    assert_eq!(refusal(own), (Code::FailedPrecondition, "CASE_IS_OWN".into()));
    for wrong in ["", "0000-00000-0000", "张三", case.tracking_code.as_str()] {
        let answer = join(&mut ground.resident(2), "wrong", wrong).await;
        assert_eq!(refusal(answer), (Code::NotFound, "CASE_NOT_FOUND".into()), "{wrong}");
    }
    let secret = ReportCaseRequest { confidential: true, ..lamp("secret") };
    let secret = report(&mut first, secret).await.case_id;
    // Neither found nor joined, not even by the desk.
    assert_eq!(found(&ground, here()).await.len(), 1);
    let by_id = JoinCaseRequest { case_id: secret, ..joining("by-id", "") };
    let answer = ground.of_division(Role::Operator, TOWNSHIP).join_case(by_id).await;
    assert_eq!(refusal(answer), (Code::NotFound, "CASE_NOT_FOUND".into()));
    ground.close_order(&case.case_id).await;
    assert_eq!(found(&ground, here()).await[0].join_code, "");
}

async fn what_is_merged_ends_with_its_primary_and_each_reporter_hears_it_once(db: Db) {
    let ground = Ground::start(db).await;
    let (mut one, mut other) = (ground.resident(1), ground.resident(2));
    let a = report(&mut one, lamp("a")).await;
    later(&ground);
    let b = report(&mut other, lamp("b")).await;
    later(&ground);
    let c = report(&mut ground.resident(3), lamp("c")).await;
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    // What is merged into a case goes along when that one is merged.
    desk.merge_cases(merging("cb", &c.case_id, &b.case_id)).await.unwrap();
    desk.merge_cases(merging("ba", &b.case_id, &a.case_id)).await.unwrap();
    let along = track(&ground, &b.tracking_code).await;
    assert!(along.merged);
    assert_eq!(along.case.as_ref().unwrap().status(), CaseStatus::Accepted);
    let seen = ground.seen(&a.case_id).await;
    assert_eq!(seen.going_along, [b.case_id.as_str()]);
    assert_eq!(ground.seen(&b.case_id).await.leads_to, a.case_id);

    ground.close_order(&a.case_id).await;
    for code in [&b.tracking_code, &c.tracking_code] {
        let end = track(&ground, code).await;
        assert_eq!(end.case.as_ref().unwrap().status(), CaseStatus::Resolved);
        let heard = events(&end);
        assert_eq!(heard, ["case_reported", "case_accepted", "case_merged", "case_resolved"]);
        assert!(end.can_rate && !end.merged);
    }
    // Each is rated and archived for itself.
    other.rate_case(rating("rb", &b.case_id)).await.unwrap();
    assert_eq!(ground.case(&b.case_id).await.status(), CaseStatus::Archived);
    for case in [&a.case_id, &c.case_id] {
        assert_eq!(ground.case(case).await.status(), CaseStatus::Resolved);
    }
}

async fn after_an_unmerge_both_histories_are_as_if_never_merged(db: Db) {
    let ground = Ground::start(db).await;
    let a = report(&mut ground.resident(1), lamp("a")).await;
    later(&ground);
    let c = report(&mut ground.resident(3), lamp("c")).await;
    let before = (ground.case(&a.case_id).await, ground.case(&c.case_id).await);
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.merge_cases(merging("m", &c.case_id, &a.case_id)).await.unwrap();
    assert_eq!(ground.case(&c.case_id).await.status(), CaseStatus::Merged);
    let undo = UnmergeCaseRequest {
        request_id: "u".into(),
        case_id: c.case_id.clone(),
        reason: "另一岸属于另一责任区".into(),
    };
    desk.unmerge_case(undo.clone()).await.unwrap();
    let again = desk.unmerge_case(UnmergeCaseRequest { request_id: "u2".into(), ..undo }).await;
    assert_eq!(refusal(again), (Code::FailedPrecondition, "CASE_NOT_MERGED".into()));

    let after = (ground.case(&a.case_id).await, ground.case(&c.case_id).await);
    assert_eq!(after.0, before.0);
    assert_eq!((after.1.status(), after.1.round), (before.1.status(), before.1.round));
    let decided = track(&ground, &c.tracking_code).await;
    assert_eq!(
        events(&decided),
        ["case_reported", "case_accepted", "case_merged", "case_unmerged"]
    );
    // The end of the other is none of its business any more.
    ground.close_order(&a.case_id).await;
    assert_eq!(ground.case(&c.case_id).await.status(), CaseStatus::Accepted);
    ground.close_order(&c.case_id).await;
    assert_eq!(ground.case(&c.case_id).await.status(), CaseStatus::Resolved);
}

async fn merges_are_the_desks_and_never_go_in_circles(db: Db) {
    let ground = Ground::start(db).await;
    let a = report(&mut ground.resident(1), lamp("a")).await.case_id;
    later(&ground);
    let b = report(&mut ground.resident(2), lamp("b")).await.case_id;
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let mut foreign = ground.of_division(Role::Operator, "620821102");
    let refused = foreign.merge_cases(merging("f", &b, &a)).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let refused = ground.member(GRID).merge_cases(merging("g", &b, &a)).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let later = desk.merge_cases(merging("l", &a, &b)).await;
    assert_eq!(refusal(later), (Code::FailedPrecondition, "MERGE_INTO_LATER".into()));
    desk.merge_cases(merging("m", &b, &a)).await.unwrap();
    let circle = desk.merge_cases(merging("o", &a, &b)).await;
    assert_eq!(refusal(circle), (Code::FailedPrecondition, "MERGE_INTO_MERGED".into()));
    let itself = desk.merge_cases(merging("i", &a, &a)).await;
    assert_eq!(refusal(itself), (Code::FailedPrecondition, "MERGE_INTO_ITSELF".into()));
}

async fn what_a_primary_comes_to_alone_lets_the_others_go(db: Db) {
    let ground = Ground::start(db).await;
    let mut first = ground.resident(1);
    let a = report(&mut first, lamp("a")).await.case_id;
    later(&ground);
    let b = report(&mut ground.resident(2), lamp("b")).await.case_id;
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.merge_cases(merging("m", &b, &a)).await.unwrap();
    let withdrawal = api::intake::v1::WithdrawCaseRequest {
        request_id: "w".into(),
        case_id: a.clone(),
        tracking_code: String::new(),
        reason: "已自行修好".into(),
    };
    first.withdraw_case(withdrawal).await.unwrap();
    assert_eq!(ground.case(&a).await.status(), CaseStatus::Withdrawn);
    // The second reporter's lamp is still dark.
    assert_eq!(ground.case(&b).await.status(), CaseStatus::Accepted);
}

async fn the_desk_lists_what_is_similar_without_the_case_itself(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, lamp("a")).await.case_id;
    let near = ReportCaseRequest { place: Some(position(107.365, 35.3354)), ..lamp("b") };
    let near = report(&mut ground.resident(2), near).await.case_id;
    ground.suite.settled().await;
    let request = ListSimilarRequest { case_id: case, min_position: None };
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let similar = desk.list_similar(request.clone()).await.unwrap().into_inner().cases;
    let found: Vec<_> =
        similar.iter().map(|one| one.case.as_ref().unwrap().case_id.as_str()).collect();
    assert_eq!((found, similar[0].distance_m), (vec![near.as_str()], 50));
    let foreign = ground.of_division(Role::Operator, "620821102").list_similar(request).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
}
