//! What passes between the desk and the reporter: questions, answers, calls.

use std::time::Duration;

use api::intake::v1::{
    AddInformationRequest, AnswerCaseRequest, CallBackRequest, CalledRating, CaseStatus, Channel,
    ReportCaseRequest, RequestInformationRequest, Satisfaction,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::{
    ground::{Ground, OTHER_VILLAGE, TOWNSHIP, get, lamp, refusal, report, wrong_fields},
    life::rating,
};

on_both_databases! {
    a_case_waits_for_what_its_reporter_was_asked
    what_nobody_answers_ends_when_its_limit_is_over
    after_acceptance_a_question_leaves_the_case_accepted
    an_enquiry_is_answered_at_once_and_rated
    a_call_brings_the_rating_of_whoever_reported_by_telephone
    a_comment_moves_no_window
    a_rating_that_is_late_and_one_that_is_doubled_are_told_apart
}

const DAY: Duration = Duration::from_hours(24);

fn question(request_id: &str, case: &str) -> RequestInformationRequest {
    RequestInformationRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        question: "是哪一盏灯？".into(),
    }
}

fn addition(request_id: &str, case: &str) -> AddInformationRequest {
    AddInformationRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        text: "桥头第二盏".into(),
        photos: Vec::new(),
    }
}

/// An enquiry, which no rule accepts.
fn enquiry(request_id: &str) -> ReportCaseRequest {
    ReportCaseRequest { category: "1308".into(), ..lamp(request_id) }
}

async fn a_case_waits_for_what_its_reporter_was_asked(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, enquiry("a")).await.case_id;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let mut foreign = ground.of_division(Role::Operator, OTHER_VILLAGE);
    let refused = foreign.request_information(question("f", &case)).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let wrong = RequestInformationRequest { question: " ".into(), ..question("w", &case) };
    assert_eq!(wrong_fields(desk.request_information(wrong).await), ["question"]);
    let asked = desk.request_information(question("q", &case)).await.unwrap().into_inner();
    let waits = ground.case(&case).await;
    assert_eq!(
        (waits.status(), waits.answer_due),
        (CaseStatus::AwaitingInformation, asked.answer_due)
    );
    assert_eq!(asked.answer_due - waits.reported_at, 5 * 86_400_000);
    let twice = desk.request_information(question("q2", &case)).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "CASE_AWAITS_INFORMATION".into()));
    // The reporter reads the question, and answers.
    let own = get(&mut resident, &case, None).await.unwrap();
    assert_eq!(own.timeline.last().unwrap().text, "是哪一盏灯？");
    resident.add_information(addition("i", &case)).await.unwrap();
    let answered = ground.case(&case).await;
    assert_eq!((answered.status(), answered.answer_due), (CaseStatus::Reported, 0));
    ground.suite.clock().advance(6 * DAY);
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Reported);
}

async fn what_nobody_answers_ends_when_its_limit_is_over(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.resident(1), enquiry("a")).await.case_id;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.request_information(question("q", &case)).await.unwrap();
    ground.suite.clock().advance(4 * DAY + Duration::from_mins(23 * 60 + 59));
    assert_eq!(ground.case(&case).await.status(), CaseStatus::AwaitingInformation);
    ground.suite.clock().advance(Duration::from_secs(61));
    testkit::until("the case lapses", || async {
        ground.case(&case).await.status() == CaseStatus::Lapsed
    })
    .await;
    let late = ground.resident(1).add_information(addition("i", &case)).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "CASE_LAPSED".into()));
}

async fn after_acceptance_a_question_leaves_the_case_accepted(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.resident(1), lamp("a")).await.case_id;
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.request_information(question("q", &case)).await.unwrap();
    let accepted = ground.case(&case).await;
    assert_eq!((accepted.status(), accepted.answer_due), (CaseStatus::Accepted, 0));
    ground.suite.clock().advance(6 * DAY);
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Accepted);
}

async fn an_enquiry_is_answered_at_once_and_rated(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, enquiry("a")).await.case_id;
    let answer = AnswerCaseRequest {
        request_id: "n".into(),
        case_id: case.clone(),
        answer: "下周一开门".into(),
    };
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.answer_case(answer).await.unwrap();
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Answered);
    let own = get(&mut resident, &case, None).await.unwrap();
    assert_eq!(own.timeline.last().unwrap().text, "下周一开门");
    resident.rate_case(rating("r", &case)).await.unwrap();
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Archived);
}

async fn a_call_brings_the_rating_of_whoever_reported_by_telephone(db: Db) {
    let ground = Ground::start(db).await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let call = |request_id: &str, case: &str, rating: Option<CalledRating>| CallBackRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        reached: rating.is_some(),
        note: String::new(),
        rating,
    };
    let hotline = ReportCaseRequest {
        channel: Channel::Hotline.into(),
        reference: "12345-20260618-0042".into(),
        ..lamp("h")
    };
    let spaced = ReportCaseRequest { reference: "张 三".into(), ..hotline.clone() };
    assert_eq!(wrong_fields(desk.report_case(spaced).await), ["reference"]);
    let case = report(&mut desk, hotline).await.case_id;
    ground.suite.settled().await;
    assert_eq!(ground.seen(&case).await.reference, "12345-20260618-0042");
    let early = desk.call_back(call("e", &case, None)).await;
    assert_eq!(refusal(early), (Code::FailedPrecondition, "CASE_NOT_RESOLVED_YET".into()));
    ground.close_order(&case).await;
    // Whoever called the hotline is asked, though staff reported for them.
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Resolved);
    let missed = desk.call_back(call("c1", &case, None)).await.unwrap().into_inner();
    let said = CalledRating {
        contacted: true,
        solved: true,
        satisfaction: Satisfaction::FairlySatisfied.into(),
    };
    let reached = desk.call_back(call("c2", &case, Some(said))).await.unwrap().into_inner();
    assert_eq!((missed.attempt, reached.attempt), (1, 2));
    let end = ground.seen(&case).await;
    let row = end.case.unwrap();
    assert_eq!(
        (row.status(), row.satisfaction()),
        (CaseStatus::Archived, Satisfaction::FairlySatisfied)
    );
    let rated = end.timeline.iter().find(|entry| entry.event == "case_rated").unwrap();
    assert!(rated.data.contains("recorded_by"), "{}", rated.data);
}

async fn a_comment_moves_no_window(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, lamp("a")).await.case_id;
    ground.suite.settled().await;
    ground.close_order(&case).await;
    ground.suite.clock().advance(6 * DAY);
    resident.add_information(addition("late", &case)).await.unwrap();
    // The week runs from the resolution, not from the last word.
    ground.suite.clock().advance(DAY);
    testkit::until("the case is archived", || async {
        ground.case(&case).await.status() == CaseStatus::Archived
    })
    .await;
    // And so do the fifteen days for reopening.
    ground.suite.clock().advance(8 * DAY);
    let reopen = api::intake::v1::ReopenCaseRequest {
        request_id: "o".into(),
        case_id: case.clone(),
        text: "又黑了".into(),
    };
    let late = resident.reopen_case(reopen).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "CASE_REOPEN_WINDOW_OVER".into()));
}

async fn a_rating_that_is_late_and_one_that_is_doubled_are_told_apart(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let (rated, unrated) = (
        report(&mut resident, lamp("a")).await.case_id,
        report(&mut resident, lamp("b")).await.case_id,
    );
    ground.suite.settled().await;
    ground.close_order(&rated).await;
    ground.close_order(&unrated).await;
    resident.rate_case(rating("r", &rated)).await.unwrap();
    ground.suite.clock().advance(8 * DAY);
    testkit::until("the other is archived", || async {
        ground.case(&unrated).await.status() == CaseStatus::Archived
    })
    .await;
    let twice = resident.rate_case(rating("r2", &rated)).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "RATED_BEFORE".into()));
    let late = resident.rate_case(rating("r3", &unrated)).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "RATING_WINDOW_OVER".into()));
}
