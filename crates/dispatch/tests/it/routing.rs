//! Where orders go.

use api::dispatch::v1::{Assignee, ExplainRoutingRequest, WorkOrderStatus};
use contracts::intake::CategoryKind;
use testkit::Db;
use tonic::Code;

use crate::{
    county::{
        County, FOR_MEMBERS, FOR_NOBODY, FOR_THE_TEAM, GRID, MEMBER, OTHER_TOWNSHIP, SECOND,
        TOWNSHIP, VILLAGE, centre, desk, refused,
    },
    orders::{accept, assign},
};

crate::on_both_databases! {
    without_a_body_in_charge_it_goes_to_the_desk_of_the_place
    without_anybody_an_operator_gives_it_to_somebody
    routing_is_explained
    a_case_waits_for_its_category
}

async fn without_a_body_in_charge_it_goes_to_the_desk_of_the_place(db: Db) {
    let county = County::start(db).await;
    let here = county.order("c1", FOR_NOBODY).await;
    assert_eq!(here.routing_rule, "desk");
    assert_eq!(here.assignee.unwrap().organisation_id, desk().to_string());
    let there = county.order_at("c2", FOR_THE_TEAM, OTHER_TOWNSHIP, None).await;
    assert_eq!(there.assignee.unwrap().organisation_id, centre().to_string());
    county.clerk(&desk()).accept_work_order(accept(&here.work_order_id, "a")).await.unwrap();
}

async fn without_anybody_an_operator_gives_it_to_somebody(db: Db) {
    let county = County::without_anybody(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    assert_eq!(order.status(), WorkOrderStatus::Routed);
    assert_eq!(order.assignee, Some(Assignee::default()));
    let early = county.member(MEMBER).accept_work_order(accept(id, "a")).await;
    refused(early, Code::PermissionDenied, "NOT_THE_ASSIGNEE");
    let person_id = county.person(MEMBER).to_string();
    let to = Assignee { organisation_id: String::new(), person_id };
    county.operator(TOWNSHIP).assign_work_order(assign(id, "m", to)).await.unwrap();
    county.member(MEMBER).accept_work_order(accept(id, "b")).await.unwrap();
}

async fn routing_is_explained(db: Db) {
    let county = County::start(db).await;
    let first = county.order("c1", FOR_MEMBERS).await;
    let mut operator = county.operator(TOWNSHIP);
    let of_order = ExplainRoutingRequest {
        work_order_id: first.work_order_id,
        ..ExplainRoutingRequest::default()
    };
    let why = operator.explain_routing(of_order).await.unwrap().into_inner();
    let candidates: Vec<_> = why
        .candidates
        .into_iter()
        .map(|one| (one.assignee.unwrap().person_id, one.reason, one.open_orders))
        .collect();
    let (member, second) = (county.person(MEMBER).to_string(), county.person(SECOND).to_string());
    assert_eq!(why.rule, "grid_member");
    assert_eq!(
        candidates,
        [(member.clone(), "chosen".to_owned(), 0), (second, "next_in_line".to_owned(), 0)]
    );
    // Now the member has one open order.
    let mut now = ExplainRoutingRequest {
        category: FOR_MEMBERS.to_owned(),
        grid: GRID.to_owned(),
        ..ExplainRoutingRequest::default()
    };
    let would = operator.explain_routing(now.clone()).await.unwrap().into_inner();
    assert_eq!(would.candidates[0].assignee.as_ref().unwrap().person_id, member);
    assert_eq!(would.candidates[0].open_orders, 1);
    assert!(would.explanation_zh.contains("网格员"), "{}", would.explanation_zh);

    let elsewhere = county.operator(OTHER_TOWNSHIP).explain_routing(now.clone()).await;
    refused(elsewhere, Code::PermissionDenied, "OUT_OF_SCOPE");
    now.category = "99".to_owned();
    refused(operator.explain_routing(now).await, Code::NotFound, "NO_SUCH_CATEGORY");
    let empty = operator.explain_routing(ExplainRoutingRequest::default()).await;
    refused(empty, Code::InvalidArgument, "INVALID_ARGUMENT");
}

async fn a_case_waits_for_its_category(db: Db) {
    let county = County::start(db).await;
    let case = county.accepts("c1", "0401", VILLAGE, Some(GRID)).await;
    county.defines("0401", CategoryKind::Event, "d000", "1wd").await;
    let order = county.order_of(&case).await;
    assert_eq!((order.limit.as_str(), order.routing_rule.as_str()), ("1wd", "grid_member"));
}
