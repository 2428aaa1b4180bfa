//! More time, and time that stands still.

use std::time::Duration;

use api::dispatch::v1::{
    DecideExtensionRequest, ExtendWorkOrderRequest, ResumeWorkOrderRequest,
    SuspendWorkOrderRequest, SuspensionReason, WorkOrderStatus,
};
use kernel::Timestamp;
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{County, FOR_MEMBERS, FOR_THE_TEAM, MEMBER, TOWNSHIP, refused, team},
    orders::accept,
};

crate::on_both_databases! {
    more_time_is_asked_in_time_and_granted_from_above
    a_clock_that_stood_still_has_as_much_left_as_it_had
}

const HOUR: i64 = 3_600_000;

fn extend(id: &str, request: &str, limit: &str) -> ExtendWorkOrderRequest {
    ExtendWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        limit: limit.to_owned(),
        explanation: "等配件".to_owned(),
        ..ExtendWorkOrderRequest::default()
    }
}

fn decide(id: &str, request: &str, granted: bool) -> DecideExtensionRequest {
    DecideExtensionRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        granted,
        explanation: if granted { String::new() } else { "时间足够".to_owned() },
        ..DecideExtensionRequest::default()
    }
}

async fn more_time_is_asked_in_time_and_granted_from_above(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let mut clerk = county.clerk(&team());
    let early = clerk.extend_work_order(extend(id, "e0", "1wd")).await;
    refused(early, Code::FailedPrecondition, "ORDER_NOT_ACCEPTED");
    clerk.accept_work_order(accept(id, "a")).await.unwrap();
    let long = clerk.extend_work_order(extend(id, "e1", "11wd")).await;
    refused(long, Code::FailedPrecondition, "EXTENSION_TOO_LONG");
    refused(
        clerk.extend_work_order(extend(id, "e2", "soon")).await,
        Code::InvalidArgument,
        "limit",
    );
    clerk.extend_work_order(extend(id, "e3", "2wd")).await.unwrap();
    assert_eq!(county.get(id).await.work_order.unwrap().asks, "extension");

    // The team is the township's: its own desk does not grant what the county must.
    let own = county.operator(TOWNSHIP).decide_extension(decide(id, "d", true)).await;
    refused(own, Code::PermissionDenied, "NEEDS_UPPER_TIER");
    let mut above = county.operator("620821");
    above.decide_extension(decide(id, "d1", false)).await.unwrap();
    clerk.extend_work_order(extend(id, "e4", "1wd")).await.unwrap();
    above.decide_extension(decide(id, "d2", true)).await.unwrap();
    let extended = county.get(id).await.work_order.unwrap();
    // Three working days from Monday end on Thursday; one more on Friday.
    assert_eq!(extended.due - order.due, 24 * HOUR);
    assert_eq!((extended.extensions, extended.asks.as_str()), (1, ""));

    county.suite.clock().set(Timestamp(extended.due));
    let late = clerk.extend_work_order(extend(id, "e5", "1wd")).await;
    refused(late, Code::FailedPrecondition, "EXTENSION_TOO_LATE");
}

async fn a_clock_that_stood_still_has_as_much_left_as_it_had(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    county.member(MEMBER).accept_work_order(accept(id, "a")).await.unwrap();
    let mut desk = county.operator(TOWNSHIP);
    let suspend = |request: &str, reason: SuspensionReason| SuspendWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        reason: reason.into(),
        explanation: "大雨".to_owned(),
        ..SuspendWorkOrderRequest::default()
    };
    let unstated = desk.suspend_work_order(suspend("s0", SuspensionReason::Unspecified)).await;
    refused(unstated, Code::InvalidArgument, "reason");
    // Monday 10:00 with two working hours: half an hour is used up.
    county.suite.clock().advance(Duration::from_mins(30));
    desk.suspend_work_order(suspend("s1", SuspensionReason::Weather)).await.unwrap();
    let stopped = county.get(id).await.work_order.unwrap();
    assert_eq!((stopped.status(), stopped.asks.as_str()), (WorkOrderStatus::Suspended, "weather"));

    // It would have been due at noon: nothing rings while another order's clock does.
    county.suite.clock().advance(Duration::from_hours(26));
    let other = county.order("c2", FOR_MEMBERS).await;
    county.suite.clock().set(Timestamp(other.accept_due));
    let overdue = async || county.get(&other.work_order_id).await.work_order.unwrap().overdue;
    until("the other order is late", overdue).await;
    assert!(!county.get(id).await.work_order.unwrap().overdue);

    // Tuesday 16:30 and an hour and a half left: 18:00.
    let resume = ResumeWorkOrderRequest {
        request_id: "r".to_owned(),
        work_order_id: id.to_owned(),
        ..ResumeWorkOrderRequest::default()
    };
    let resumed_at = order.created_at + 30 * HOUR + HOUR / 2;
    county.suite.clock().set(Timestamp(resumed_at));
    desk.resume_work_order(resume).await.unwrap();
    let resumed = county.get(id).await.work_order.unwrap();
    assert_eq!(resumed.status(), WorkOrderStatus::Accepted);
    assert_eq!(resumed.due, resumed_at + HOUR + HOUR / 2);
}
