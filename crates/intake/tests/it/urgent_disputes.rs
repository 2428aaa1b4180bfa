//! A sign of violence in a mediation is an urgent case, once and in the same place.

use api::intake::v1::{CaseStatus, ListCasesRequest, Urgency};
use contracts::{
    dispatch::mediation::{MediationEvent, MediationTurnedUrgent},
    subject,
};
use kernel::{Clock as _, Role, id::WorkOrderId};
use testkit::Db;

use crate::ground::{GRID, Ground, VILLAGE};

on_both_databases! {
    a_sign_of_violence_is_an_urgent_case_once
}

async fn a_sign_of_violence_is_an_urgent_case_once(db: Db) {
    let ground = Ground::start(db).await;
    let order: WorkOrderId = format!("{VILLAGE}-quarrel").parse().unwrap();
    let turned = MediationEvent::from(MediationTurnedUrgent {
        occurred_at: ground.suite.clock().now(),
        work_order: order.clone(),
        case: format!("{VILLAGE}-case").parse().unwrap(),
        category: "0812".parse().unwrap(),
        division: VILLAGE.parse().unwrap(),
        grid: Some(GRID.parse().unwrap()),
        text: None,
        by: ground.suite.person(4),
    });
    ground.suite.append(&subject::mediation(&order), &order.to_string(), &[turned]).await;
    ground.suite.settled().await;
    let ground = Ground { suite: ground.suite.restart_without_databases().await };
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, "620821");
    let cases = desk.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases;
    assert_eq!(cases.len(), 1, "once, whatever is built anew");
    assert_eq!((cases[0].category.as_str(), cases[0].urgency()), ("0812", Urgency::Emergency));
    assert_eq!((cases[0].division.as_str(), cases[0].grid.as_str()), (VILLAGE, GRID));
    assert_eq!(cases[0].status(), CaseStatus::Accepted, "nobody has to look at it first");
}
