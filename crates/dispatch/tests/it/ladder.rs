//! Up the tiers: asked for, by rule, and reminded of.

use std::time::Duration;

use api::dispatch::v1::{EscalateWorkOrderRequest, RemindWorkOrderRequest, WorkOrderStatus};
use kernel::{Role, Timestamp};
use platform::auth::scope::ScopeParts;
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{County, FOR_MEMBERS, FOR_NOBODY, MEMBER, REPORTER, SECOND, centre, desk, refused},
    orders::accept,
};

crate::on_both_databases! {
    whoever_has_it_asks_for_the_tier_above
    a_late_order_climbs_once_a_tier_also_after_a_restart
    what_nobody_has_climbs_as_well
    the_reporter_reminds_once_a_day
}

const MINUTE: i64 = 60_000;

/// How many times an order has climbed.
async fn climbs(county: &County, id: &str) -> usize {
    let history = county.history(id).await;
    history.iter().filter(|event| *event == "work_order_escalated").count()
}

async fn whoever_has_it_asks_for_the_tier_above(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let escalate = |request: &str| EscalateWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        explanation: "村里办不了".to_owned(),
        ..EscalateWorkOrderRequest::default()
    };
    let other = county.member(SECOND).escalate_work_order(escalate("o")).await;
    refused(other, Code::PermissionDenied, "NOT_THE_ASSIGNEE");
    county.member(MEMBER).escalate_work_order(escalate("e1")).await.unwrap();
    let climbed = county.get(id).await.work_order.unwrap();
    assert_eq!((climbed.tier.as_str(), climbed.status()), ("township", WorkOrderStatus::Routed));
    assert_eq!(climbed.assignee.unwrap().organisation_id, desk().to_string());
    let mut above = county.operator("620821");
    above.escalate_work_order(escalate("e2")).await.unwrap();
    let climbed = county.get(id).await.work_order.unwrap();
    assert_eq!(climbed.assignee.unwrap().organisation_id, centre().to_string());
    // The prefecture is told, and the county keeps it.
    above.escalate_work_order(escalate("e3")).await.unwrap();
    let climbed = county.get(id).await.work_order.unwrap();
    assert_eq!(climbed.assignee.unwrap().organisation_id, centre().to_string());
    let further = above.escalate_work_order(escalate("e4")).await;
    refused(further, Code::FailedPrecondition, "NO_TIER_ABOVE");
}

async fn a_late_order_climbs_once_a_tier_also_after_a_restart(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.clone();
    county.member(MEMBER).accept_work_order(accept(&id, "a")).await.unwrap();
    // A day late is a tier, by the defaults.
    county.suite.clock().set(Timestamp(order.due + 1_440 * MINUTE));
    until("it climbs", async || climbs(&county, &id).await == 1).await;
    let county = County { suite: county.suite.restart_without_databases().await };
    let climbed = county.get(&id).await.work_order.unwrap();
    assert_eq!(climbed.assignee.unwrap().organisation_id, desk().to_string());
    county.suite.clock().set(Timestamp(order.due + 4_320 * MINUTE));
    until("it climbs again", async || climbs(&county, &id).await == 2).await;
    let county = County { suite: county.suite.restart().await };
    county.suite.clock().advance(Duration::from_hours(200));
    // Another order shows that the ladder was looked at since.
    let other = county.order("c2", FOR_MEMBERS).await;
    county.suite.clock().set(Timestamp(other.accept_due + 1_440 * MINUTE));
    until("the other climbs", async || climbs(&county, &other.work_order_id).await >= 1).await;
    assert_eq!(climbs(&county, &id).await, 2, "once a tier, and no further than the list says");
}

async fn what_nobody_has_climbs_as_well(db: Db) {
    let county = County::without_anybody(db).await;
    let order = county.order("c1", FOR_NOBODY).await;
    let id = order.work_order_id.as_str();
    assert_eq!(order.assignee.unwrap().organisation_id, "");
    county.suite.clock().set(Timestamp(order.accept_due + 1_440 * MINUTE));
    until("it climbs", async || climbs(&county, id).await >= 1).await;
}

async fn the_reporter_reminds_once_a_day(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let remind = |request: &str, id: &str, case: &str| RemindWorkOrderRequest {
        request_id: request.to_owned(),
        work_order_id: id.to_owned(),
        case_id: case.to_owned(),
        ..RemindWorkOrderRequest::default()
    };
    let mut resident = county.as_resident(REPORTER);
    resident.remind_work_order(remind("r1", "", &order.case_id)).await.unwrap();
    let again = resident.remind_work_order(remind("r2", id, "")).await;
    refused(again, Code::FailedPrecondition, "REMINDED_TODAY");
    county.suite.clock().advance(Duration::from_hours(24));
    county.as_resident(REPORTER).remind_work_order(remind("r3", id, "")).await.unwrap();
    // Somebody else's order is not theirs, there or not.
    let mut stranger = county.resident();
    for (id, case) in [(id, ""), ("620821101203-nothing", ""), ("", order.case_id.as_str())] {
        let answer = stranger.remind_work_order(remind("s", id, case)).await;
        refused(answer, Code::PermissionDenied, "OUT_OF_SCOPE");
    }
    county.operator("620821").remind_work_order(remind("d", id, "")).await.unwrap();
    let got = county.get(id).await;
    let order_now = got.work_order.unwrap();
    assert_eq!((order_now.reminders, order_now.due), (3, order.due), "no clock is moved");
    let from_above = |data: &str| data.contains("upper_tier");
    assert!(got.timeline.iter().any(|entry| from_above(&entry.data)));
}

impl County {
    /// Somebody as the resident that they are beside their office.
    fn as_resident(&self, number: u128) -> crate::county::Client {
        let bearer =
            self.suite.bearer_for(&self.person(number), Role::Resident, ScopeParts::default());
        self.client(bearer)
    }
}
