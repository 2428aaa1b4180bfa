//! An order that becomes several, and a process that dies in the middle of it.

use api::dispatch::v1::{
    Assignee, Child, ListWorkOrdersRequest, SplitWorkOrderRequest, WithdrawWorkOrderRequest,
    WorkOrder, WorkOrderStatus,
};
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{CHIEF, County, FOR_THE_TEAM, MEMBER, TOWNSHIP, desk, refused, team},
    orders::{accept, close, feedback, verify},
};

crate::on_both_databases! {
    the_whole_closes_with_its_parts
    a_split_that_dies_in_the_middle_is_completed_without_doubles
    the_parts_are_withdrawn_with_the_whole
}

#[expect(clippy::unnecessary_wraps, reason = "as requests have it")]
fn to_body(id: &str) -> Option<Assignee> {
    Some(Assignee { organisation_id: id.to_owned(), person_id: String::new() })
}

#[expect(clippy::unnecessary_wraps, reason = "as requests have it")]
fn to_person(county: &County, number: u128) -> Option<Assignee> {
    Some(Assignee { organisation_id: String::new(), person_id: county.person(number).to_string() })
}

fn split(county: &County, id: &str, request: &str) -> SplitWorkOrderRequest {
    let part = |assignee, instruction: &str| Child {
        assignee,
        instruction: instruction.to_owned(),
        ..Child::default()
    };
    SplitWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        children: vec![
            part(to_body(&team().to_string()), "清理河道"),
            part(to_person(county, MEMBER), "看护水闸"),
        ],
        ..SplitWorkOrderRequest::default()
    }
}

async fn parts_of(county: &County, id: &str) -> Vec<WorkOrder> {
    county.suite.settled().await;
    let request = ListWorkOrdersRequest {
        parent_id: id.to_owned(),
        min_position: Some(county.suite.head().await.into()),
        ..ListWorkOrdersRequest::default()
    };
    county.operator("620821").list_work_orders(request).await.unwrap().into_inner().work_orders
}

async fn the_whole_closes_with_its_parts(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let mut operator = county.operator(TOWNSHIP);
    let one = SplitWorkOrderRequest {
        children: split(&county, id, "s").children.into_iter().take(1).collect(),
        ..split(&county, id, "s0")
    };
    refused(operator.split_work_order(one).await, Code::InvalidArgument, "children");
    let answer = operator.split_work_order(split(&county, id, "s")).await.unwrap().into_inner();
    let whole = county.get(id).await.work_order.unwrap();
    assert_eq!((whole.status(), whole.children_open), (WorkOrderStatus::Split, 2));
    for part in &answer.child_ids {
        let part = county.get(part).await.work_order.unwrap();
        assert_eq!((part.due, part.parent_id.as_str()), (order.due, id), "the clock of the whole");
    }
    let first = county.get(&answer.child_ids[0]).await;
    assert_eq!(first.timeline[0].text, "清理河道");
    let again = operator.split_work_order(split(&county, &answer.child_ids[0], "s2")).await;
    refused(again, Code::FailedPrecondition, "CHILD_CANNOT_SPLIT");
    let handled = county.clerk(&team()).submit_feedback(feedback(id, "f")).await;
    refused(handled, Code::FailedPrecondition, "ORDER_SPLIT");

    let [first, second] = answer.child_ids.as_slice() else { unreachable!("two parts") };
    let mut clerk = county.clerk(&team());
    clerk.accept_work_order(accept(first, "a1")).await.unwrap();
    clerk.submit_feedback(feedback(first, "f1")).await.unwrap();
    let mut member = county.member(MEMBER);
    member.accept_work_order(accept(second, "a2")).await.unwrap();
    member.submit_feedback(feedback(second, "f2")).await.unwrap();
    for part in [first, second] {
        assert_eq!(county.get(id).await.work_order.unwrap().status(), WorkOrderStatus::Split);
        county.member(CHIEF).verify_work_order(verify(part, "v", true)).await.unwrap();
        operator.close_work_order(close(part, "c")).await.unwrap();
    }
    let history = county.history(id).await;
    assert_eq!(
        history[3..],
        ["child_work_order_ended", "child_work_order_ended", "work_order_closed"]
    );
}

async fn a_split_that_dies_in_the_middle_is_completed_without_doubles(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.clone();
    let request = split(&county, &id, "s");
    // Answered, and ended before or while the parts are made.
    let answer = county.operator(TOWNSHIP).split_work_order(request).await.unwrap().into_inner();
    let county = County { suite: county.suite.restart().await };
    until("both parts are there", async || parts_of(&county, &id).await.len() == 2).await;
    let county = County { suite: county.suite.restart_without_databases().await };
    let mut parts: Vec<_> =
        parts_of(&county, &id).await.into_iter().map(|part| part.work_order_id).collect();
    parts.sort();
    let mut asked = answer.child_ids;
    asked.sort();
    assert_eq!(parts, asked);
    for part in &parts {
        assert_eq!(county.history(part).await, ["work_order_created", "work_order_routed"]);
    }
}

async fn the_parts_are_withdrawn_with_the_whole(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let mut operator = county.operator(TOWNSHIP);
    let to_desk = Child { assignee: to_body(&desk().to_string()), ..Child::default() };
    let mut request = split(&county, id, "s");
    request.children.push(to_desk);
    let parts = operator.split_work_order(request).await.unwrap().into_inner().child_ids;
    let withdraw = WithdrawWorkOrderRequest {
        request_id: "w".to_owned(),
        work_order_id: id.to_owned(),
        explanation: "重复交办".to_owned(),
        ..WithdrawWorkOrderRequest::default()
    };
    operator.withdraw_work_order(withdraw).await.unwrap();
    for part in &parts {
        until("the part is withdrawn", async || {
            let part = county.get(part).await.work_order.unwrap();
            part.status() == WorkOrderStatus::Withdrawn
        })
        .await;
    }
    let back = api::dispatch::v1::ReinstateWorkOrderRequest {
        request_id: "b".to_owned(),
        work_order_id: id.to_owned(),
        ..api::dispatch::v1::ReinstateWorkOrderRequest::default()
    };
    operator.reinstate_work_order(back).await.unwrap();
    for part in &parts {
        until("the part is back", async || {
            county.get(part).await.work_order.unwrap().status() == WorkOrderStatus::Routed
        })
        .await;
    }
    assert_eq!(county.get(id).await.work_order.unwrap().status(), WorkOrderStatus::Split);
}
