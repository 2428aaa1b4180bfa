//! A case that is reopened is handled anew, by an order of its own.

use api::dispatch::v1::{ListWorkOrdersRequest, WorkOrder, WorkOrderStatus};
use contracts::{
    intake::{CaseEvent, CaseReopened, Urgency},
    subject,
};
use kernel::{Clock as _, id::CaseId};
use testkit::Db;

use crate::{
    county::{CHIEF, County, FOR_MEMBERS, FOR_THE_TEAM, GRID, MEMBER, REPORTER, TOWNSHIP, VILLAGE},
    orders::{accept, close, feedback, verify},
};

crate::on_both_databases! {
    a_reopened_case_gets_another_order_once
    a_list_of_what_is_mine_and_open_holds_no_more
}

/// Intake takes the case up again.
async fn reopens(county: &County, case: &CaseId, round: u32) {
    let now = county.suite.clock().now();
    let reopened = CaseEvent::from(CaseReopened {
        occurred_at: now,
        case: case.clone(),
        reporter: county.person(REPORTER),
        by: county.person(REPORTER),
        round,
        category: FOR_MEMBERS.parse().unwrap(),
        catalogue_version: 1,
        urgency: Urgency::Urgent,
        division: VILLAGE.parse().unwrap(),
        grid: Some(GRID.parse().unwrap()),
        first_reported_at: now,
        reason: None,
    });
    county.suite.append(&subject::case(case), &case.to_string(), &[reopened]).await;
    county.suite.settled().await;
}

async fn of_case(county: &County, case: &CaseId) -> Vec<WorkOrder> {
    let request = ListWorkOrdersRequest {
        case_id: case.to_string(),
        order_by: "created_at desc".to_owned(),
        ..ListWorkOrdersRequest::default()
    };
    county.suite.settled().await;
    let mut operator = county.operator(TOWNSHIP);
    operator.list_work_orders(request).await.unwrap().into_inner().work_orders
}

async fn a_reopened_case_gets_another_order_once(db: Db) {
    let county = County::start(db).await;
    let first = county.order("c1", FOR_MEMBERS).await;
    let (id, case) = (first.work_order_id.as_str(), first.case_id.parse::<CaseId>().unwrap());
    assert_eq!(first.round, 1);
    let mut member = county.member(MEMBER);
    member.accept_work_order(accept(id, "a")).await.unwrap();
    member.submit_feedback(feedback(id, "f")).await.unwrap();
    county.member(CHIEF).verify_work_order(verify(id, "v", true)).await.unwrap();
    county.operator(TOWNSHIP).close_work_order(close(id, "c")).await.unwrap();

    county.suite.clock().advance(std::time::Duration::from_mins(1));
    reopens(&county, &case, 2).await;
    county.suite.clock().advance(std::time::Duration::from_mins(1));
    reopens(&county, &case, 3).await;
    let orders = of_case(&county, &case).await;
    let seen: Vec<(u32, WorkOrderStatus)> =
        orders.iter().map(|order| (order.round, order.status())).collect();
    let (routed, closed) = (WorkOrderStatus::Routed, WorkOrderStatus::Closed);
    assert_eq!(seen, [(3, routed), (2, routed), (1, closed)]);
    // Its own clocks, and somebody to handle it.
    assert_eq!(orders[0].accept_due - orders[0].created_at, 30 * 60_000);
    assert!(!orders[0].assignee.as_ref().unwrap().person_id.is_empty());
    let head = county.suite.head().await;

    let county = County { suite: county.suite.restart_without_databases().await };
    assert_eq!(of_case(&county, &case).await, orders, "what is read again is done once");
    assert_eq!(county.suite.head().await, head);
}

async fn a_list_of_what_is_mine_and_open_holds_no_more(db: Db) {
    let county = County::start(db).await;
    let member = county.order("c1", FOR_MEMBERS).await;
    let team = county.order("c2", FOR_THE_TEAM).await;
    let list = |assignee_me, open| ListWorkOrdersRequest {
        assignee_me,
        open,
        ..ListWorkOrdersRequest::default()
    };
    let mut grid = county.member(MEMBER);
    let mut clerk = county.clerk(&crate::county::team());
    let ids = |answer: api::dispatch::v1::ListWorkOrdersResponse| -> Vec<String> {
        answer.work_orders.into_iter().map(|order| order.work_order_id).collect()
    };
    let all = ids(grid.list_work_orders(list(false, false)).await.unwrap().into_inner());
    assert_eq!(all.len(), 2, "the member sees all of the grid");
    let own = ids(grid.list_work_orders(list(true, true)).await.unwrap().into_inner());
    assert_eq!(own, [member.work_order_id.as_str()]);
    let bodies = ids(clerk.list_work_orders(list(true, false)).await.unwrap().into_inner());
    assert_eq!(bodies, [team.work_order_id.as_str()]);
    let mut operator = county.operator(TOWNSHIP);
    let nothing = ids(operator.list_work_orders(list(true, false)).await.unwrap().into_inner());
    assert_eq!(nothing, [""; 0], "nothing is assigned to the desk's operator");

    let id = member.work_order_id.as_str();
    grid.accept_work_order(accept(id, "a")).await.unwrap();
    grid.submit_feedback(feedback(id, "f")).await.unwrap();
    county.member(CHIEF).verify_work_order(verify(id, "v", true)).await.unwrap();
    operator.close_work_order(close(id, "c")).await.unwrap();
    county.suite.settled().await;
    let open = ids(operator.list_work_orders(list(false, true)).await.unwrap().into_inner());
    assert_eq!(open, [team.work_order_id.as_str()]);
    let own = ids(grid.list_work_orders(list(true, true)).await.unwrap().into_inner());
    assert_eq!(own, [""; 0]);
    let closed = ids(grid.list_work_orders(list(true, false)).await.unwrap().into_inner());
    assert_eq!(closed, [id]);
}
