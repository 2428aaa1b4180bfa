//! Several who work on one order: two operators, a lead and its helpers, and who calls back.

use api::dispatch::v1::{
    AssignWorkOrderRequest, Assignee, AssistWorkOrderRequest, CallBackWorkOrderRequest,
    GetWorkOrderRequest, HandlingResult, ListWorkOrdersRequest, Said, SubmitAssistanceRequest,
    SubmitFeedbackRequest,
};
use testkit::Db;
use tonic::Code;

use crate::{
    county::{CHIEF, County, FOR_THE_TEAM, TOWNSHIP, centre, desk, refused, team},
    orders::{accept, assign, close, feedback, verify},
};

crate::on_both_databases! {
    of_two_operators_one_wins_and_the_other_is_told_what_changed
    helpers_see_the_order_and_the_lead_waits_for_their_parts
    the_reporter_is_called_back_after_the_closing
}

async fn of_two_operators_one_wins_and_the_other_is_told_what_changed(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let to = |body: String| Assignee { organisation_id: body, person_id: String::new() };
    let asked = |request: &str, body: String| AssignWorkOrderRequest {
        expected_version: order.version,
        ..assign(id, request, to(body))
    };
    let (mut one, mut other) = (county.operator(TOWNSHIP), county.operator("620821"));
    let (first, second) = tokio::join!(
        one.assign_work_order(asked("one", desk().to_string())),
        other.assign_work_order(asked("other", centre().to_string())),
    );
    let lost = match (first, second) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        both => unreachable!("one wins and one is told: {both:?}"),
    };
    let told = String::from_utf8_lossy(lost.details()).into_owned();
    assert!(told.contains("3 work_order_routed 620821"), "what happened, and by whom: {told:?}");
    refused::<()>(Err(lost), Code::Aborted, "ORDER_CHANGED");
    assert_eq!(county.history(id).await.len(), 3);
    // Without a version the state decides.
    county
        .operator(TOWNSHIP)
        .assign_work_order(assign(id, "m", to(team().to_string())))
        .await
        .unwrap();
}

async fn helpers_see_the_order_and_the_lead_waits_for_their_parts(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let get = || GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: None };
    let mut helper = county.clerk(&desk());
    refused(helper.get_work_order(get()).await, Code::NotFound, "NO_SUCH_WORK_ORDER");
    let name = |request: &str, ids: Vec<String>| AssistWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        organisation_ids: ids,
        ..AssistWorkOrderRequest::default()
    };
    let mut operator = county.operator(TOWNSHIP);
    let lead = operator.assist_work_order(name("n0", vec![team().to_string()])).await;
    refused(lead, Code::FailedPrecondition, "LEAD_CANNOT_ASSIST");
    operator.assist_work_order(name("n1", vec![desk().to_string()])).await.unwrap();
    county.suite.settled().await;
    let seen = helper.get_work_order(get()).await.unwrap().into_inner().work_order.unwrap();
    assert_eq!(seen.assistant_ids, [desk().to_string()]);
    let list = ListWorkOrdersRequest { assisting: true, ..ListWorkOrdersRequest::default() };
    let listed = helper.list_work_orders(list.clone()).await.unwrap().into_inner().work_orders;
    assert_eq!(listed.len(), 1);
    let elsewhere = county.clerk(&centre()).list_work_orders(list).await.unwrap().into_inner();
    assert!(elsewhere.work_orders.is_empty());

    let mut lead = county.clerk(&team());
    lead.accept_work_order(accept(id, "a")).await.unwrap();
    let early = lead.submit_feedback(feedback(id, "f0")).await;
    refused(early, Code::FailedPrecondition, "ASSISTANCE_OPEN");
    refused(
        helper.submit_feedback(feedback(id, "f1")).await,
        Code::PermissionDenied,
        "NOT_THE_ASSIGNEE",
    );
    let part = SubmitAssistanceRequest {
        request_id: "h".to_owned(),
        work_order_id: id.to_owned(),
        result: HandlingResult::Solved.into(),
        text: "已封路".to_owned(),
        ..SubmitAssistanceRequest::default()
    };
    helper.submit_assistance(part).await.unwrap();
    let alone = SubmitFeedbackRequest { text: "已修复".to_owned(), ..feedback(id, "f2") };
    lead.submit_feedback(alone).await.unwrap();
    let timeline = county.get(id).await.timeline;
    let texts: Vec<_> = timeline.iter().map(|entry| entry.text.as_str()).collect();
    assert!(texts.contains(&"已封路"), "{texts:?}");
}

async fn the_reporter_is_called_back_after_the_closing(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let call = |request: &str, reached: bool| CallBackWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        reached,
        solved: Said::Yes.into(),
        text: "很满意".to_owned(),
        ..CallBackWorkOrderRequest::default()
    };
    let mut operator = county.operator(TOWNSHIP);
    let early = operator.call_back_work_order(call("b0", true)).await;
    refused(early, Code::FailedPrecondition, "ORDER_NOT_CLOSED");
    let mut clerk = county.clerk(&team());
    clerk.accept_work_order(accept(id, "a")).await.unwrap();
    clerk.submit_feedback(feedback(id, "f")).await.unwrap();
    county.member(CHIEF).verify_work_order(verify(id, "v", true)).await.unwrap();
    operator.close_work_order(close(id, "c")).await.unwrap();
    operator.call_back_work_order(call("b1", false)).await.unwrap();
    operator.call_back_work_order(call("b2", true)).await.unwrap();
    let again = operator.call_back_work_order(call("b3", true)).await;
    refused(again, Code::FailedPrecondition, "ORDER_CALLED_BACK");
    assert_eq!(county.get(id).await.timeline.last().unwrap().text, "很满意");
}
