//! What is returned waits for the desk, and the second time for the county.

use api::dispatch::v1::{Assignee, RejectReturnRequest, ReturnWorkOrderRequest, WorkOrderStatus};
use testkit::Db;
use tonic::Code;

use crate::{
    county::{County, FOR_MEMBERS, MEMBER, SECOND, TOWNSHIP, desk, refused},
    orders::{accept, give_back, uphold},
};

crate::on_both_databases! {
    a_return_is_decided_by_the_desk_and_the_second_by_the_county
    a_rejected_return_leaves_the_order_with_whoever_had_it
}

fn reject(id: &str, request: &str) -> RejectReturnRequest {
    RejectReturnRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        explanation: "属于你单位职责".to_owned(),
        ..RejectReturnRequest::default()
    }
}

async fn a_return_is_decided_by_the_desk_and_the_second_by_the_county(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let mut township = county.operator(TOWNSHIP);
    let early = township.uphold_return(uphold(id, "e", None)).await;
    refused(early, Code::FailedPrecondition, "ORDER_NOT_RETURNED");

    let with_basis = ReturnWorkOrderRequest {
        basis: "《县级部门职责清单》第三条".to_owned(),
        ..give_back(id, "r1")
    };
    county.member(MEMBER).return_work_order(with_basis).await.unwrap();
    let text = &county.get(id).await.timeline[2].text;
    assert!(text.contains("不归我管") && text.contains("第三条"), "{text}");
    // By the rules it goes past whoever returned it.
    township.uphold_return(uphold(id, "u1", None)).await.unwrap();
    let upheld = county.get(id).await.work_order.unwrap();
    assert_eq!(upheld.assignee.unwrap().person_id, county.person(SECOND).to_string());
    assert_eq!((upheld.due, upheld.returns), (order.due, 1), "the clock did not stop");

    county.member(SECOND).return_work_order(give_back(id, "r2")).await.unwrap();
    let to_desk =
        || Some(Assignee { organisation_id: desk().to_string(), person_id: String::new() });
    let denied = Code::PermissionDenied;
    let second = township.uphold_return(uphold(id, "u2", to_desk())).await;
    refused(second, denied, "RETURN_NEEDS_COUNTY");
    refused(township.reject_return(reject(id, "j")).await, denied, "RETURN_NEEDS_COUNTY");
    county.operator("620821").uphold_return(uphold(id, "u2", to_desk())).await.unwrap();
    let order = county.get(id).await.work_order.unwrap();
    assert_eq!(order.assignee.unwrap().organisation_id, desk().to_string());
}

async fn a_rejected_return_leaves_the_order_with_whoever_had_it(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let mut member = county.member(MEMBER);
    member.accept_work_order(accept(id, "a")).await.unwrap();
    member.return_work_order(give_back(id, "r")).await.unwrap();
    county.operator(TOWNSHIP).reject_return(reject(id, "j")).await.unwrap();
    let got = county.get(id).await;
    assert_eq!(got.timeline.last().unwrap().text, "属于你单位职责");
    let again = got.work_order.unwrap();
    assert_eq!(again.status(), WorkOrderStatus::Accepted);
    assert_eq!((again.assignee, again.due), (order.assignee, order.due));
}
