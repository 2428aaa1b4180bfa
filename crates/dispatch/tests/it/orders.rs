//! The life of an order.

use api::dispatch::v1::{
    AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, CloseWorkOrderRequest,
    GetWorkOrderRequest, HandlingResult, ReturnReason, ReturnWorkOrderRequest,
    SubmitFeedbackRequest, UpholdReturnRequest, VerifyWorkOrderRequest, WorkOrderStatus,
};
use testkit::Db;
use tonic::Code;

use crate::county::{
    CHIEF, County, FOR_MEMBERS, FOR_THE_TEAM, MEMBER, REPORTER, SECOND, TOWNSHIP, refused, team,
};

crate::on_both_databases! {
    an_order_lives_from_routing_to_closing
    what_is_returned_goes_elsewhere_and_can_be_assigned_by_hand
    what_is_sent_back_is_done_again
    the_same_request_is_done_once
}

pub(crate) fn accept(id: &str, request: &str) -> AcceptWorkOrderRequest {
    AcceptWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        ..AcceptWorkOrderRequest::default()
    }
}

pub(crate) fn give_back(id: &str, request: &str) -> ReturnWorkOrderRequest {
    ReturnWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        reason: ReturnReason::NotOurRemit.into(),
        explanation: "不归我管".to_owned(),
        ..ReturnWorkOrderRequest::default()
    }
}

pub(crate) fn feedback(id: &str, request: &str) -> SubmitFeedbackRequest {
    SubmitFeedbackRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        result: HandlingResult::Solved.into(),
        text: "路灯已修好".to_owned(),
        photos_before: vec!["620821101203-before".to_owned()],
        photos_after: vec!["620821101203-after1".to_owned(), "620821101203-after2".to_owned()],
        ..SubmitFeedbackRequest::default()
    }
}

pub(crate) fn verify(id: &str, request: &str, passed: bool) -> VerifyWorkOrderRequest {
    VerifyWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        passed,
        found_true: true,
        text: "现场看过".to_owned(),
        ..VerifyWorkOrderRequest::default()
    }
}

pub(crate) fn close(id: &str, request: &str) -> CloseWorkOrderRequest {
    CloseWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        ..CloseWorkOrderRequest::default()
    }
}

pub(crate) fn assign(id: &str, request: &str, assignee: Assignee) -> AssignWorkOrderRequest {
    AssignWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        assignee: Some(assignee),
        ..AssignWorkOrderRequest::default()
    }
}

async fn an_order_lives_from_routing_to_closing(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    assert_eq!(order.status(), WorkOrderStatus::Routed);
    assert_eq!(order.assignee.unwrap().person_id, county.person(MEMBER).to_string());
    assert_eq!((order.limit.as_str(), order.urgency.as_str()), ("2wh", "normal"));
    // Monday 10:00 and two working hours: noon.
    assert_eq!(order.due - order.created_at, 2 * 3_600_000);
    assert_eq!(order.accept_due - order.created_at, 240 * 60_000);

    let mut member = county.member(MEMBER);
    let answer = member.accept_work_order(accept(id, "a")).await.unwrap().into_inner();
    assert_eq!(answer.version, 3);
    // Whoever accepted reads it at once.
    let request =
        GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: answer.position };
    let seen = member.get_work_order(request).await.unwrap().into_inner().work_order.unwrap();
    assert_eq!(seen.status(), WorkOrderStatus::Accepted);

    member.submit_feedback(feedback(id, "f")).await.unwrap();
    let own = member.verify_work_order(verify(id, "v", true)).await;
    refused(own, Code::PermissionDenied, "VERIFIER_IS_HANDLER");
    let other = county.member(SECOND).verify_work_order(verify(id, "v", true)).await;
    refused(other, Code::PermissionDenied, "NOT_A_VERIFIER");
    county.member(CHIEF).verify_work_order(verify(id, "v", true)).await.unwrap();
    county.operator(TOWNSHIP).close_work_order(close(id, "c")).await.unwrap();

    let got = county.get(id).await;
    let order = got.work_order.unwrap();
    assert_eq!(order.status(), WorkOrderStatus::Closed);
    assert_eq!((order.version, order.overdue), (6, false));
    assert_eq!(order.handler_id, county.person(MEMBER).to_string());
    let timeline: Vec<(&str, &str)> =
        got.timeline.iter().map(|entry| (entry.event.as_str(), entry.text.as_str())).collect();
    assert_eq!(
        timeline,
        [
            ("work_order_created", ""),
            ("work_order_routed", ""),
            ("work_order_accepted", ""),
            ("feedback_submitted", "路灯已修好"),
            ("work_order_verified", "现场看过"),
            ("work_order_closed", ""),
        ]
    );
    assert_eq!(got.timeline[3].photos_before, ["620821101203-before"]);
    assert_eq!(got.timeline[3].photos, ["620821101203-after1", "620821101203-after2"]);
    let portal = county.office(kernel::Role::Integrator, TOWNSHIP);
    let request = GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: None };
    let shown = portal.clone().get_work_order(request).await.unwrap().into_inner().timeline;
    assert!(shown.iter().all(|entry| entry.photos.is_empty() && entry.photos_before.is_empty()));
    assert_eq!(got.timeline[0].actor, "dispatch.order_accepted_cases");
    assert_eq!(got.timeline[3].actor, county.person(MEMBER).to_string());
}

pub(crate) fn uphold(id: &str, request: &str, to: Option<Assignee>) -> UpholdReturnRequest {
    UpholdReturnRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        assignee: to,
        ..UpholdReturnRequest::default()
    }
}

async fn what_is_returned_goes_elsewhere_and_can_be_assigned_by_hand(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    county.member(MEMBER).return_work_order(give_back(id, "r")).await.unwrap();
    let got = county.get(id).await;
    assert_eq!(got.timeline[2].text, "不归我管");
    assert_eq!(got.work_order.unwrap().status(), WorkOrderStatus::Returned, "the desk decides");
    county.operator(TOWNSHIP).uphold_return(uphold(id, "u", None)).await.unwrap();
    let order = county.get(id).await.work_order.unwrap();
    assert_eq!(order.status(), WorkOrderStatus::Routed);
    assert_eq!(order.assignee.unwrap().person_id, county.person(SECOND).to_string());

    let to_team = || Assignee { organisation_id: team().to_string(), person_id: String::new() };
    county.operator(TOWNSHIP).assign_work_order(assign(id, "m", to_team())).await.unwrap();
    let late = county.member(SECOND).accept_work_order(accept(id, "a")).await;
    refused(late, Code::PermissionDenied, "NOT_THE_ASSIGNEE");
    county.clerk(&team()).accept_work_order(accept(id, "a")).await.unwrap();
    let order = county.get(id).await.work_order.unwrap();
    assert_eq!(order.routing_rule, "manual");
    assert_eq!(order.status(), WorkOrderStatus::Accepted);
}

async fn what_is_sent_back_is_done_again(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    assert_eq!(order.assignee.unwrap().organisation_id, team().to_string());
    let mut clerk = county.clerk(&team());
    clerk.accept_work_order(accept(id, "a")).await.unwrap();
    clerk.submit_feedback(feedback(id, "f1")).await.unwrap();
    // Who reported the case may verify it, from the grid.
    let mut reporter = county.member(REPORTER);
    reporter.verify_work_order(verify(id, "v1", false)).await.unwrap();
    clerk.submit_feedback(feedback(id, "f2")).await.unwrap();
    reporter.verify_work_order(verify(id, "v2", true)).await.unwrap();
    let history = county.history(id).await;
    assert_eq!(
        history[3..],
        ["feedback_submitted", "work_order_sent_back", "feedback_submitted", "work_order_verified"]
    );
}

async fn the_same_request_is_done_once(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let mut member = county.member(MEMBER);
    let first = member.accept_work_order(accept(id, "a")).await.unwrap().into_inner();
    member.submit_feedback(feedback(id, "f")).await.unwrap();
    let again = member.accept_work_order(accept(id, "a")).await.unwrap().into_inner();
    assert_eq!((first.version, first.position), (again.version, again.position));
    let other = SubmitFeedbackRequest { text: "别的".to_owned(), ..feedback(id, "f") };
    refused(member.submit_feedback(other).await, Code::AlreadyExists, "REQUEST_ID_REUSED");
    assert_eq!(county.history(id).await.len(), 4);
    assert_eq!(county.get(id).await.timeline[3].text, "路灯已修好");
}
