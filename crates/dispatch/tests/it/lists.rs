//! Lists and watches.

use api::dispatch::v1::{
    Assignee, ListWorkOrdersRequest, ListWorkOrdersResponse, WatchWorkOrdersRequest,
    WorkOrderStatus,
};
use testkit::Db;
use tonic::Code;

use crate::{
    county::{
        Client, County, FOR_MEMBERS, FOR_THE_TEAM, MEMBER, OTHER_TOWNSHIP, SECOND, TOWNSHIP,
        refused, team,
    },
    orders::{accept, assign},
};

crate::on_both_databases! {
    a_list_has_every_order_once_in_order_and_in_scope
    a_watch_shows_what_changes_in_scope_and_nothing_else
}

async fn list(client: &mut Client, request: ListWorkOrdersRequest) -> ListWorkOrdersResponse {
    client.list_work_orders(request).await.unwrap().into_inner()
}

fn first() -> ListWorkOrdersRequest {
    ListWorkOrdersRequest { page_size: 2, ..ListWorkOrdersRequest::default() }
}

async fn a_list_has_every_order_once_in_order_and_in_scope(db: Db) {
    let county = County::start(db).await;
    let mut ids = Vec::new();
    for case in ["c1", "c2", "c3", "c4", "c5"] {
        ids.push(county.order(case, FOR_MEMBERS).await.work_order_id);
        county.suite.clock().advance(std::time::Duration::from_mins(1));
    }
    county.order_at("c6", FOR_THE_TEAM, OTHER_TOWNSHIP, None).await;
    let mut operator = county.operator(TOWNSHIP);
    for order_by in ["due", "created_at desc"] {
        let request = ListWorkOrdersRequest { order_by: order_by.to_owned(), ..first() };
        let mut listed = Vec::new();
        let mut page = list(&mut operator, request.clone()).await;
        loop {
            assert!(page.work_orders.len() <= 2);
            listed.extend(page.work_orders.into_iter().map(|order| order.work_order_id));
            if page.next_page_token.is_empty() {
                break;
            }
            let next =
                ListWorkOrdersRequest { page_token: page.next_page_token, ..request.clone() };
            page = list(&mut operator, next).await;
        }
        if order_by != "due" {
            listed.reverse();
        }
        assert_eq!(listed, ids, "{order_by}");
    }
    let page_token = list(&mut operator, first()).await.next_page_token;
    let other = ListWorkOrdersRequest { page_token, overdue: true, ..first() };
    refused(operator.list_work_orders(other).await, Code::InvalidArgument, "page_token");

    let mut member = county.member(MEMBER);
    let answer = member.accept_work_order(accept(&ids[3], "a")).await.unwrap().into_inner();
    let accepted = ListWorkOrdersRequest {
        status: WorkOrderStatus::Accepted.into(),
        min_position: answer.position,
        ..first()
    };
    let found = list(&mut county.member(SECOND), accepted.clone()).await.work_orders;
    assert_eq!(found.len(), 1, "another member of the grid sees it too");
    assert_eq!(found[0].work_order_id, ids[3]);
    let nothing = list(&mut county.clerk(&team()), accepted).await.work_orders;
    assert!(nothing.is_empty(), "the team has no part in it");
    for wrong in [
        ListWorkOrdersRequest { order_by: "urgency; --".to_owned(), ..first() },
        ListWorkOrdersRequest { status: 99, ..first() },
        ListWorkOrdersRequest { division: "6208211".to_owned(), ..first() },
        ListWorkOrdersRequest { case_id: "' OR 1=1".to_owned(), ..first() },
        ListWorkOrdersRequest { page_size: -1, ..first() },
        ListWorkOrdersRequest { page_token: "abc".to_owned(), ..first() },
    ] {
        let answer = operator.list_work_orders(wrong).await;
        refused(answer, Code::InvalidArgument, "INVALID_ARGUMENT");
    }
}

async fn a_watch_shows_what_changes_in_scope_and_nothing_else(db: Db) {
    let county = County::start(db).await;
    let watch = || WatchWorkOrdersRequest { division: String::new() };
    let mut township =
        county.operator(TOWNSHIP).watch_work_orders(watch()).await.unwrap().into_inner();
    let mut member = county.member(MEMBER).watch_work_orders(watch()).await.unwrap().into_inner();
    // Seen by neither, so that what comes first is what comes after.
    county.order_at("c1", FOR_THE_TEAM, OTHER_TOWNSHIP, None).await;
    let order = county.order("c2", FOR_MEMBERS).await;
    for watching in [&mut township, &mut member] {
        let seen = watching.message().await.unwrap().unwrap();
        assert_eq!(seen.work_order.unwrap(), order);
        assert!(seen.position.unwrap().sequence > 0);
    }
    county.member(MEMBER).accept_work_order(accept(&order.work_order_id, "a")).await.unwrap();
    let seen = township.message().await.unwrap().unwrap().work_order.unwrap();
    assert_eq!(seen.status(), WorkOrderStatus::Accepted);
    // It is given to another, who is elsewhere: whoever had it is told that it left, and no more.
    let second =
        Assignee { person_id: county.suite.person(SECOND).to_string(), ..Assignee::default() };
    let mut distant = county.member_of(MEMBER, "620821102200001");
    let mut near = distant.watch_work_orders(watch()).await.unwrap().into_inner();
    let order = county.order_at("c3", FOR_THE_TEAM, TOWNSHIP, None).await;
    let to_me = Assignee { person_id: county.suite.person(MEMBER).to_string(), ..second.clone() };
    let mut desk = county.operator(TOWNSHIP);
    desk.assign_work_order(assign(&order.work_order_id, "1", to_me)).await.unwrap();
    let came = near.message().await.unwrap().unwrap();
    assert_eq!(
        (came.work_order.unwrap().work_order_id, came.left),
        (order.work_order_id.clone(), String::new())
    );
    desk.assign_work_order(assign(&order.work_order_id, "2", second)).await.unwrap();
    let left = near.message().await.unwrap().unwrap();
    assert_eq!((left.work_order, left.left), (None, order.work_order_id));
}
