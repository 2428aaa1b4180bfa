//! Orders follow their cases: merged and apart again, taken back, and asked about.

use std::time::Duration;

use api::dispatch::v1::WorkOrderStatus;
use contracts::{
    intake::{
        CaseEvent, CaseMerged, CaseUnmerged, CaseWithdrawn, InformationAdded, InformationRequested,
    },
    subject,
};
use kernel::{Clock as _, id::CaseId};
use testkit::Db;

use crate::{
    county::{County, FOR_MEMBERS, GRID, MEMBER, REPORTER, VILLAGE},
    orders::accept,
};

crate::on_both_databases! {
    a_merged_case_needs_no_order_and_has_it_back_when_it_is_apart
    what_is_merged_before_its_order_is_made_has_none_to_do
    the_clock_waits_for_the_reporter
}

impl County {
    async fn happens(&self, case: &CaseId, event: impl Into<CaseEvent>) {
        self.suite.append(&subject::case(case), &case.to_string(), &[event.into()]).await;
        self.suite.settled().await;
    }

    fn merged(&self, case: &CaseId) -> CaseMerged {
        CaseMerged {
            occurred_at: self.suite.clock().now(),
            case: case.clone(),
            into: "620821101203-first".parse().unwrap(),
            by: self.person(70),
            reason: None,
        }
    }
}

async fn a_merged_case_needs_no_order_and_has_it_back_when_it_is_apart(db: Db) {
    let county = County::start(db).await;
    let case = county.accepts("c1", FOR_MEMBERS, VILLAGE, Some(GRID)).await;
    let order = county.order_of(&case).await;
    let id = order.work_order_id.as_str();
    county.member(MEMBER).accept_work_order(accept(id, "a")).await.unwrap();
    county.happens(&case, county.merged(&case)).await;
    assert_eq!(county.get(id).await.work_order.unwrap().status(), WorkOrderStatus::Withdrawn);
    let apart = CaseUnmerged {
        occurred_at: county.suite.clock().now(),
        case: case.clone(),
        from: "620821101203-first".parse().unwrap(),
        by: county.person(70),
        reason: None,
    };
    county.happens(&case, apart).await;
    let back = county.get(id).await.work_order.unwrap();
    assert_eq!((back.status(), back.due), (WorkOrderStatus::Accepted, order.due));

    let withdrawn = CaseWithdrawn {
        occurred_at: county.suite.clock().now(),
        case: case.clone(),
        by: county.person(REPORTER),
        reason: None,
    };
    county.happens(&case, withdrawn).await;
    let county = County { suite: county.suite.restart_without_databases().await };
    assert_eq!(
        county.history(id).await[2..],
        [
            "work_order_accepted",
            "work_order_withdrawn",
            "work_order_reinstated",
            "work_order_withdrawn"
        ]
    );
}

async fn what_is_merged_before_its_order_is_made_has_none_to_do(db: Db) {
    let county = County::start(db).await;
    // The catalogue does not have the category yet: the order waits for it, the case does not.
    let case = county.accepts("c1", "0909", VILLAGE, Some(GRID)).await;
    let merged = CaseEvent::from(county.merged(&case));
    county.suite.append(&subject::case(&case), &case.to_string(), &[merged]).await;
    county.defines("0909", contracts::intake::CategoryKind::Event, "d000", "2wh").await;
    let order = county.order_of(&case).await;
    assert_eq!(order.status(), WorkOrderStatus::Withdrawn);
}

async fn the_clock_waits_for_the_reporter(db: Db) {
    let county = County::start(db).await;
    let case = county.accepts("c1", FOR_MEMBERS, VILLAGE, Some(GRID)).await;
    let order = county.order_of(&case).await;
    let id = order.work_order_id.as_str();
    let clock = county.suite.clock();
    clock.advance(Duration::from_mins(30));
    let asked = InformationRequested {
        occurred_at: clock.now(),
        case: case.clone(),
        by: county.person(70),
        question: "620821101203-question".parse().unwrap(),
        answer_due: clock.now().plus_millis(86_400_000),
    };
    county.happens(&case, asked).await;
    let waiting = county.get(id).await.work_order.unwrap();
    assert_eq!(waiting.status(), WorkOrderStatus::Suspended);
    assert_eq!(waiting.asks, "awaiting_information");
    // Five hours later, at 15:30: an hour and a half is left.
    clock.advance(Duration::from_hours(5));
    let told = InformationAdded {
        occurred_at: clock.now(),
        case: case.clone(),
        by: county.person(REPORTER),
        text: "620821101203-more".parse().unwrap(),
        photos: Vec::new(),
    };
    county.happens(&case, told).await;
    let resumed = county.get(id).await.work_order.unwrap();
    assert_eq!(resumed.status(), WorkOrderStatus::Routed);
    assert_eq!(resumed.due, clock.now().0 + 90 * 60_000);
}
